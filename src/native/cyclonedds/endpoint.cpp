#include "endpoint.hpp"

#include <cstring>
#include <memory>

#include "error.hpp"
#include "live.hpp"
#include "names.hpp"

namespace {

// ---- listeners: they note what happened and signal, nothing else, because they run on Cyclone's receive threads ----

void note(void *entity, uint32_t event)
{
  auto *e = static_cast<qd_entity *>(entity);
  e->events |= event;
  e->waitable.signal();
}

dds_listener_t *listener_of(qd_entity *e)
{
  dds_listener_t *l = dds_create_listener(e);
  if (e->kind == qd_kind::subscription) {
    dds_lset_data_available(l, [](dds_entity_t, void *arg) { static_cast<qd_entity *>(arg)->waitable.signal(); });
  } else if (e->reader > 0) {
    dds_lset_data_available(l, [](dds_entity_t, void *arg) { static_cast<qd_entity *>(arg)->fill_inbox(); });
  }
  if (e->kind == qd_kind::subscription) {
    dds_lset_subscription_matched(l, [](dds_entity_t, dds_subscription_matched_status_t, void *a) { note(a, QD_EVENT_MATCHED); });
    dds_lset_requested_incompatible_qos(l, [](dds_entity_t, dds_requested_incompatible_qos_status_t, void *a) { note(a, QD_EVENT_INCOMPATIBLE_QOS); });
    dds_lset_requested_deadline_missed(l, [](dds_entity_t, dds_requested_deadline_missed_status_t, void *a) { note(a, QD_EVENT_DEADLINE_MISSED); });
    dds_lset_liveliness_changed(l, [](dds_entity_t, dds_liveliness_changed_status_t, void *a) { note(a, QD_EVENT_LIVELINESS); });
    dds_lset_sample_lost(l, [](dds_entity_t, dds_sample_lost_status_t, void *a) { note(a, QD_EVENT_MESSAGE_LOST); });
  } else if (e->kind == qd_kind::publisher) {
    dds_lset_publication_matched(l, [](dds_entity_t, dds_publication_matched_status_t, void *a) { note(a, QD_EVENT_MATCHED); });
    dds_lset_offered_incompatible_qos(l, [](dds_entity_t, dds_offered_incompatible_qos_status_t, void *a) { note(a, QD_EVENT_INCOMPATIBLE_QOS); });
    dds_lset_offered_deadline_missed(l, [](dds_entity_t, dds_offered_deadline_missed_status_t, void *a) { note(a, QD_EVENT_DEADLINE_MISSED); });
    dds_lset_liveliness_lost(l, [](dds_entity_t, dds_liveliness_lost_status_t, void *a) { note(a, QD_EVENT_LIVELINESS); });
  }
  return l;
}

// DDS's policy id as rmw's kind.
int32_t policy_kind(uint32_t id)
{
  switch (id) {
    case DDS_DURABILITY_QOS_POLICY_ID: return QD_POLICY_DURABILITY;
    case DDS_DEADLINE_QOS_POLICY_ID: return QD_POLICY_DEADLINE;
    case DDS_LIVELINESS_QOS_POLICY_ID: return QD_POLICY_LIVELINESS;
    case DDS_RELIABILITY_QOS_POLICY_ID: return QD_POLICY_RELIABILITY;
    case DDS_HISTORY_QOS_POLICY_ID: return QD_POLICY_HISTORY;
    case DDS_LIFESPAN_QOS_POLICY_ID: return QD_POLICY_LIFESPAN;
    default: return QD_POLICY_INVALID;
  }
}

// Reads a status into *e and returns Cyclone's return code. Changes are counted here, because a listener's call resets Cyclone's own.
dds_return_t read_status(const qd_entity *entity, int32_t kind, qd_event *e)
{
  const bool publisher = entity->kind == qd_kind::publisher;
  dds_return_t r = DDS_RETCODE_BAD_PARAMETER;
  const auto total = [&](auto &status) {
    e->total = static_cast<int32_t>(status.total_count);
  };
  switch (kind) {
    case QD_EVENT_MATCHED:
      if (publisher) {
        dds_publication_matched_status_t s{};
        if ((r = dds_get_publication_matched_status(entity->writer, &s)) == 0) total(s), e->current = static_cast<int32_t>(s.current_count);
      } else {
        dds_subscription_matched_status_t s{};
        if ((r = dds_get_subscription_matched_status(entity->reader, &s)) == 0) total(s), e->current = static_cast<int32_t>(s.current_count);
      }
      break;
    case QD_EVENT_INCOMPATIBLE_QOS:
      if (publisher) {
        dds_offered_incompatible_qos_status_t s{};
        if ((r = dds_get_offered_incompatible_qos_status(entity->writer, &s)) == 0) total(s), e->policy = policy_kind(s.last_policy_id);
      } else {
        dds_requested_incompatible_qos_status_t s{};
        if ((r = dds_get_requested_incompatible_qos_status(entity->reader, &s)) == 0) total(s), e->policy = policy_kind(s.last_policy_id);
      }
      break;
    case QD_EVENT_DEADLINE_MISSED:
      if (publisher) {
        dds_offered_deadline_missed_status_t s{};
        if ((r = dds_get_offered_deadline_missed_status(entity->writer, &s)) == 0) total(s);
      } else {
        dds_requested_deadline_missed_status_t s{};
        if ((r = dds_get_requested_deadline_missed_status(entity->reader, &s)) == 0) total(s);
      }
      break;
    case QD_EVENT_LIVELINESS:
      if (publisher) {
        dds_liveliness_lost_status_t s{};
        if ((r = dds_get_liveliness_lost_status(entity->writer, &s)) == 0) total(s);
      } else {
        dds_liveliness_changed_status_t s{};
        if ((r = dds_get_liveliness_changed_status(entity->reader, &s)) == 0) {
          e->total = static_cast<int32_t>(s.alive_count);
          e->current = static_cast<int32_t>(s.not_alive_count);
        }
      }
      break;
    case QD_EVENT_MESSAGE_LOST:
      if (!publisher) {
        dds_sample_lost_status_t s{};
        if ((r = dds_get_sample_lost_status(entity->reader, &s)) == 0) total(s);
      }
      break;
    default:
      break;
  }
  return r;
}

std::atomic<uint32_t> &counter(qd_kind kind)
{
  switch (kind) {
    case qd_kind::publisher: return qd::live.publishers;
    case qd_kind::subscription: return qd::live.subscriptions;
    case qd_kind::client: return qd::live.clients;
    case qd_kind::service: return qd::live.services;
    default: return qd::live.guards;
  }
}

}  // namespace

qd_entity::~qd_entity()
{
  waitable.detach();
  // Deleting waits for a listener that is running.
  for (const dds_entity_t e : {reader, writer, reader_topic, writer_topic})
    if (e > 0) dds_delete(e);
  for (qd_sample &sample : inbox) qd_release(&sample, 1);
}

int32_t qd_entity::create_writer(const std::string &topic, const std::string &type, const std::string &user_data, const qd_qos &q)
{
  writer_topic = qd::payload_topic(context->participant, topic.c_str(), type.c_str(), nullptr, &writer_type);
  if (writer_topic < 0) return qd::fail_dds(("topic " + topic + " could not be created").c_str(), writer_topic);
  qd::Qos qos;
  qd::fill_qos(qos, q);
  qd::set_user_data(qos, user_data);
  writer = dds_create_writer(context->publisher, writer_topic, qos, nullptr);
  if (writer < 0) return qd::fail_dds(("a writer for " + topic + " could not be created with this QoS").c_str(), writer);
  writer_gid = qd::guid_of(writer);
  return QD_OK;
}

int32_t qd_entity::create_reader(const std::string &topic, const std::string &type, const std::string &user_data, const qd_qos &q, bool ignore_local)
{
  reader_topic = qd::payload_topic(context->participant, topic.c_str(), type.c_str(), nullptr, &reader_type);
  if (reader_topic < 0) return qd::fail_dds(("topic " + topic + " could not be created").c_str(), reader_topic);
  if (kind == qd_kind::client) {
    // All clients of a service share one reply topic. What answers others is dropped here, before the reader stores it and anybody is woken.
    dds_topic_filter filter{};
    filter.mode = DDS_TOPIC_FILTER_SAMPLE_ARG;
    filter.f.sample_arg = [](const void *sample, void *client) {
      const qd::Payload *reply = qd::payload_in_filter(sample);
      return !reply || static_cast<const qd_entity *>(client)->is_for(*reply);
    };
    filter.arg = this;
    if (const dds_return_t r = dds_set_topic_filter_extended(reader_topic, &filter); r != DDS_RETCODE_OK)
      return qd::fail_dds(("the replies on " + topic + " could not be filtered").c_str(), r);
  }
  qd::Qos qos;
  qd::fill_qos(qos, q);
  // Readers do not announce a lifespan; the writer's holds.
  dds_qset_lifespan(qos, DDS_INFINITY);
  if (ignore_local) dds_qset_ignorelocal(qos, DDS_IGNORELOCAL_PARTICIPANT);
  qd::set_user_data(qos, user_data);
  reader = dds_create_reader(context->subscriber, reader_topic, qos, nullptr);
  if (reader < 0) return qd::fail_dds(("a reader for " + topic + " could not be created with this QoS").c_str(), reader);
  reader_gid = qd::guid_of(reader);
  return QD_OK;
}

int32_t qd_entity::announce()
{
  dds_listener_t *l = listener_of(this);
  if (reader > 0) dds_set_listener(reader, l);
  if (writer > 0) dds_set_listener(writer, l);
  dds_delete_listener(l);
  // What came before the listener was there
  if (kind == qd_kind::client || kind == qd_kind::service) fill_inbox();
  if (kind == qd_kind::publisher || kind == qd_kind::subscription) events |= QD_EVENT_MATCHED | QD_EVENT_INCOMPATIBLE_QOS | QD_EVENT_LIVELINESS;
  std::vector<qd::Guid> readers, writers;
  if (reader > 0) readers.push_back(reader_gid);
  if (writer > 0) writers.push_back(writer_gid);
  return context->announce(node, readers, writers, {});
}

qd::Guid qd_entity::gid_of(dds_instance_handle_t publication)
{
  const auto known = gids.find(publication);
  if (known != gids.end()) return known->second;
  qd::Guid g{};
  if (dds_builtintopic_endpoint_t *e = dds_get_matched_publication_data(reader, publication)) {
    std::memcpy(g.data(), e->key.v, g.size());
    dds_builtintopic_free_endpoint(e);
  } else {
    // It may just have gone; or it is of this process and its latched samples are here before the match is told.
    g = context->graph.writer_of(publication);
    if (g == qd::Guid{}) return g;
  }
  constexpr size_t many = 1024;                 // short-lived publishers must not pile up
  if (gids.size() >= many) gids.clear();
  gids.emplace(publication, g);
  return g;
}

namespace qd {

std::string type_hash_data(const qd_context *context, const char *hash)
{
  return context->humble || !hash || !*hash ? std::string() : std::string("typehash=") + hash + ";";
}

int32_t check_endpoint(const char *what, const qd_node *node, const char *name, const char *type, const qd_qos *qos, qd_entity **out)
{
  if (!node || !name || !type || !qos || !out) return fail(QD_EINVAL, std::string(what) + ": node, name, type, QoS and a place for the result are needed");
  if (!*type) return fail(QD_EINVAL, std::string(what) + ": the type is empty");
  if (qos->avoid_ros_namespace ? !*name : *name != '/' || !name[1])
    return fail(QD_EINVAL, std::string(what) + ": '" + name + "' is not an absolute name");
  if (qos->reliability < 0 || qos->reliability > 2 || qos->durability < 0 || qos->durability > 2 || qos->history < 0 || qos->history > 2 ||
      qos->depth < 0 || qos->liveliness < 0 || qos->liveliness > 3 || qos->deadline_ns < 0 || qos->lifespan_ns < 0 || qos->liveliness_lease_ns < 0)
    return fail(QD_EINVAL, std::string(what) + ": a QoS policy is out of range");
  return QD_OK;
}

int32_t finish(std::unique_ptr<qd_entity> entity, int32_t result, qd_entity **out)
{
  if (result == QD_OK) result = entity->announce();
  if (result != QD_OK) return result;
  entity->node->children++;
  counter(entity->kind)++;
  *out = entity.release();
  return QD_OK;
}

}  // namespace qd

// ---- ABI ----------------------------------------------------------------------------------------------------------------------------

int32_t qd_publisher_create(qd_node *node, const char *topic, const char *type, const char *type_hash, const qd_qos *qos, qd_entity **out)
{
  return qd::guarded([&]() -> int32_t {
    if (const int32_t r = qd::check_endpoint("qd_publisher_create", node, topic, type, qos, out); r != QD_OK) return r;
    auto e = std::make_unique<qd_entity>(qd_kind::publisher, node->context, node);
    const bool raw = qos->avoid_ros_namespace != 0;
    const int32_t r = e->create_writer(raw ? topic : std::string("rt") + topic, qd::dds_type(type), qd::type_hash_data(node->context, type_hash), *qos);
    return qd::finish(std::move(e), r, out);
  });
}

int32_t qd_subscription_create(qd_node *node, const char *topic, const char *type, const char *type_hash, const qd_qos *qos, int32_t ignore_local,
                               qd_entity **out)
{
  return qd::guarded([&]() -> int32_t {
    if (const int32_t r = qd::check_endpoint("qd_subscription_create", node, topic, type, qos, out); r != QD_OK) return r;
    auto e = std::make_unique<qd_entity>(qd_kind::subscription, node->context, node);
    const bool raw = qos->avoid_ros_namespace != 0;
    const int32_t r = e->create_reader(raw ? topic : std::string("rt") + topic, qd::dds_type(type), qd::type_hash_data(node->context, type_hash), *qos,
                                       ignore_local != 0);
    return qd::finish(std::move(e), r, out);
  });
}

int32_t qd_guard_create(qd_context *context, qd_entity **out)
{
  return qd::guarded([&]() -> int32_t {
    if (!context || !out) return qd::fail(QD_EINVAL, "qd_guard_create: a context and a place for the result are needed");
    *out = new qd_entity(qd_kind::guard, context, nullptr);
    context->children++;
    qd::live.guards++;
    return QD_OK;
  });
}

int32_t qd_guard_trigger(qd_entity *guard)
{
  if (!guard || guard->kind != qd_kind::guard) return qd::fail(QD_EINVAL, "qd_guard_trigger: a guard is needed");
  guard->waitable.signal();
  return QD_OK;
}

int32_t qd_entity_destroy(qd_entity *entity)
{
  if (!entity) return QD_OK;
  return qd::guarded([&]() -> int32_t {
    entity->waitable.detach();
    if (entity->node) {
      entity->context->announce(entity->node, {}, {}, {entity->reader_gid, entity->writer_gid});
      entity->node->children--;
    } else {
      entity->context->children--;
    }
    counter(entity->kind)--;
    delete entity;
    return QD_OK;
  });
}

int32_t qd_entity_gid(const qd_entity *entity, uint8_t gid[16])
{
  if (!entity || !gid || entity->kind == qd_kind::guard) return qd::fail(QD_EINVAL, "qd_entity_gid: an endpoint and room for the gid are needed");
  const bool writes = entity->kind == qd_kind::publisher || entity->kind == qd_kind::client;
  std::memcpy(gid, (writes ? entity->writer_gid : entity->reader_gid).data(), 16);
  return QD_OK;
}

int32_t qd_matched_count(qd_entity *entity)
{
  if (!entity || (entity->kind != qd_kind::publisher && entity->kind != qd_kind::subscription))
    return qd::fail(QD_EINVAL, "qd_matched_count: a publisher or subscription is needed");
  qd_event e{};
  const dds_return_t r = read_status(entity, QD_EVENT_MATCHED, &e);
  return r == DDS_RETCODE_OK ? e.current : qd::fail_dds("the matched endpoints could not be counted", r);
}

int32_t qd_publish(qd_entity *publisher, const void *payload, size_t size, int64_t source_timestamp_ns)
{
  if (!publisher || publisher->kind != qd_kind::publisher || !payload || size < 4)
    return qd::fail(QD_EINVAL, "qd_publish: a publisher and a payload with its 4-byte header are needed");
  qd::Payload *p = qd::payload_new(publisher->writer_type, SDK_DATA, size);
  if (!p) return qd::fail(QD_ENOMEM, "out of memory");
  std::memcpy(p->data, payload, size);
  const dds_return_t r = qd::payload_write(publisher->writer, p, size, source_timestamp_ns);
  return r == DDS_RETCODE_OK ? QD_OK : qd::fail_dds("the message could not be sent", r);
}

int32_t qd_borrow(qd_entity *publisher, size_t capacity, void **loan, uint8_t **data)
{
  if (!publisher || publisher->kind != qd_kind::publisher || !loan || !data)
    return qd::fail(QD_EINVAL, "qd_borrow: a publisher and places for the results are needed");
  qd::Payload *p = qd::payload_new(publisher->writer_type, SDK_DATA, capacity);
  if (!p) return qd::fail(QD_ENOMEM, "out of memory");
  *loan = p;
  *data = p->data;
  return QD_OK;
}

int32_t qd_publish_borrowed(qd_entity *publisher, void *loan, size_t size, int64_t source_timestamp_ns)
{
  auto *p = static_cast<qd::Payload *>(loan);
  if (!publisher || publisher->kind != qd_kind::publisher || !p || p->base.type != publisher->writer_type) {
    if (p) qd::payload_release(p);
    return qd::fail(QD_EINVAL, "qd_publish_borrowed: a publisher and a loan of its own are needed");
  }
  const dds_return_t r = qd::payload_write(publisher->writer, p, size, source_timestamp_ns);
  return r == DDS_RETCODE_OK ? QD_OK : qd::fail_dds("the message could not be sent", r);
}

void qd_return_borrowed(void *loan)
{
  if (loan) qd::payload_release(static_cast<qd::Payload *>(loan));
}

int32_t qd_wait_for_acknowledgment(qd_entity *publisher, int64_t timeout_ns)
{
  if (!publisher || publisher->kind != qd_kind::publisher) return qd::fail(QD_EINVAL, "qd_wait_for_acknowledgment: a publisher is needed");
  const dds_return_t r = dds_wait_for_acks(publisher->writer, timeout_ns < 0 ? DDS_INFINITY : timeout_ns);
  return r == DDS_RETCODE_OK ? QD_OK : qd::fail_dds("not everything was acknowledged", r);
}

int32_t qd_assert_liveliness(qd_entity *publisher)
{
  if (!publisher || publisher->kind != qd_kind::publisher) return qd::fail(QD_EINVAL, "qd_assert_liveliness: a publisher is needed");
  const dds_return_t r = dds_assert_liveliness(publisher->writer);
  return r == DDS_RETCODE_OK ? QD_OK : qd::fail_dds("liveliness could not be asserted", r);
}

int32_t qd_pending_events(qd_entity *entity)
{
  return entity ? static_cast<int32_t>(entity->events.exchange(0)) : qd::fail(QD_EINVAL, "qd_pending_events: an entity is needed");
}

int32_t qd_take_event(qd_entity *entity, int32_t kind, qd_event *out)
{
  return qd::guarded([&]() -> int32_t {
    if (!entity || !out || (entity->kind != qd_kind::publisher && entity->kind != qd_kind::subscription))
      return qd::fail(QD_EINVAL, "qd_take_event: a publisher or subscription and a place for the result are needed");
    qd_event e{};
    const std::lock_guard<std::mutex> lock(entity->mutex);
    const dds_return_t r = read_status(entity, kind, &e);
    if (r != DDS_RETCODE_OK) return qd::fail_dds("this event does not exist here", r);
    qd_event &last = entity->last_events[static_cast<uint32_t>(kind)];
    e.total_change = e.total - last.total;
    e.current_change = e.current - last.current;
    last = e;
    *out = e;
    return QD_OK;
  });
}
