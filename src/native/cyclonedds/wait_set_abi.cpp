// The wait set's ABI, compiled into every transport: in angle brackets stand each one's own context and endpoint.
#include <context.hpp>
#include <endpoint.hpp>

#include "error.hpp"
#include "live.hpp"
#include "wait_set.hpp"

int32_t qd_wait_set_create(qd_context *context, qd_wait_set **out)
{
  return qd::guarded([&]() -> int32_t {
    if (!context || !out) return qd::fail(QD_EINVAL, "qd_wait_set_create: a context and a place for the result are needed");
    *out = new qd_wait_set(context);
    context->children++;
    qd::live.wait_sets++;
    return QD_OK;
  });
}

int32_t qd_wait_set_destroy(qd_wait_set *set)
{
  if (!set) return QD_OK;
  set->context->children--;
  delete set;
  qd::live.wait_sets--;
  return QD_OK;
}

int32_t qd_wait_set_attach(qd_wait_set *set, qd_entity *entity, uint64_t token)
{
  if (!set || !entity) return qd::fail(QD_EINVAL, "qd_wait_set_attach: a wait set and an entity are needed");
  if (set->context != entity->context) return qd::fail(QD_EINVAL, "qd_wait_set_attach: the entity belongs to another context");
  return entity->waitable.attach(set, token) ? QD_OK : qd::fail(QD_EBUSY, "the entity is already in a wait set");
}

int32_t qd_wait_set_attach_graph(qd_wait_set *set, uint64_t token)
{
  if (!set) return qd::fail(QD_EINVAL, "qd_wait_set_attach_graph: a wait set is needed");
  return set->context->graph.changed.attach(set, token) ? QD_OK : qd::fail(QD_EBUSY, "the graph is already in a wait set");
}

int32_t qd_wait_set_detach(qd_wait_set *set, qd_entity *entity)
{
  if (!set || !entity) return qd::fail(QD_EINVAL, "qd_wait_set_detach: a wait set and an entity are needed");
  if (!entity->waitable.attached_to(set)) return qd::fail(QD_EINVAL, "the entity is not in this wait set");
  entity->waitable.detach();
  return QD_OK;
}

int32_t qd_wait_set_busy_poll(qd_wait_set *set, int64_t ns)
{
  if (!set || ns < 0) return qd::fail(QD_EINVAL, "qd_wait_set_busy_poll: a wait set and a time that is not negative are needed");
  set->busy_poll_ns = ns;
  return QD_OK;
}

int32_t qd_wait_set_wait(qd_wait_set *set, int64_t timeout_ns, uint64_t *tokens, int32_t capacity)
{
  if (!set || !tokens || capacity <= 0) return qd::fail(QD_EINVAL, "qd_wait_set_wait: a wait set and room for a token are needed");
  return set->wait(timeout_ns, tokens, capacity);
}
