// Publishers, subscriptions, clients, services and guards: all one opaque type on the other side of the ABI.
#pragma once
#include <rcl/event.h>
#include <rcl/rcl.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "context.hpp"
#include "qd_transport.h"
#include "type_support.hpp"
#include "wait_set.hpp"

enum class qd_kind { publisher, subscription, client, service, guard };

namespace qd {

// One of an endpoint's status events.
struct Event {
  qd_entity *entity = nullptr;
  uint32_t kind = 0;
  bool open = false;
  rcl_event_t handle = rcl_get_zero_initialized_event();
  qd_event last{};
};

}  // namespace qd

struct qd_entity {
  explicit qd_entity(qd_kind k, qd_context *c, qd_node *n) : kind(k), context(c), node(n) {}
  ~qd_entity();

  const qd_kind kind;
  qd_context *const context;
  qd_node *const node;             // null: a guard
  qd::Waitable waitable;
  std::string name;
  qd::Gid gid{};

  // What the kind does not use stays as it is.
  rcl_publisher_t publisher = rcl_get_zero_initialized_publisher();
  rcl_subscription_t subscription = rcl_get_zero_initialized_subscription();
  rcl_client_t client = rcl_get_zero_initialized_client();
  rcl_service_t service = rcl_get_zero_initialized_service();
  qd::ServiceType types;

  std::atomic<uint32_t> pending{0};
  std::mutex mutex;                // guards the events
  std::array<qd::Event, 5> events;
  void open_events();
  void close_events();
};

namespace qd {

rmw_qos_profile_t to_rmw(const qd_qos &from);
qd_qos from_rmw(const rmw_qos_profile_t &from);
int32_t check_endpoint(const char *what, const qd_node *node, const char *name, const char *type, const qd_qos *qos, qd_entity **out);

// Hands a finished endpoint over, or undoes it.
int32_t finish(std::unique_ptr<qd_entity> entity, int32_t result, qd_entity **out);

// The callback of everything that can become ready: it signals and nothing else, because it runs on the middleware's threads.
void wake(const void *entity, size_t);

// A sample that owns a serialized message; takes the message over.
void fill_sample(qd_sample &sample, rcl_serialized_message_t &message, int64_t source, int64_t received);
int32_t take_call(qd_entity *entity, qd_sample &sample);  // clients and services; 1, 0 or a failure

}  // namespace qd
