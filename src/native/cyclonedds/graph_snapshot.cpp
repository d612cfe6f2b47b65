// The graph as plain structs for the other side of the ABI.
#include <cstring>
#include <deque>

#include "context.hpp"
#include "error.hpp"
#include "graph.hpp"
#include "live.hpp"
#include "names.hpp"

namespace {

struct Snapshot : qd_graph {
  std::deque<std::string> texts;   // never moves its elements
  std::vector<qd_graph_node> node_rows;
  std::vector<qd_graph_endpoint> endpoint_rows;
  std::vector<qd_graph_participant> participant_rows;

  const char *keep(std::string s)
  {
    texts.push_back(std::move(s));
    return texts.back().c_str();
  }
};

std::string printable(const std::string &s)
{
  std::string result;
  for (const char c : s)
    if (c >= ' ' && c <= '~') result += c;
  return result;
}

void copy(const qd::Guid &from, uint8_t to[16])
{
  std::memcpy(to, from.data(), 16);
}

}  // namespace

qd_graph *qd::Graph::snapshot()
{
  auto *s = new Snapshot();
  const std::lock_guard<std::mutex> lock(mutex_);
  drain();
  std::map<Guid, int32_t> owners;
  for (const auto &[gid, record] : participants_) {
    qd_graph_participant row{};
    copy(gid, row.gid);
    row.enclave = record.ros ? s->keep(record.enclave) : nullptr;
    row.user_data = s->keep(printable(record.user_data));
    s->participant_rows.push_back(row);
    const auto nodes = nodes_.find(gid);
    if (!record.ros || nodes == nodes_.end()) continue;
    for (const NodeInfo &node : nodes->second) {
      const auto index = static_cast<int32_t>(s->node_rows.size());
      qd_graph_node n{};
      n.name = s->keep(node.name);
      n.name_space = s->keep(node.name_space);
      n.enclave = row.enclave;
      copy(gid, n.participant_gid);
      s->node_rows.push_back(n);
      for (const Guid &g : node.readers) owners[g] = index;
      for (const Guid &g : node.writers) owners[g] = index;
    }
  }
  for (const auto &[gid, record] : endpoints_) {
    qd_graph_endpoint row{};
    const RosName ros = ros_name(record.topic, record.type, record.writes);
    row.kind = ros.kind;
    row.writes = record.writes;
    const auto owner = owners.find(gid);
    row.node = owner == owners.end() ? -1 : owner->second;
    row.name = ros.name.empty() ? nullptr : s->keep(ros.name);
    row.type = s->keep(ros.type);
    const auto values = parse_user_data(record.user_data);
    const auto hash = values.find("typehash");
    row.type_hash = hash == values.end() ? "" : s->keep(printable(hash->second));
    row.wire_topic = s->keep(record.topic);
    row.wire_type = s->keep(record.type);
    row.user_data = s->keep(printable(record.user_data));
    copy(gid, row.gid);
    copy(record.participant, row.participant_gid);
    row.qos = record.qos;
    s->endpoint_rows.push_back(row);
  }
  s->version = version_;
  s->malformed = malformed_.total();
  s->nodes = s->node_rows.data();
  s->node_count = s->node_rows.size();
  s->endpoints = s->endpoint_rows.data();
  s->endpoint_count = s->endpoint_rows.size();
  s->participants = s->participant_rows.data();
  s->participant_count = s->participant_rows.size();
  live.graphs++;
  return s;
}

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
  delete static_cast<Snapshot *>(graph);
  qd::live.graphs--;
}

int32_t qd_graph_take_malformed(qd_context *context, uint64_t *total, uint8_t (*gids)[16], int32_t capacity)
{
  return qd::guarded([&]() -> int32_t {
    if (!context || !total || !gids || capacity <= 0) return qd::fail(QD_EINVAL, "qd_graph_take_malformed: a context and places for the results are needed");
    const std::vector<qd::Guid> sources = context->graph.take_malformed(capacity, *total);
    for (size_t i = 0; i < sources.size(); i++) copy(sources[i], gids[i]);
    return static_cast<int32_t>(sources.size());
  });
}

uint64_t qd_graph_version(qd_context *context)
{
  return context ? context->graph.version() : 0;
}
