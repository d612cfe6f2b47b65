#include "context.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include "domain.hpp"
#include "error.hpp"
#include "live.hpp"

namespace qd {

Live live;

Guid guid_of(dds_entity_t entity)
{
  dds_guid_t g{};
  Guid result{};
  if (dds_get_guid(entity, &g) == DDS_RETCODE_OK) std::memcpy(result.data(), g.v, result.size());
  return result;
}

void set_user_data(dds_qos_t *qos, const std::string &text)
{
  if (!text.empty()) dds_qset_userdata(qos, text.data(), text.size());
}

namespace {

dds_duration_t duration(int64_t ns) { return ns <= 0 || ns == QD_INFINITE ? DDS_INFINITY : ns; }

int64_t duration_back(dds_duration_t d) { return d == DDS_INFINITY ? QD_INFINITE : d; }

}  // namespace

void fill_qos(dds_qos_t *qos, const qd_qos &from)
{
  dds_qset_writer_data_lifecycle(qos, false);
  const bool keep_all = from.history == QD_HISTORY_KEEP_ALL;
  const auto history = keep_all ? DDS_HISTORY_KEEP_ALL : DDS_HISTORY_KEEP_LAST;
  const int32_t depth = keep_all ? DDS_LENGTH_UNLIMITED : from.depth > 0 ? from.depth : 1;
  dds_qset_history(qos, history, depth);
  const bool best_effort = from.reliability == QD_RELIABILITY_BEST_EFFORT;
  dds_qset_reliability(qos, best_effort ? DDS_RELIABILITY_BEST_EFFORT : DDS_RELIABILITY_RELIABLE, best_effort ? 0 : DDS_INFINITY);
  if (from.durability == QD_DURABILITY_TRANSIENT_LOCAL) {
    dds_qset_durability(qos, DDS_DURABILITY_TRANSIENT_LOCAL);
    // This, not the history, bounds what a late joiner gets.
    dds_qset_durability_service(qos, 0, history, depth, DDS_LENGTH_UNLIMITED, DDS_LENGTH_UNLIMITED, DDS_LENGTH_UNLIMITED);
  } else {
    dds_qset_durability(qos, DDS_DURABILITY_VOLATILE);
  }
  dds_qset_deadline(qos, duration(from.deadline_ns));
  dds_qset_lifespan(qos, duration(from.lifespan_ns));
  dds_qset_liveliness(qos, from.liveliness == QD_LIVELINESS_MANUAL_BY_TOPIC ? DDS_LIVELINESS_MANUAL_BY_TOPIC : DDS_LIVELINESS_AUTOMATIC,
                      duration(from.liveliness_lease_ns));
}

qd_qos read_qos(const dds_qos_t *qos)
{
  qd_qos result{};
  result.reliability = QD_RELIABILITY_UNKNOWN;
  result.durability = QD_DURABILITY_UNKNOWN;
  result.history = QD_HISTORY_UNKNOWN;
  result.liveliness = QD_LIVELINESS_UNKNOWN;
  result.deadline_ns = result.lifespan_ns = result.liveliness_lease_ns = QD_INFINITE;
  if (!qos) return result;
  dds_duration_t d;
  int32_t depth;
  if (dds_reliability_kind_t k; dds_qget_reliability(qos, &k, &d))
    result.reliability = k == DDS_RELIABILITY_RELIABLE ? QD_RELIABILITY_RELIABLE : QD_RELIABILITY_BEST_EFFORT;
  if (dds_durability_kind_t k; dds_qget_durability(qos, &k))
    result.durability = k == DDS_DURABILITY_VOLATILE ? QD_DURABILITY_VOLATILE
      : k == DDS_DURABILITY_TRANSIENT_LOCAL          ? QD_DURABILITY_TRANSIENT_LOCAL
                                                     : QD_DURABILITY_UNKNOWN;
  if (dds_history_kind_t k; dds_qget_history(qos, &k, &depth)) {
    result.history = k == DDS_HISTORY_KEEP_ALL ? QD_HISTORY_KEEP_ALL : QD_HISTORY_KEEP_LAST;
    result.depth = k == DDS_HISTORY_KEEP_ALL ? 0 : depth;
  }
  if (dds_liveliness_kind_t k; dds_qget_liveliness(qos, &k, &d)) {
    result.liveliness = k == DDS_LIVELINESS_AUTOMATIC ? QD_LIVELINESS_AUTOMATIC
      : k == DDS_LIVELINESS_MANUAL_BY_TOPIC           ? QD_LIVELINESS_MANUAL_BY_TOPIC
                                                      : QD_LIVELINESS_UNKNOWN;
    result.liveliness_lease_ns = duration_back(d);
  }
  if (dds_qget_deadline(qos, &d)) result.deadline_ns = duration_back(d);
  if (dds_qget_lifespan(qos, &d)) result.lifespan_ns = duration_back(d);
  return result;
}

}  // namespace qd

int32_t qd_context::open(const qd_context_options &options)
{
  enclave = options.enclave && *options.enclave ? options.enclave : "/";
  humble = options.humble != 0;
  const int32_t opened = qd::domain_acquire(options.domain_id, qd::domain_configuration(options));
  if (opened != QD_OK) return opened;
  domain_id = options.domain_id;
  domain_open = true;

  qd::Qos participant_qos;
  std::string escaped;
  for (const char c : enclave) escaped += c == ';' ? ";;" : std::string(1, c);
  qd::set_user_data(participant_qos, "enclave=" + escaped + ";");
  participant = dds_create_participant(domain_id, participant_qos, nullptr);
  if (participant < 0)
    return qd::fail_dds(("domain " + std::to_string(domain_id) + " has no room for another participant on this host, or the network refused").c_str(), participant);
  gid = qd::guid_of(participant);
  publisher = dds_create_publisher(participant, nullptr, nullptr);
  subscriber = dds_create_subscriber(participant, nullptr, nullptr);
  if (publisher < 0 || subscriber < 0) return qd::fail_dds("a publisher or subscriber could not be created", publisher < 0 ? publisher : subscriber);

  info_topic_ = qd::payload_topic(participant, "ros_discovery_info", "rmw_dds_common::msg::dds_::ParticipantEntitiesInfo_", nullptr, &info_type_);
  if (info_topic_ < 0) return qd::fail_dds("the topic ros_discovery_info could not be created", info_topic_);
  qd::Qos qos;
  qd::fill_qos(qos, {QD_RELIABILITY_RELIABLE, QD_DURABILITY_TRANSIENT_LOCAL, QD_HISTORY_KEEP_LAST, 1, 0, 1, 0, 0, 0});
  if (!humble) qd::set_user_data(qos, "typehash=RIHS01_91a0593bacdcc50ea9bdcf849a938b128412cc1ea821245c663bcd26f83c295e;");
  info_writer_ = dds_create_writer(publisher, info_topic_, qos, nullptr);
  if (info_writer_ < 0) return qd::fail_dds("the writer of ros_discovery_info could not be created", info_writer_);
  return graph.open(participant, subscriber, info_topic_, gid, humble);
}

qd_context::~qd_context()
{
  graph.changed.detach();
  graph.close();
  if (participant > 0) dds_delete(participant);
  if (domain_open) qd::domain_release(domain_id);
}

int32_t qd_context::publish_state()
{
  std::vector<const qd::NodeInfo *> rows;
  std::vector<qd::NodeInfo> copy;
  for (const qd_node *node : nodes_) {
    rows.push_back(&node->info);
    copy.push_back(node->info);
  }
  const std::vector<uint8_t> bytes = qd::encode_entities(gid, rows, humble);
  graph.set_own_nodes(std::move(copy));
  qd::Payload *p = qd::payload_new(info_type_, SDK_DATA, bytes.size());
  if (!p) return qd::fail(QD_ENOMEM, "out of memory");
  std::memcpy(p->data, bytes.data(), bytes.size());
  const dds_return_t r = qd::payload_write(info_writer_, p, bytes.size(), 0);
  return r == DDS_RETCODE_OK ? QD_OK : qd::fail_dds("ros_discovery_info could not be published", r);
}

int32_t qd_context::announce(qd_node *node, const std::vector<qd::Guid> &add_readers, const std::vector<qd::Guid> &add_writers,
                             const std::vector<qd::Guid> &remove)
{
  const std::lock_guard<std::mutex> lock(announce_mutex_);
  auto &[name_space, name, readers, writers] = node->info;
  readers.insert(readers.end(), add_readers.begin(), add_readers.end());
  writers.insert(writers.end(), add_writers.begin(), add_writers.end());
  for (const qd::Guid &g : remove) {
    readers.erase(std::remove(readers.begin(), readers.end(), g), readers.end());
    writers.erase(std::remove(writers.begin(), writers.end(), g), writers.end());
  }
  return publish_state();
}

int32_t qd_context::add_node(qd_node *node)
{
  const std::lock_guard<std::mutex> lock(announce_mutex_);
  nodes_.push_back(node);
  const int32_t r = publish_state();
  if (r != QD_OK) nodes_.remove(node);
  return r;
}

void qd_context::remove_node(qd_node *node)
{
  const std::lock_guard<std::mutex> lock(announce_mutex_);
  nodes_.remove(node);
  publish_state();
}

// ---- ABI ----------------------------------------------------------------------------------------------------------------------------

void qd_get_live_counts(qd_live_counts *out)
{
  if (!out) return;
  const qd::Live &l = qd::live;
  *out = {l.contexts, l.nodes, l.publishers, l.subscriptions, l.clients, l.services, l.guards, l.wait_sets, l.payloads, l.types, l.graphs};
}

int32_t qd_context_create(const qd_context_options *options, qd_context **out)
{
  return qd::guarded([&]() -> int32_t {
    if (!options || !out) return qd::fail(QD_EINVAL, "qd_context_create: options and a place for the result are needed");
    // A caller built against a later header has more fields, which are none of ours to read.
    if (options->size < sizeof *options) return qd::fail(QD_EINVAL, "qd_context_create: the options are smaller than this library's");
    if (options->domain_id > 232) return qd::fail(QD_EINVAL, "domain id " + std::to_string(options->domain_id) + " is outside 0..232");
    if (options->discovery < QD_DISCOVERY_SUBNET || options->discovery > QD_DISCOVERY_LOOPBACK)
      return qd::fail(QD_EINVAL, "qd_context_create: unknown discovery range");
    auto context = std::make_unique<qd_context>();
    const int32_t r = context->open(*options);
    if (r != QD_OK) return r;
    *out = context.release();
    qd::live.contexts++;
    return QD_OK;
  });
}

int32_t qd_context_destroy(qd_context *context)
{
  if (!context) return QD_OK;
  if (context->children > 0) return qd::fail(QD_EBUSY, "the context still has nodes, guards or wait sets");
  delete context;
  qd::live.contexts--;
  return QD_OK;
}

int32_t qd_context_gid(const qd_context *context, uint8_t gid[16])
{
  if (!context || !gid) return qd::fail(QD_EINVAL, "qd_context_gid: a context and room for the gid are needed");
  std::memcpy(gid, context->gid.data(), 16);
  return QD_OK;
}

int32_t qd_node_create(qd_context *context, const char *name, const char *name_space, qd_node **out)
{
  return qd::guarded([&]() -> int32_t {
    if (!context || !name || !name_space || !out) return qd::fail(QD_EINVAL, "qd_node_create: context, name, namespace and a place for the result are needed");
    if (!*name || *name_space != '/' || std::strlen(name) > 255 || std::strlen(name_space) > 255)
      return qd::fail(QD_EINVAL, std::string("'") + name_space + "' and '" + name + "' are not a node's namespace and name");
    auto node = std::make_unique<qd_node>();
    node->context = context;
    node->info.name = name;
    node->info.name_space = name_space;
    const int32_t r = context->add_node(node.get());
    if (r != QD_OK) return r;
    context->children++;
    qd::live.nodes++;
    *out = node.release();
    return QD_OK;
  });
}

int32_t qd_node_destroy(qd_node *node)
{
  if (!node) return QD_OK;
  if (node->children > 0) return qd::fail(QD_EBUSY, "the node still has publishers, subscriptions, clients or services");
  return qd::guarded([&]() -> int32_t {
    node->context->remove_node(node);
    node->context->children--;
    delete node;
    qd::live.nodes--;
    return QD_OK;
  });
}
