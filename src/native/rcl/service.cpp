// Services and clients. rcl has no calls for their serialized form, so that a typed structure stands between.
#include <rcl/graph.h>
#include <rmw/rmw.h>

#include <cstring>

#include "endpoint.hpp"
#include "error.hpp"
#include "live.hpp"
#include "rcl_error.hpp"

namespace {

// A request or response as the C structure that rcl takes.
class Message {
public:
  explicit Message(const qd::MessageType &type) : type_(type), data_(type.create())
  {
    if (!data_) throw std::bad_alloc();
  }
  Message(const Message &) = delete;
  Message &operator=(const Message &) = delete;
  ~Message() { type_.destroy(data_); }
  operator void *() const { return data_; }

  rmw_ret_t read(const void *payload, size_t size)
  {
    rcl_serialized_message_t bytes = rmw_get_zero_initialized_serialized_message();
    bytes.buffer = static_cast<uint8_t *>(const_cast<void *>(payload));
    bytes.buffer_length = bytes.buffer_capacity = size;
    bytes.allocator = rcutils_get_default_allocator();
    return rmw_deserialize(&bytes, type_.support, data_);
  }

private:
  const qd::MessageType &type_;
  void *const data_;
};

int32_t call_failed(const qd_entity *e, const char *what, rcl_ret_t r)
{
  return qd::fail_rcl(std::string(what) + " of '" + e->name + "'", r);
}

}  // namespace

int32_t qd::take_call(qd_entity *e, qd_sample &sample)
{
  const bool server = e->kind == qd_kind::service;
  const MessageType &type = server ? e->types.request : e->types.response;
  Message message(type);
  rmw_service_info_t info{};
  const rcl_ret_t r = server ? rcl_take_request_with_info(&e->service, &info, message) : rcl_take_response_with_info(&e->client, &info, message);
  if (r == RCL_RET_SERVICE_TAKE_FAILED || r == RCL_RET_CLIENT_TAKE_FAILED) {
    rcl_reset_error();
    return 0;
  }
  if (r != RCL_RET_OK) return call_failed(e, "nothing could be taken", r);
  rcl_serialized_message_t bytes = rmw_get_zero_initialized_serialized_message();
  rcutils_allocator_t allocator = rcutils_get_default_allocator();
  if (rmw_serialized_message_init(&bytes, 0, &allocator) != RMW_RET_OK) return fail(QD_ENOMEM, "out of memory");
  if (const rmw_ret_t s = rmw_serialize(message, type.support, &bytes); s != RMW_RET_OK) {
    quiet(rmw_serialized_message_fini(&bytes));
    return call_failed(e, "a message could not be serialized", s);
  }
  sample = {};
  fill_sample(sample, bytes, info.source_timestamp, info.received_timestamp);
  const auto *guid = reinterpret_cast<const uint8_t *>(info.request_id.writer_guid);
  std::memcpy(sample.publisher_gid, guid, sizeof sample.publisher_gid);
  std::memcpy(sample.request.client, guid, sizeof sample.request.client);
  std::memcpy(&sample.request.route, guid + sizeof sample.request.client, sizeof sample.request.route);
  sample.request.sequence = info.request_id.sequence_number;
  return 1;
}

// ---- ABI ----------------------------------------------------------------------------------------------------------------------------

int32_t qd_client_create(qd_node *node, const char *service, const char *type, const char *, const char *, const qd_qos *qos, qd_entity **out)
{
  return qd::guarded([&]() -> int32_t {
    if (const int32_t r = qd::check_endpoint("a client", node, service, type, qos, out); r != QD_OK) return r;
    auto e = std::make_unique<qd_entity>(qd_kind::client, node->context, node);
    e->name = service;
    e->types = qd::service_type(type);
    e->gid = qd::random_gid();
    rcl_client_options_t options = rcl_client_get_default_options();
    options.qos = qd::to_rmw(*qos);
    if (const rcl_ret_t r = rcl_client_init(&e->client, &node->handle, e->types.support, service, &options); r != RCL_RET_OK)
      return qd::fail_rcl(std::string("a client of ") + service + " could not be created", r);
    if (const rcl_ret_t r = rcl_client_set_on_new_response_callback(&e->client, qd::wake, e.get()); r != RCL_RET_OK)
      return qd::fail_rcl("this middleware has no callback for new replies", r);
#if QD_RCL_MAJOR >= 6
    rmw_gid_t gid{};
    if (rmw_get_gid_for_client(rcl_client_get_rmw_handle(&e->client), &gid) == RMW_RET_OK) std::memcpy(e->gid.data(), gid.data, e->gid.size());
#endif
    return qd::finish(std::move(e), QD_OK, out);
  });
}

int32_t qd_service_create(qd_node *node, const char *service, const char *type, const char *, const char *, const qd_qos *qos, qd_entity **out)
{
  return qd::guarded([&]() -> int32_t {
    if (const int32_t r = qd::check_endpoint("a service", node, service, type, qos, out); r != QD_OK) return r;
    auto e = std::make_unique<qd_entity>(qd_kind::service, node->context, node);
    e->name = service;
    e->types = qd::service_type(type);
    e->gid = qd::random_gid();
    rcl_service_options_t options = rcl_service_get_default_options();
    options.qos = qd::to_rmw(*qos);
    if (const rcl_ret_t r = rcl_service_init(&e->service, &node->handle, e->types.support, service, &options); r != RCL_RET_OK)
      return qd::fail_rcl(std::string("the service ") + service + " could not be created", r);
    if (const rcl_ret_t r = rcl_service_set_on_new_request_callback(&e->service, qd::wake, e.get()); r != RCL_RET_OK)
      return qd::fail_rcl("this middleware has no callback for new requests", r);
    return qd::finish(std::move(e), QD_OK, out);
  });
}

int32_t qd_send_request(qd_entity *client, const void *payload, size_t size, int64_t *sequence)
{
  return qd::guarded([&]() -> int32_t {
    if (!client || client->kind != qd_kind::client || !payload || size < 4 || !sequence)
      return qd::fail(QD_EINVAL, "qd_send_request: a client, a payload of at least 4 bytes and a place for the sequence number are needed");
    Message request(client->types.request);
    if (const rmw_ret_t r = request.read(payload, size); r != RMW_RET_OK) return call_failed(client, "these bytes are no request", r);
    if (const rcl_ret_t r = rcl_send_request(&client->client, request, sequence); r != RCL_RET_OK)
      return call_failed(client, "a request could not be sent", r);
    return QD_OK;
  });
}

int32_t qd_service_available(qd_entity *client)
{
  if (!client || client->kind != qd_kind::client) return qd::fail(QD_EINVAL, "qd_service_available: a client is needed");
  bool available = false;
  const rcl_ret_t r = rcl_service_server_is_available(&client->node->handle, &client->client, &available);
  return r == RCL_RET_OK ? available : qd::fail_rcl("the server could not be looked for", r);
}

int32_t qd_send_reply(qd_entity *service, const qd_request_id *request, const void *payload, size_t size)
{
  return qd::guarded([&]() -> int32_t {
    if (!service || service->kind != qd_kind::service || !request || !payload || size < 4)
      return qd::fail(QD_EINVAL, "qd_send_reply: a service, a request and a payload of at least 4 bytes are needed");
    Message response(service->types.response);
    if (const rmw_ret_t r = response.read(payload, size); r != RMW_RET_OK) return call_failed(service, "these bytes are no response", r);
    rmw_request_id_t id{};
    auto *guid = reinterpret_cast<uint8_t *>(id.writer_guid);
    std::memcpy(guid, request->client, sizeof request->client);
    std::memcpy(guid + sizeof request->client, &request->route, sizeof request->route);
    id.sequence_number = request->sequence;
    if (const rcl_ret_t r = rcl_send_response(&service->service, &id, response); r != RCL_RET_OK)
      return call_failed(service, "a reply could not be sent", r);
    return QD_OK;
  });
}
