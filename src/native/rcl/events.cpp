// Status events. rcl tells that something happened; totals are kept here, because the middlewares differ in what a take resets.
#include "endpoint.hpp"
#include "error.hpp"
#include "rcl_error.hpp"

namespace {

// rcl's number of an event, or -1 where the endpoint or this distribution has none.
int rcl_kind(qd_kind endpoint, uint32_t kind)
{
  const bool publisher = endpoint == qd_kind::publisher;
  switch (kind) {
#if QD_RCL_MAJOR >= 6
    case QD_EVENT_MATCHED: return publisher ? static_cast<int>(RCL_PUBLISHER_MATCHED) : static_cast<int>(RCL_SUBSCRIPTION_MATCHED);
#endif
    case QD_EVENT_INCOMPATIBLE_QOS:
      return publisher ? static_cast<int>(RCL_PUBLISHER_OFFERED_INCOMPATIBLE_QOS) : static_cast<int>(RCL_SUBSCRIPTION_REQUESTED_INCOMPATIBLE_QOS);
    case QD_EVENT_DEADLINE_MISSED:
      return publisher ? static_cast<int>(RCL_PUBLISHER_OFFERED_DEADLINE_MISSED) : static_cast<int>(RCL_SUBSCRIPTION_REQUESTED_DEADLINE_MISSED);
    case QD_EVENT_LIVELINESS: return publisher ? static_cast<int>(RCL_PUBLISHER_LIVELINESS_LOST) : static_cast<int>(RCL_SUBSCRIPTION_LIVELINESS_CHANGED);
    case QD_EVENT_MESSAGE_LOST: return publisher ? -1 : static_cast<int>(RCL_SUBSCRIPTION_MESSAGE_LOST);
    default: return -1;
  }
}

void happened(const void *event, size_t)
{
  auto *e = static_cast<const qd::Event *>(event);
  e->entity->pending |= e->kind;
  e->entity->waitable.signal();
}

template <typename S>
bool take(const qd::Event &e, S &status)
{
  const rcl_ret_t r = rcl_take_event(&e.handle, &status);
  if (r != RCL_RET_OK) rcl_reset_error();
  return r == RCL_RET_OK;
}

// Brings *now up to date; nothing new leaves it as it is.
void read(const qd::Event &e, bool publisher, qd_event &now)
{
  const auto total = [&](auto s) {
    if (take(e, s)) now.total = static_cast<int32_t>(s.total_count);
  };
  switch (e.kind) {
#if QD_RCL_MAJOR >= 6
    case QD_EVENT_MATCHED: {
      rmw_matched_status_t s{};
      if (take(e, s)) now.total = static_cast<int32_t>(s.total_count), now.current = static_cast<int32_t>(s.current_count);
      break;
    }
#endif
    case QD_EVENT_INCOMPATIBLE_QOS: {
      rmw_qos_incompatible_event_status_t s{};
      if (take(e, s)) now.total = s.total_count, now.policy = static_cast<int32_t>(s.last_policy_kind);
      break;
    }
    case QD_EVENT_DEADLINE_MISSED:
      if (publisher) total(rmw_offered_deadline_missed_status_t{});
      else total(rmw_requested_deadline_missed_status_t{});
      break;
    case QD_EVENT_LIVELINESS:
      if (publisher) {
        total(rmw_liveliness_lost_status_t{});
      } else {
        rmw_liveliness_changed_status_t s{};
        if (take(e, s)) now.total = s.alive_count, now.current = s.not_alive_count;
      }
      break;
    default: total(rmw_message_lost_status_t{}); break;
  }
}

}  // namespace

void qd_entity::open_events()
{
  if (kind != qd_kind::publisher && kind != qd_kind::subscription) return;
  for (size_t i = 0; i < events.size(); i++) {
    qd::Event &e = events[i];
    e.entity = this;
    e.kind = 1u << i;
    const int number = rcl_kind(kind, e.kind);
    if (number < 0) continue;
    const rcl_ret_t r = kind == qd_kind::publisher ? rcl_publisher_event_init(&e.handle, &publisher, static_cast<rcl_publisher_event_type_t>(number))
                                                   : rcl_subscription_event_init(&e.handle, &subscription, static_cast<rcl_subscription_event_type_t>(number));
    // A middleware need not know every event.
    e.open = r == RCL_RET_OK && rcl_event_set_callback(&e.handle, happened, &e) == RCL_RET_OK;
    rcl_reset_error();
  }
  pending |= QD_EVENT_MATCHED | QD_EVENT_INCOMPATIBLE_QOS | QD_EVENT_LIVELINESS;
}

void qd_entity::close_events()
{
  for (qd::Event &e : events) {
    if (e.open) qd::quiet(rcl_event_set_callback(&e.handle, nullptr, nullptr));
    if (e.handle.impl) qd::quiet(rcl_event_fini(&e.handle));
  }
}

// ---- ABI ----------------------------------------------------------------------------------------------------------------------------

int32_t qd_pending_events(qd_entity *entity)
{
  if (!entity) return qd::fail(QD_EINVAL, "qd_pending_events: an entity is needed");
  return static_cast<int32_t>(entity->pending.exchange(0));
}

int32_t qd_take_event(qd_entity *entity, int32_t kind, qd_event *out)
{
  if (!entity || !out) return qd::fail(QD_EINVAL, "qd_take_event: an entity and a place for the result are needed");
  const bool publisher = entity->kind == qd_kind::publisher;
  if ((!publisher && entity->kind != qd_kind::subscription) || (publisher && kind == QD_EVENT_MESSAGE_LOST))
    return qd::fail(QD_EINVAL, "qd_take_event: this entity has no such event");
  const std::lock_guard<std::mutex> lock(entity->mutex);
  for (qd::Event &e : entity->events) {
    if (e.kind != static_cast<uint32_t>(kind)) continue;
    qd_event now = e.last;
    if (e.open) read(e, publisher, now);
    now.total_change = now.total - e.last.total;
    now.current_change = now.current - e.last.current;
    e.last = now;
    *out = now;
    return QD_OK;
  }
  return qd::fail(QD_EINVAL, "qd_take_event: unknown event");
}
