#include <rcl/graph.h>
#include <rmw/topic_endpoint_info_array.h>

#include <cstring>
#include <deque>
#include <memory>
#include <stdexcept>
#include <map>
#include <vector>

#include "context.hpp"
#include "endpoint.hpp"
#include "error.hpp"
#include "live.hpp"
#include "rcl_error.hpp"

namespace qd {

void Graph::open(rcl_context_t *context)
{
  context_ = context;
  if (rcl_guard_condition_init(&interrupt_, context, rcl_guard_condition_get_default_options()) != RCL_RET_OK)
    throw std::runtime_error("a guard condition could not be created");
}

void Graph::close()
{
  const std::lock_guard<std::mutex> lock(mutex_);
  nodes_.clear();
  restart();
  if (interrupt_.impl) quiet(rcl_guard_condition_fini(&interrupt_));
}

void Graph::add(qd_node *node)
{
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    nodes_.push_back(node);
    if (nodes_.size() == 1) restart();
  }
  bump();
}

void Graph::remove(qd_node *node)
{
  const std::lock_guard<std::mutex> lock(mutex_);
  const bool watched = !nodes_.empty() && nodes_.front() == node;
  nodes_.remove(node);
  if (watched) restart();
}

void Graph::bump()
{
  version_++;
  changed.signal();
}

// The thread waits on the guard condition of the first node: whoever takes that node away must end the thread before.
void Graph::restart()
{
  if (thread_.joinable()) {
    stopping_ = true;
    quiet(rcl_trigger_guard_condition(&interrupt_));
    thread_.join();
    stopping_ = false;
  }
  if (nodes_.empty()) return;
  thread_ = std::thread([this, graph = rcl_node_get_graph_guard_condition(&nodes_.front()->handle)] { watch(graph); });
}

void Graph::watch(const rcl_guard_condition_t *graph)
{
  rcl_wait_set_t set = rcl_get_zero_initialized_wait_set();
  if (rcl_wait_set_init(&set, 0, 2, 0, 0, 0, 0, context_, rcl_get_default_allocator()) != RCL_RET_OK) return;
  while (!stopping_) {
    size_t index = 0;
    if (rcl_wait_set_clear(&set) != RCL_RET_OK || rcl_wait_set_add_guard_condition(&set, graph, &index) != RCL_RET_OK ||
        rcl_wait_set_add_guard_condition(&set, &interrupt_, nullptr) != RCL_RET_OK || rcl_wait(&set, -1) != RCL_RET_OK)
      break;
    if (set.guard_conditions[index]) bump();
  }
  quiet(rcl_wait_set_fini(&set));
}

namespace {

struct Snapshot : qd_graph {
  std::deque<std::string> texts;   // never moves its elements
  std::vector<qd_graph_node> node_rows;
  std::vector<qd_graph_endpoint> endpoint_rows;
  std::vector<qd_graph_participant> participant_rows;
  std::map<std::pair<std::string, std::string>, int32_t> index;

  const char *keep(std::string s)
  {
    texts.push_back(std::move(s));
    return texts.back().c_str();
  }

  int32_t node(const char *name_space, const char *name) const
  {
    const auto found = index.find({name_space, name});
    return found == index.end() ? -1 : found->second;
  }
};

// A participant is what DDS gids have in common: the first 12 bytes.
void participant_of(const uint8_t gid[16], uint8_t out[16])
{
  std::memcpy(out, gid, 12);
  std::memcpy(out + 12, "\x00\x00\x01\xc1", 4);
}

// What is on the wire, as DDS middlewares mangle it.
std::string wire_type(const std::string &type)
{
  const auto first = type.find('/'), second = type.find('/', first + 1);
  return second == std::string::npos ? type : type.substr(0, first) + "::" + type.substr(first + 1, second - first - 1) + "::dds_::" + type.substr(second + 1) + "_";
}

void add_nodes(const rcl_node_t *node, Snapshot &s)
{
  rcutils_string_array_t names = rcutils_get_zero_initialized_string_array(), spaces = names, enclaves = names;
  if (rcl_get_node_names_with_enclaves(node, rcl_get_default_allocator(), &names, &spaces, &enclaves) == RCL_RET_OK) {
    for (size_t i = 0; i < names.size; i++) {
      qd_graph_node row{};
      row.name = s.keep(names.data[i]);
      row.name_space = s.keep(spaces.data[i]);
      row.enclave = s.keep(enclaves.data[i]);
      s.index.emplace(std::make_pair(spaces.data[i], names.data[i]), static_cast<int32_t>(s.node_rows.size()));
      s.node_rows.push_back(row);
    }
  }
  for (auto *a : {&names, &spaces, &enclaves}) quiet(rcutils_string_array_fini(a));
}

void add_endpoint(const rmw_topic_endpoint_info_t &info, const std::string &topic, Snapshot &s)
{
  qd_graph_endpoint row{};
  row.writes = info.endpoint_type == RMW_ENDPOINT_PUBLISHER;
  row.kind = row.writes ? QD_GRAPH_PUBLISHER : QD_GRAPH_SUBSCRIPTION;
  row.node = s.node(info.node_namespace, info.node_name);
  row.name = s.keep(topic);
  row.type = s.keep(info.topic_type);
  row.type_hash = "";
#if QD_RCL_MAJOR >= 6
  char *hash = nullptr;
  const rcutils_allocator_t allocator = rcutils_get_default_allocator();
  if (info.topic_type_hash.version != 0 && rosidl_stringify_type_hash(&info.topic_type_hash, allocator, &hash) == RCUTILS_RET_OK) {
    row.type_hash = s.keep(hash);
    allocator.deallocate(hash, allocator.state);
  }
#endif
  row.wire_topic = s.keep("rt" + topic);
  row.wire_type = s.keep(wire_type(info.topic_type));
  row.user_data = *row.type_hash ? s.keep(std::string("typehash=") + row.type_hash + ";") : "";
  std::memcpy(row.gid, info.endpoint_gid, sizeof row.gid);
  participant_of(row.gid, row.participant_gid);
  row.qos = from_rmw(info.qos_profile);
  if (row.node >= 0) std::memcpy(s.node_rows[static_cast<size_t>(row.node)].participant_gid, row.participant_gid, sizeof row.participant_gid);
  s.endpoint_rows.push_back(row);
}

void add_topics(const rcl_node_t *node, Snapshot &s)
{
  rcl_allocator_t allocator = rcl_get_default_allocator();
  rcl_names_and_types_t topics = rcl_get_zero_initialized_names_and_types();
  if (rcl_get_topic_names_and_types(node, &allocator, false, &topics) != RCL_RET_OK) return;
  for (size_t i = 0; i < topics.names.size; i++) {
    const char *name = topics.names.data[i];
    for (const auto get : {rcl_get_publishers_info_by_topic, rcl_get_subscriptions_info_by_topic}) {
      rcl_topic_endpoint_info_array_t infos = rcl_get_zero_initialized_topic_endpoint_info_array();
      if (get(node, &allocator, name, false, &infos) == RCL_RET_OK)
        for (size_t k = 0; k < infos.size; k++) add_endpoint(infos.info_array[k], name, s);
      quiet(rcl_topic_endpoint_info_array_fini(&infos, &allocator));
    }
  }
  quiet(rcl_names_and_types_fini(&topics));
}

// rmw tells of services by name only: a client or service is two rows without gids.
void add_services(const rcl_node_t *node, Snapshot &s)
{
  rcl_allocator_t allocator = rcl_get_default_allocator();
  for (size_t n = 0; n < s.node_rows.size(); n++) {
    for (const int32_t kind : {QD_GRAPH_CLIENT, QD_GRAPH_SERVICE}) {
      rcl_names_and_types_t found = rcl_get_zero_initialized_names_and_types();
      const auto get = kind == QD_GRAPH_CLIENT ? rcl_get_client_names_and_types_by_node : rcl_get_service_names_and_types_by_node;
      if (get(node, &allocator, s.node_rows[n].name, s.node_rows[n].name_space, &found) == RCL_RET_OK) {
        for (size_t i = 0; i < found.names.size; i++) {
          for (const int32_t writes : {0, 1}) {
            const bool request = (kind == QD_GRAPH_CLIENT) == (writes == 1);
            qd_graph_endpoint row{};
            row.kind = kind;
            row.writes = writes;
            row.node = static_cast<int32_t>(n);
            row.name = s.keep(found.names.data[i]);
            row.type = s.keep(found.types[i].data[0]);
            row.type_hash = "";
            row.wire_topic = s.keep((request ? "rq" : "rr") + std::string(row.name) + (request ? "Request" : "Reply"));
            row.wire_type = s.keep(wire_type(std::string(row.type) + (request ? "_Request" : "_Response")));
            row.user_data = "";
            row.qos = from_rmw(rmw_qos_profile_services_default);
            s.endpoint_rows.push_back(row);
          }
        }
      }
      quiet(rcl_names_and_types_fini(&found));
    }
  }
}

void add_participants(Snapshot &s)
{
  std::map<Gid, int32_t> seen;
  for (const qd_graph_endpoint &e : s.endpoint_rows) {
    Gid gid;
    std::memcpy(gid.data(), e.participant_gid, gid.size());
    if (gid == Gid{} || !seen.emplace(gid, e.node).second) continue;
    qd_graph_participant row{};
    std::memcpy(row.gid, gid.data(), gid.size());
    row.enclave = e.node >= 0 ? s.node_rows[static_cast<size_t>(e.node)].enclave : nullptr;
    row.user_data = "";
    s.participant_rows.push_back(row);
  }
}

}  // namespace

qd_graph *Graph::snapshot()
{
  auto s = std::make_unique<Snapshot>();
  const std::lock_guard<std::mutex> lock(mutex_);
  s->version = version_;
  s->malformed = 0;
  if (!nodes_.empty()) {
    const rcl_node_t *node = &nodes_.front()->handle;
    add_nodes(node, *s);
    add_topics(node, *s);
    add_services(node, *s);
    add_participants(*s);
    rcl_reset_error();
  }
  s->nodes = s->node_rows.data();
  s->node_count = s->node_rows.size();
  s->endpoints = s->endpoint_rows.data();
  s->endpoint_count = s->endpoint_rows.size();
  s->participants = s->participant_rows.data();
  s->participant_count = s->participant_rows.size();
  live.graphs++;
  return s.release();
}

}  // namespace qd

// ---- ABI ----------------------------------------------------------------------------------------------------------------------------

int32_t qd_graph_get(qd_context *context, qd_graph **out)
{
  return qd::guarded([&]() -> int32_t {
    if (!context || !out) return qd::fail(QD_EINVAL, "qd_graph_get: a context and a place for the result are needed");
    *out = context->graph.snapshot();
    return QD_OK;
  });
}

void qd_graph_free(qd_graph *graph)
{
  if (!graph) return;
  delete static_cast<qd::Snapshot *>(graph);
  qd::live.graphs--;
}

// The middleware beneath rcl reads its announcements and headers itself, and does not tell.
int32_t qd_graph_take_malformed(qd_context *context, uint64_t *total, uint8_t (*gids)[16], int32_t capacity)
{
  if (!context || !total || !gids || capacity <= 0) return qd::fail(QD_EINVAL, "qd_graph_take_malformed: a context and places for the results are needed");
  *total = 0;
  return 0;
}

int32_t qd_take_malformed(qd_entity *entity, uint64_t *total, uint8_t (*gids)[16], int32_t capacity)
{
  if (!entity || !total || !gids || capacity <= 0) return qd::fail(QD_EINVAL, "qd_take_malformed: a client or service and places for the results are needed");
  *total = 0;
  return 0;
}

uint64_t qd_graph_version(qd_context *context)
{
  return context ? context->graph.version() : 0;
}
