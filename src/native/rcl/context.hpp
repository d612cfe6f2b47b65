// A context is one rcl context; a node is an rcl node without rcl's own /rosout (the caller makes its own).
#pragma once
#include <rcl/rcl.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "qd_transport.h"
#include "wait_set.hpp"

struct qd_node {
  qd_context *context = nullptr;
  rcl_node_t handle = rcl_get_zero_initialized_node();
  std::atomic<int> children{0};
};

namespace qd {

using Gid = std::array<uint8_t, 16>;

// rcl tells of changes by a guard condition of its nodes; a thread waits for it and signals one waitable.
class Graph {
public:
  Waitable changed;

  void open(rcl_context_t *context);
  void close();
  void add(qd_node *node);
  void remove(qd_node *node);      // the node's handle is not used any more when this returns
  void bump();                     // something of our own has changed
  uint64_t version() const { return version_; }
  qd_graph *snapshot();

private:
  void restart();                  // mutex_ held
  void watch(const rcl_guard_condition_t *graph);

  rcl_context_t *context_ = nullptr;
  std::mutex mutex_;               // guards nodes_ and the thread
  std::list<qd_node *> nodes_;
  std::thread thread_;
  rcl_guard_condition_t interrupt_ = rcl_get_zero_initialized_guard_condition();
  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> version_{1};
};

// Unique within the machine with overwhelming probability: what has no gid in rmw's interface gets such a one.
Gid random_gid();

}  // namespace qd

struct qd_context {
  ~qd_context();
  int32_t open(const qd_context_options &options);

  rcl_context_t handle = rcl_get_zero_initialized_context();
  std::string enclave;
  qd::Gid gid{};
  std::atomic<int> children{0};
  qd::Graph graph;
};
