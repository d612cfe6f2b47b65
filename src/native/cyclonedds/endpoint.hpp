// Publishers, subscriptions, clients, services and guards: all one opaque type on the other side of the ABI.
#pragma once
#include <dds/dds.h>

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "context.hpp"
#include "malformed.hpp"
#include "qd_transport.h"
#include "wait_set.hpp"

enum class qd_kind { publisher, subscription, client, service, guard };

struct qd_entity {
  explicit qd_entity(qd_kind k, qd_context *c, qd_node *n) : kind(k), context(c), node(n) {}
  ~qd_entity();

  const qd_kind kind;
  qd_context *const context;
  qd_node *const node;             // null: a guard
  qd::Waitable waitable;

  // What the kind does not use stays 0. Clients and services have both ways.
  dds_entity_t writer = 0, reader = 0, writer_topic = 0, reader_topic = 0;
  const ddsi_sertype *writer_type = nullptr, *reader_type = nullptr;
  qd::Guid writer_gid{}, reader_gid{};

  std::atomic<uint32_t> events{0};
  std::mutex mutex;                // guards what follows
  std::unordered_map<uint32_t, qd_event> last_events;
  std::unordered_map<dds_instance_handle_t, qd::Guid> gids;

  // Clients and services
  uint64_t client_id = 0;
  std::string peer_id;             // "clientid=…" or "serviceid=…" as announced
  int64_t both_matched_since = 0;
  std::array<uint32_t, 4> ready_with{};  // a client's match counts when its service was last found available; zeros: not yet
  std::unordered_set<uint64_t> answerable;  // routes of the clients that a service can answer
  std::array<uint32_t, 2> answerable_with{};  // how many clients had ever matched, and how many did, when those were found

  // Clients and services: what arrived, taken from the reader at once, so that the history depth that ROS announces (10) loses nothing to a slow caller.
  std::mutex inbox_mutex;          // innermost: the listener takes it on Cyclone's threads
  std::deque<qd_sample> inbox;
  qd::Malformed<dds_instance_handle_t> malformed;  // guarded by inbox_mutex
  void fill_inbox();
  bool is_for(const qd::Payload &reply) const;  // false: it answers another client

  int32_t create_writer(const std::string &topic, const std::string &type, const std::string &user_data, const qd_qos &qos);
  int32_t create_reader(const std::string &topic, const std::string &type, const std::string &user_data, const qd_qos &qos, bool ignore_local);
  int32_t announce();              // tells the graph, starts the listeners
  qd::Guid gid_of(dds_instance_handle_t publication);
};

namespace qd {

std::string type_hash_data(const qd_context *context, const char *hash);
int32_t check_endpoint(const char *what, const qd_node *node, const char *name, const char *type, const qd_qos *qos, qd_entity **out);

// Hands a finished endpoint over, or undoes it.
int32_t finish(std::unique_ptr<qd_entity> entity, int32_t result, qd_entity **out);

}  // namespace qd
