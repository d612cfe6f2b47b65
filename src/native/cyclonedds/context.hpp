// A context is one DDS participant with its graph; a node is a name under which endpoints are announced.
#pragma once
#include <dds/dds.h>

#include <array>
#include <atomic>
#include <list>
#include <mutex>
#include <string>
#include <vector>

#include "graph.hpp"
#include "payload_type.hpp"
#include "qd_transport.h"

struct qd_node {
  qd_context *context = nullptr;
  qd::NodeInfo info;               // guarded by the context's announce mutex
  std::atomic<int> children{0};
};

struct qd_context {
  ~qd_context();

  uint32_t domain_id = 0;
  bool domain_open = false;
  bool humble = false;
  std::string enclave;
  dds_entity_t participant = 0, publisher = 0, subscriber = 0;
  qd::Guid gid{};
  std::atomic<int> children{0};
  std::atomic<uint32_t> next_service_id{1};

  qd::Graph graph;

  // Adds or removes endpoints of a node (or the node itself) and publishes the participant's full state, in one order for all threads.
  int32_t announce(qd_node *node, const std::vector<qd::Guid> &add_readers, const std::vector<qd::Guid> &add_writers,
                   const std::vector<qd::Guid> &remove);
  int32_t add_node(qd_node *node);
  void remove_node(qd_node *node);

  int32_t open(const qd_context_options &options);

private:
  int32_t publish_state();         // announce_mutex_ held

  std::mutex announce_mutex_;
  std::list<qd_node *> nodes_;
  dds_entity_t info_topic_ = 0, info_writer_ = 0;
  const ddsi_sertype *info_type_ = nullptr;
};

namespace qd {

Guid guid_of(dds_entity_t entity);

// A dds_qos_t that deletes itself.
class Qos {
public:
  Qos() : qos_(dds_create_qos()) {}
  Qos(const Qos &) = delete;
  Qos &operator=(const Qos &) = delete;
  ~Qos() { dds_delete_qos(qos_); }
  operator dds_qos_t *() const { return qos_; }

private:
  dds_qos_t *qos_;
};

void set_user_data(dds_qos_t *qos, const std::string &text);

// The policies as rmw_cyclonedds_cpp sets them.
void fill_qos(dds_qos_t *qos, const qd_qos &from);
qd_qos read_qos(const dds_qos_t *qos);

}  // namespace qd
