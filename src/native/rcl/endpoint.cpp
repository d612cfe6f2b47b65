#include "endpoint.hpp"

#include <rmw/rmw.h>

#include <cstdlib>
#include <cstring>

#include "error.hpp"
#include "live.hpp"
#include "rcl_error.hpp"

namespace qd {

namespace {

rmw_time_t duration(int64_t ns)
{
  if (ns <= 0 || ns == QD_INFINITE) return RMW_DURATION_UNSPECIFIED;
  return {static_cast<uint64_t>(ns / 1000000000), static_cast<uint64_t>(ns % 1000000000)};
}

int64_t duration_back(rmw_time_t t)
{
  constexpr uint64_t most = static_cast<uint64_t>(QD_INFINITE) / 1000000000;
  if ((t.sec == 0 && t.nsec == 0) || t.sec >= most) return QD_INFINITE;
  return static_cast<int64_t>(t.sec * 1000000000 + t.nsec);
}

std::atomic<uint32_t> &counter(qd_kind kind)
{
  switch (kind) {
    case qd_kind::publisher: return live.publishers;
    case qd_kind::subscription: return live.subscriptions;
    case qd_kind::client: return live.clients;
    case qd_kind::service: return live.services;
    default: return live.guards;
  }
}

// Owns the serialized message behind a sample.
struct Owner {
  rcl_serialized_message_t message;
};

}  // namespace

// The numbers are the same on both sides; SYSTEM_DEFAULT is resolved as the ABI says.
rmw_qos_profile_t to_rmw(const qd_qos &from)
{
  rmw_qos_profile_t q = rmw_qos_profile_default;
  q.reliability = from.reliability == QD_RELIABILITY_BEST_EFFORT ? RMW_QOS_POLICY_RELIABILITY_BEST_EFFORT : RMW_QOS_POLICY_RELIABILITY_RELIABLE;
  q.durability = from.durability == QD_DURABILITY_TRANSIENT_LOCAL ? RMW_QOS_POLICY_DURABILITY_TRANSIENT_LOCAL : RMW_QOS_POLICY_DURABILITY_VOLATILE;
  q.history = from.history == QD_HISTORY_KEEP_ALL ? RMW_QOS_POLICY_HISTORY_KEEP_ALL : RMW_QOS_POLICY_HISTORY_KEEP_LAST;
  q.depth = from.depth > 0 ? static_cast<size_t>(from.depth) : 1;
  q.liveliness = from.liveliness == QD_LIVELINESS_MANUAL_BY_TOPIC ? RMW_QOS_POLICY_LIVELINESS_MANUAL_BY_TOPIC : RMW_QOS_POLICY_LIVELINESS_AUTOMATIC;
  q.deadline = duration(from.deadline_ns);
  q.lifespan = duration(from.lifespan_ns);
  q.liveliness_lease_duration = duration(from.liveliness_lease_ns);
  q.avoid_ros_namespace_conventions = from.avoid_ros_namespace != 0;
  return q;
}

qd_qos from_rmw(const rmw_qos_profile_t &from)
{
  qd_qos q{};
  q.reliability = static_cast<int32_t>(from.reliability);
  q.durability = static_cast<int32_t>(from.durability);
  q.history = static_cast<int32_t>(from.history);
  q.depth = from.history == RMW_QOS_POLICY_HISTORY_KEEP_LAST ? static_cast<int32_t>(from.depth) : 0;
  q.liveliness = static_cast<int32_t>(from.liveliness);
  q.deadline_ns = duration_back(from.deadline);
  q.lifespan_ns = duration_back(from.lifespan);
  q.liveliness_lease_ns = duration_back(from.liveliness_lease_duration);
  return q;
}

int32_t check_endpoint(const char *what, const qd_node *node, const char *name, const char *type, const qd_qos *qos, qd_entity **out)
{
  if (!node || !name || !type || !qos || !out) return fail(QD_EINVAL, std::string(what) + ": node, name, type, QoS and a place for the result are needed");
  if (*name != '/' && !qos->avoid_ros_namespace) return fail(QD_EINVAL, std::string(what) + ": '" + name + "' is not an absolute name");
  if (!*type) return fail(QD_EINVAL, std::string(what) + ": the type of '" + name + "' is empty");
  if (qos->reliability < 0 || qos->reliability > QD_RELIABILITY_BEST_EFFORT || qos->durability < 0 || qos->durability > QD_DURABILITY_VOLATILE || qos->history < 0 ||
      qos->history > QD_HISTORY_KEEP_ALL)
    return fail(QD_EINVAL, std::string(what) + ": the QoS of '" + name + "' has a value that is none");
  return QD_OK;
}

int32_t finish(std::unique_ptr<qd_entity> entity, int32_t result, qd_entity **out)
{
  if (result != QD_OK) return result;
  if (entity->node) {
    entity->node->children++;
    entity->open_events();
    entity->context->graph.bump();
  } else {
    entity->context->children++;
  }
  counter(entity->kind)++;
  *out = entity.release();
  return QD_OK;
}

void wake(const void *entity, size_t)
{
  static_cast<qd_entity *>(const_cast<void *>(entity))->waitable.signal();
}

void fill_sample(qd_sample &sample, rcl_serialized_message_t &message, int64_t source, int64_t received)
{
  auto *owner = new Owner{message};
  live.payloads++;
  sample.data = owner->message.buffer;
  sample.size = owner->message.buffer_length;
  sample.source_timestamp_ns = source;
  sample.reception_timestamp_ns = received;
  sample.owner = owner;
}

namespace {

int32_t take_message(qd_entity *entity, qd_sample &sample)
{
  rcl_serialized_message_t message = rmw_get_zero_initialized_serialized_message();
  rcutils_allocator_t allocator = rcutils_get_default_allocator();
  if (rmw_serialized_message_init(&message, 0, &allocator) != RMW_RET_OK) return fail(QD_ENOMEM, "out of memory");
  rmw_message_info_t info = rmw_get_zero_initialized_message_info();
  const rcl_ret_t r = rcl_take_serialized_message(&entity->subscription, &message, &info, nullptr);
  if (r != RCL_RET_OK) {
    quiet(rmw_serialized_message_fini(&message));
    if (r != RCL_RET_SUBSCRIPTION_TAKE_FAILED) return fail_rcl("a message of '" + entity->name + "' could not be taken", r);
    rcl_reset_error();
    return 0;
  }
  sample = {};
  fill_sample(sample, message, info.source_timestamp, info.received_timestamp);
  std::memcpy(sample.publisher_gid, info.publisher_gid.data, sizeof sample.publisher_gid);
  return 1;
}

}  // namespace

}  // namespace qd

qd_entity::~qd_entity()
{
  waitable.detach();
  close_events();
  // Without its callback first: a message may arrive while it is being destroyed.
  if (subscription.impl) {
    qd::quiet(rcl_subscription_set_on_new_message_callback(&subscription, nullptr, nullptr));
    qd::quiet(rcl_subscription_fini(&subscription, &node->handle));
  }
  if (client.impl) {
    qd::quiet(rcl_client_set_on_new_response_callback(&client, nullptr, nullptr));
    qd::quiet(rcl_client_fini(&client, &node->handle));
  }
  if (service.impl) {
    qd::quiet(rcl_service_set_on_new_request_callback(&service, nullptr, nullptr));
    qd::quiet(rcl_service_fini(&service, &node->handle));
  }
  if (publisher.impl) qd::quiet(rcl_publisher_fini(&publisher, &node->handle));
}

// ---- ABI ----------------------------------------------------------------------------------------------------------------------------

int32_t qd_publisher_create(qd_node *node, const char *topic, const char *type, const char *, const qd_qos *qos, qd_entity **out)
{
  return qd::guarded([&]() -> int32_t {
    if (const int32_t r = qd::check_endpoint("a publisher", node, topic, type, qos, out); r != QD_OK) return r;
    auto e = std::make_unique<qd_entity>(qd_kind::publisher, node->context, node);
    e->name = topic;
    rcl_publisher_options_t options = rcl_publisher_get_default_options();
    options.qos = qd::to_rmw(*qos);
    if (const rcl_ret_t r = rcl_publisher_init(&e->publisher, &node->handle, qd::message_support(type), topic, &options); r != RCL_RET_OK)
      return qd::fail_rcl(std::string("a publisher of ") + topic + " could not be created", r);
    rmw_gid_t gid{};
    if (rmw_get_gid_for_publisher(rcl_publisher_get_rmw_handle(&e->publisher), &gid) == RMW_RET_OK) std::memcpy(e->gid.data(), gid.data, e->gid.size());
    return qd::finish(std::move(e), QD_OK, out);
  });
}

int32_t qd_subscription_create(qd_node *node, const char *topic, const char *type, const char *, const qd_qos *qos, int32_t ignore_local, qd_entity **out)
{
  return qd::guarded([&]() -> int32_t {
    if (const int32_t r = qd::check_endpoint("a subscription", node, topic, type, qos, out); r != QD_OK) return r;
    auto e = std::make_unique<qd_entity>(qd_kind::subscription, node->context, node);
    e->name = topic;
    e->gid = qd::random_gid();
    rcl_subscription_options_t options = rcl_subscription_get_default_options();
    options.qos = qd::to_rmw(*qos);
    options.rmw_subscription_options.ignore_local_publications = ignore_local != 0;
    if (const rcl_ret_t r = rcl_subscription_init(&e->subscription, &node->handle, qd::message_support(type), topic, &options); r != RCL_RET_OK)
      return qd::fail_rcl(std::string("a subscription to ") + topic + " could not be created", r);
    if (const rcl_ret_t r = rcl_subscription_set_on_new_message_callback(&e->subscription, qd::wake, e.get()); r != RCL_RET_OK)
      return qd::fail_rcl("this middleware has no callback for new messages", r);
    return qd::finish(std::move(e), QD_OK, out);
  });
}

int32_t qd_guard_create(qd_context *context, qd_entity **out)
{
  return qd::guarded([&]() -> int32_t {
    if (!context || !out) return qd::fail(QD_EINVAL, "qd_guard_create: a context and a place for the result are needed");
    return qd::finish(std::make_unique<qd_entity>(qd_kind::guard, context, nullptr), QD_OK, out);
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
  const qd_kind kind = entity->kind;
  qd_node *const node = entity->node;
  qd_context *const context = entity->context;
  delete entity;
  qd::counter(kind)--;
  if (node) node->children--, context->graph.bump();
  else context->children--;
  return QD_OK;
}

int32_t qd_entity_gid(const qd_entity *entity, uint8_t gid[16])
{
  if (!entity || !gid) return qd::fail(QD_EINVAL, "qd_entity_gid: an entity and room for the gid are needed");
  std::memcpy(gid, entity->gid.data(), 16);
  return QD_OK;
}

int32_t qd_matched_count(qd_entity *entity)
{
  size_t count = 0;
  rcl_ret_t r = RCL_RET_ERROR;
  if (entity && entity->kind == qd_kind::publisher) r = rcl_publisher_get_subscription_count(&entity->publisher, &count);
  else if (entity && entity->kind == qd_kind::subscription) r = rcl_subscription_get_publisher_count(&entity->subscription, &count);
  else return qd::fail(QD_EINVAL, "qd_matched_count: a publisher or a subscription is needed");
  return r == RCL_RET_OK ? static_cast<int32_t>(count) : qd::fail_rcl("the matched endpoints could not be counted", r);
}

int32_t qd_publish(qd_entity *publisher, const void *payload, size_t size, int64_t)
{
  if (!publisher || publisher->kind != qd_kind::publisher || !payload || size < 4)
    return qd::fail(QD_EINVAL, "qd_publish: a publisher and a payload of at least 4 bytes are needed");
  rcl_serialized_message_t message = rmw_get_zero_initialized_serialized_message();
  message.buffer = static_cast<uint8_t *>(const_cast<void *>(payload));
  message.buffer_length = message.buffer_capacity = size;
  message.allocator = rcutils_get_default_allocator();
  const rcl_ret_t r = rcl_publish_serialized_message(&publisher->publisher, &message, nullptr);
  return r == RCL_RET_OK ? QD_OK : qd::fail_rcl("a message on '" + publisher->name + "' could not be sent", r);
}

namespace {

struct Loan {
  size_t capacity;
  alignas(16) uint8_t data[];
};

}  // namespace

int32_t qd_borrow(qd_entity *publisher, size_t capacity, void **loan, uint8_t **data)
{
  if (!publisher || publisher->kind != qd_kind::publisher || !loan || !data) return qd::fail(QD_EINVAL, "qd_borrow: a publisher and places for the results are needed");
  auto *l = static_cast<Loan *>(std::malloc(sizeof(Loan) + capacity));
  if (!l) return qd::fail(QD_ENOMEM, "out of memory");
  l->capacity = capacity;
  *loan = l;
  *data = l->data;
  return QD_OK;
}

int32_t qd_publish_borrowed(qd_entity *publisher, void *loan, size_t size, int64_t stamp)
{
  if (!loan) return qd::fail(QD_EINVAL, "qd_publish_borrowed: a loan is needed");
  auto *l = static_cast<Loan *>(loan);
  const int32_t r = size > l->capacity ? qd::fail(QD_EINVAL, "qd_publish_borrowed: more bytes than were borrowed") : qd_publish(publisher, l->data, size, stamp);
  std::free(l);
  return r;
}

void qd_return_borrowed(void *loan)
{
  std::free(loan);
}

int32_t qd_wait_for_acknowledgment(qd_entity *publisher, int64_t timeout_ns)
{
  if (!publisher || publisher->kind != qd_kind::publisher) return qd::fail(QD_EINVAL, "qd_wait_for_acknowledgment: a publisher is needed");
  const rcl_ret_t r = rcl_publisher_wait_for_all_acked(&publisher->publisher, timeout_ns);
  if (r == RCL_RET_TIMEOUT) rcl_reset_error();
  return r == RCL_RET_OK ? QD_OK : r == RCL_RET_TIMEOUT ? qd::fail(QD_ETIMEOUT, "not everything was acknowledged in time") : qd::fail_rcl("acknowledgments could not be awaited", r);
}

int32_t qd_assert_liveliness(qd_entity *publisher)
{
  if (!publisher || publisher->kind != qd_kind::publisher) return qd::fail(QD_EINVAL, "qd_assert_liveliness: a publisher is needed");
  const rcl_ret_t r = rcl_publisher_assert_liveliness(&publisher->publisher);
  return r == RCL_RET_OK ? QD_OK : qd::fail_rcl("liveliness could not be asserted", r);
}

int32_t qd_take(qd_entity *entity, qd_sample *samples, int32_t capacity)
{
  return qd::guarded([&]() -> int32_t {
    if (!entity || !samples || capacity <= 0 || entity->kind == qd_kind::publisher || entity->kind == qd_kind::guard)
      return qd::fail(QD_EINVAL, "qd_take: a subscription, client or service and room for a sample are needed");
    int32_t n = 0;
    while (n < capacity) {
      const int32_t r = entity->kind == qd_kind::subscription ? qd::take_message(entity, samples[n]) : qd::take_call(entity, samples[n]);
      if (r < 0 && n == 0) return r;
      if (r <= 0) break;
      n++;
    }
    if (n == capacity) entity->waitable.signal();
    return n;
  });
}

void qd_release(qd_sample *samples, int32_t count)
{
  for (int32_t i = 0; samples && i < count; i++) {
    auto *owner = static_cast<qd::Owner *>(samples[i].owner);
    if (!owner) continue;
    qd::quiet(rmw_serialized_message_fini(&owner->message));
    delete owner;
    samples[i].owner = nullptr;
    samples[i].data = nullptr;
    qd::live.payloads--;
  }
}
