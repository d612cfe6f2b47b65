// Clients and services in the mapping of rmw_cyclonedds_cpp: both ways carry, after the encapsulation header, 16 bytes in band: a client id and a sequence
// number, which the service echoes. Also qd_take and qd_release, which undo that header.
#include <dds/dds.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <thread>

#include "endpoint.hpp"
#include "error.hpp"
#include "live.hpp"
#include "names.hpp"
#include "start_up.h"

namespace {

constexpr size_t encapsulation = 4, in_band = 16;
constexpr int64_t reply_patience_ns = 100'000'000;       // as rmw_cyclonedds_cpp waits for a client's reply reader
constexpr int64_t heartbeat_patience_ns = 1'000'000'000; // other implementations are trusted after this

uint64_t random_id()
{
  std::random_device source;
  return uint64_t(source()) << 32 | source();
}

// The sequence counter is one for all clients of a process, as in rmw_cyclonedds_cpp.
std::atomic<int64_t> next_sequence{1};

// What a matched endpoint announces under a key; empty when it is gone or silent.
struct Peer {
  bool there = false;
  qd::Guid gid{};
  std::string id;
};

Peer describe(dds_builtintopic_endpoint_t *e, const char *key)
{
  Peer result;
  if (!e) return result;
  result.there = true;
  std::memcpy(result.gid.data(), e->key.v, result.gid.size());
  void *data = nullptr;
  size_t size = 0;
  if (dds_qget_userdata(e->qos, &data, &size) && data) {
    const auto values = qd::parse_user_data({static_cast<const char *>(data), size});
    if (const auto found = values.find(key); found != values.end()) result.id = found->second;
    dds_free(data);
  }
  dds_builtintopic_free_endpoint(e);
  return result;
}

std::vector<Peer> matched_readers(dds_entity_t writer, const char *key)
{
  std::vector<dds_instance_handle_t> handles(16);
  dds_return_t n;
  while ((n = dds_get_matched_subscriptions(writer, handles.data(), handles.size())) > static_cast<dds_return_t>(handles.size()))
    handles.resize(static_cast<size_t>(n));
  std::vector<Peer> result;
  for (dds_return_t i = 0; i < n; i++)
    if (Peer p = describe(dds_get_matched_subscription_data(writer, handles[static_cast<size_t>(i)]), key); p.there) result.push_back(std::move(p));
  return result;
}

std::vector<Peer> matched_writers(dds_entity_t reader, const char *key)
{
  std::vector<dds_instance_handle_t> handles(16);
  dds_return_t n;
  while ((n = dds_get_matched_publications(reader, handles.data(), handles.size())) > static_cast<dds_return_t>(handles.size()))
    handles.resize(static_cast<size_t>(n));
  std::vector<Peer> result;
  for (dds_return_t i = 0; i < n; i++)
    if (Peer p = describe(dds_get_matched_publication_data(reader, handles[static_cast<size_t>(i)]), key); p.there) result.push_back(std::move(p));
  return result;
}

// Ever matched and matched now, of a client's request writer and its reply reader.
std::array<uint32_t, 4> match_counts(const qd_entity *client)
{
  dds_publication_matched_status_t requests{};
  dds_subscription_matched_status_t replies{};
  if (dds_get_publication_matched_status(client->writer, &requests) != DDS_RETCODE_OK ||
      dds_get_subscription_matched_status(client->reader, &replies) != DDS_RETCODE_OK)
    return {};
  return {requests.total_count, requests.current_count, replies.total_count, replies.current_count};
}

int32_t write_with_header(const qd_entity *e, uint64_t client, int64_t sequence, const void *payload, size_t size)
{
  qd::Payload *p = qd::payload_new(e->writer_type, SDK_DATA, size + in_band);
  if (!p) return qd::fail(QD_ENOMEM, "out of memory");
  const auto *bytes = static_cast<const uint8_t *>(payload);
  std::memcpy(p->data, bytes, encapsulation);
  std::memcpy(p->data + encapsulation, &client, 8);
  std::memcpy(p->data + encapsulation + 8, &sequence, 8);
  std::memcpy(p->data + encapsulation + in_band, bytes + encapsulation, size - encapsulation);
  const dds_return_t r = qd::payload_write(e->writer, p, size + in_band, 0);
  return r == DDS_RETCODE_OK ? QD_OK : qd::fail_dds("the request or reply could not be sent", r);
}

uint64_t word(const uint8_t *p, bool little)
{
  uint64_t v = 0;
  for (int i = 0; i < 8; i++) v |= uint64_t(p[i]) << (8 * (little ? i : 7 - i));
  return v;
}

bool has_header(const qd::Payload *p)
{
  return p->size >= encapsulation + in_band && p->data[0] == 0 && p->data[1] <= 1;
}

// Samples of clients and services own a copy without the header; the lowest bit of owner tells it from a payload of Cyclone's.
bool strip(const qd::Payload *p, dds_instance_handle_t route, qd_sample *out)
{
  const bool little = p->data[1] == 1;
  const uint64_t client = word(p->data + encapsulation, little);
  const size_t size = p->size - in_band;
  auto *copy = static_cast<uint8_t *>(std::malloc(size));
  if (!copy) return false;
  qd::live.payloads++;
  std::memcpy(copy, p->data, encapsulation);
  std::memcpy(copy + encapsulation, p->data + encapsulation + in_band, size - encapsulation);
  out->data = copy;
  out->size = size;
  out->owner = reinterpret_cast<void *>(reinterpret_cast<uintptr_t>(copy) | 1);
  std::memcpy(out->request.client, &client, 8);
  out->request.sequence = static_cast<int64_t>(word(p->data + encapsulation + 8, little));
  out->request.route = route;
  return true;
}

int32_t create(qd_kind kind, const char *what, qd_node *node, const char *name, const char *type, const char *request_hash, const char *response_hash,
               const qd_qos *qos, qd_entity **out)
{
  if (const int32_t r = qd::check_endpoint(what, node, name, type, qos, out); r != QD_OK) return r;
  qd_context *context = node->context;
  const bool client = kind == qd_kind::client;
  auto e = std::make_unique<qd_entity>(kind, context, node);
  e->client_id = random_id();
  uint8_t id[16];
  std::memcpy(id, context->gid.data(), 12);
  const uint32_t n = context->next_service_id++;
  for (int i = 0; i < 4; i++) id[12 + i] = static_cast<uint8_t>(n >> (8 * (3 - i)));
  e->peer_id = qd::dotted_id(id);
  const std::string announced = (client ? "clientid=" : "serviceid=") + e->peer_id + ";";
  const std::string request_topic = std::string("rq") + name + "Request", reply_topic = std::string("rr") + name + "Reply";
  const std::string request_type = qd::dds_type(type, "_Request"), reply_type = qd::dds_type(type, "_Response");
  const std::string request_data = announced + qd::type_hash_data(context, request_hash), reply_data = announced + qd::type_hash_data(context, response_hash);
  int32_t r;
  if (client) {
    r = e->create_reader(reply_topic, reply_type, reply_data, *qos, false);
    if (r == QD_OK) r = e->create_writer(request_topic, request_type, request_data, *qos);
  } else {
    r = e->create_writer(reply_topic, reply_type, reply_data, *qos);
    if (r == QD_OK) r = e->create_reader(request_topic, request_type, request_data, *qos, false);
  }
  return qd::finish(std::move(e), r, out);
}

}  // namespace

// ---- ABI ----------------------------------------------------------------------------------------------------------------------------

int32_t qd_client_create(qd_node *node, const char *service, const char *type, const char *request_hash, const char *response_hash, const qd_qos *qos,
                         qd_entity **out)
{
  return qd::guarded([&] { return create(qd_kind::client, "qd_client_create", node, service, type, request_hash, response_hash, qos, out); });
}

int32_t qd_service_create(qd_node *node, const char *service, const char *type, const char *request_hash, const char *response_hash, const qd_qos *qos,
                          qd_entity **out)
{
  return qd::guarded([&] { return create(qd_kind::service, "qd_service_create", node, service, type, request_hash, response_hash, qos, out); });
}

int32_t qd_send_request(qd_entity *client, const void *payload, size_t size, int64_t *sequence)
{
  if (!client || client->kind != qd_kind::client || !payload || size < encapsulation || !sequence)
    return qd::fail(QD_EINVAL, "qd_send_request: a client, a payload with its 4-byte header and a place for the number are needed");
  *sequence = next_sequence++;
  return write_with_header(client, client->client_id, *sequence, payload, size);
}

int32_t qd_service_available(qd_entity *client)
{
  return qd::guarded([&]() -> int32_t {
    if (!client || client->kind != qd_kind::client) return qd::fail(QD_EINVAL, "qd_service_available: a client is needed");
    // Asked before every call: what was available is so until an endpoint comes or goes, which these counts tell far more cheaply than looking at all of them.
    const std::array<uint32_t, 4> counts = match_counts(client);
    {
      const std::lock_guard<std::mutex> lock(client->mutex);
      if (counts[1] > 0 && counts[3] > 0 && counts == client->ready_with) return 1;
    }
    const std::vector<Peer> servers = matched_readers(client->writer, "serviceid");
    const std::vector<Peer> repliers = matched_writers(client->reader, "serviceid");
    const std::lock_guard<std::mutex> lock(client->mutex);
    bool identified = false, matched = false, in_step = false;
    for (const Peer &server : servers) identified |= !server.id.empty();
    for (const Peer &server : servers) {
      if (identified && server.id.empty()) continue;
      for (const Peer &replier : repliers) {
        // Servers that give no id (other implementations) cannot be paired: any reader with any writer will do.
        if (identified && server.id != replier.id) continue;
        matched = true;
        in_step |= qd_writer_in_step(client->writer_type, client->writer_gid.data(), server.gid.data()) &&
                   qd_reader_in_step(client->reader_type, replier.gid.data());
      }
    }
    if (!matched) {
      client->both_matched_since = 0;
      return 0;
    }
    const int64_t now = dds_time();
    if (client->both_matched_since == 0) client->both_matched_since = now;
    const bool available = in_step || (!identified && now - client->both_matched_since > heartbeat_patience_ns);
    client->ready_with = available ? counts : std::array<uint32_t, 4>{};
    return available ? 1 : 0;
  });
}

int32_t qd_send_reply(qd_entity *service, const qd_request_id *request, const void *payload, size_t size)
{
  return qd::guarded([&]() -> int32_t {
    if (!service || service->kind != qd_kind::service || !request || !payload || size < encapsulation)
      return qd::fail(QD_EINVAL, "qd_send_reply: a service, a request's id and a payload with its 4-byte header are needed");
    // Looking a client up costs more than answering it. Who was there when the reader's match counts were last these still is.
    dds_subscription_matched_status_t status{};
    dds_get_subscription_matched_status(service->reader, &status);
    const std::array<uint32_t, 2> counts{status.total_count, status.current_count};
    bool known;
    {
      const std::lock_guard<std::mutex> lock(service->mutex);
      if (counts != service->answerable_with) service->answerable.clear();
      service->answerable_with = counts;
      known = service->answerable.count(request->route) != 0;
    }
    if (!known) {
      const Peer client = describe(dds_get_matched_publication_data(service->reader, request->route), "clientid");
      if (!client.there) return qd::fail(QD_EGONE, "the client that asked is gone");
      // Clients that give no id (other implementations) cannot be waited for.
      const int64_t end = dds_time() + reply_patience_ns;
      for (bool matched = false, in_step = client.id.empty(); !in_step;) {
        for (const Peer &reader : matched_readers(service->writer, "clientid")) {
          if (reader.id != client.id) continue;
          matched = true;
          in_step = qd_writer_in_step(service->writer_type, service->writer_gid.data(), reader.gid.data());
        }
        if (in_step) break;
        if (dds_time() > end) {
          // A matched reader whose acknowledgment is late may well have had its heartbeat: trying beats dropping.
          if (matched) break;
          return qd::fail(QD_ETIMEOUT, "the reply endpoint of the client that asked was not found");
        }
        std::this_thread::sleep_for(std::chrono::microseconds(500));
      }
      const std::lock_guard<std::mutex> lock(service->mutex);
      constexpr size_t many = 1024;
      if (service->answerable.size() >= many) service->answerable.clear();
      service->answerable.insert(request->route);
    }
    uint64_t id;
    std::memcpy(&id, request->client, 8);
    return write_with_header(service, id, request->sequence, payload, size);
  });
}

bool qd_entity::is_for(const qd::Payload &reply) const
{
  return !has_header(&reply) || word(reply.data + encapsulation, reply.data[1] == 1) == client_id;
}

void qd_entity::fill_inbox()
{
  bool arrived = false;
  constexpr uint32_t batch = 32;
  constexpr size_t most = 16384;   // requests that nobody serves; the oldest go first
  ddsi_serdata *data[batch];
  dds_sample_info_t info[batch];
  dds_return_t n;
  while ((n = dds_takecdr(reader, data, batch, info, DDS_ANY_STATE)) > 0) {
    for (dds_return_t i = 0; i < n; i++) {
      auto *p = reinterpret_cast<qd::Payload *>(data[i]);
      qd_sample sample{};
      if (info[i].valid_data && !has_header(p)) {
        try {
          const std::lock_guard<std::mutex> lock(inbox_mutex);
          malformed.add(info[i].publication_handle);
          arrived = true;
        } catch (const std::bad_alloc &) {
        }
      } else if (info[i].valid_data && (kind == qd_kind::service || is_for(*p)) && strip(p, info[i].publication_handle, &sample)) {
        sample.source_timestamp_ns = info[i].source_timestamp;
        sample.reception_timestamp_ns = p->received;
        try {
          const std::lock_guard<std::mutex> lock(inbox_mutex);
          inbox.push_back(sample);
          arrived = true;
          if (inbox.size() > most) {
            qd_release(&inbox.front(), 1);
            inbox.pop_front();
          }
        } catch (const std::bad_alloc &) {
          qd_release(&sample, 1);
        }
      }
      qd::payload_release(p);
    }
  }
  if (arrived) waitable.signal();
}

namespace {

int32_t take_from_inbox(qd_entity *entity, qd_sample *samples, int32_t capacity)
{
  int32_t taken = 0;
  bool more;
  {
    const std::lock_guard<std::mutex> lock(entity->inbox_mutex);
    for (; taken < capacity && !entity->inbox.empty(); taken++) {
      samples[taken] = entity->inbox.front();
      entity->inbox.pop_front();
    }
    more = !entity->inbox.empty();
  }
  const std::lock_guard<std::mutex> lock(entity->mutex);
  for (int32_t i = 0; i < taken; i++) {
    const qd::Guid gid = entity->gid_of(samples[i].request.route);
    std::memcpy(samples[i].publisher_gid, gid.data(), gid.size());
  }
  if (more) entity->waitable.signal();
  return taken;
}

int32_t take_from_reader(qd_entity *entity, qd_sample *samples, int32_t capacity)
{
  constexpr int32_t batch = 64;
  ddsi_serdata *data[batch];
  dds_sample_info_t info[batch];
  int32_t taken = 0;
  const std::lock_guard<std::mutex> lock(entity->mutex);
  while (taken < capacity) {
    const int32_t wanted = capacity - taken < batch ? capacity - taken : batch;
    const dds_return_t n = dds_takecdr(entity->reader, data, static_cast<uint32_t>(wanted), info, DDS_ANY_STATE);
    if (n < 0) return taken > 0 ? taken : qd::fail_dds("samples could not be taken", n);
    for (dds_return_t i = 0; i < n; i++) {
      auto *p = reinterpret_cast<qd::Payload *>(data[i]);
      if (!info[i].valid_data) {
        qd::payload_release(p);
        continue;
      }
      qd_sample *out = &samples[taken++];
      *out = {};
      out->data = p->data;
      out->size = p->size;
      out->owner = p;
      out->source_timestamp_ns = info[i].source_timestamp;
      out->reception_timestamp_ns = p->received;
      const qd::Guid gid = entity->gid_of(info[i].publication_handle);
      std::memcpy(out->publisher_gid, gid.data(), gid.size());
    }
    if (n < wanted) return taken;
  }
  entity->waitable.signal();
  return taken;
}

}  // namespace

int32_t qd_take(qd_entity *entity, qd_sample *samples, int32_t capacity)
{
  return qd::guarded([&]() -> int32_t {
    if (!entity || entity->reader <= 0 || !samples || capacity <= 0)
      return qd::fail(QD_EINVAL, "qd_take: a subscription, client or service and room for a sample are needed");
    return entity->kind == qd_kind::subscription ? take_from_reader(entity, samples, capacity) : take_from_inbox(entity, samples, capacity);
  });
}

int32_t qd_take_malformed(qd_entity *entity, uint64_t *total, uint8_t (*gids)[16], int32_t capacity)
{
  return qd::guarded([&]() -> int32_t {
    if (!entity || (entity->kind != qd_kind::client && entity->kind != qd_kind::service) || !total || !gids || capacity <= 0)
      return qd::fail(QD_EINVAL, "qd_take_malformed: a client or service and places for the results are needed");
    std::vector<dds_instance_handle_t> sources;
    {
      const std::lock_guard<std::mutex> lock(entity->inbox_mutex);
      *total = entity->malformed.total();
      sources = entity->malformed.take(capacity);
    }
    const std::lock_guard<std::mutex> lock(entity->mutex);
    for (size_t i = 0; i < sources.size(); i++) std::memcpy(gids[i], entity->gid_of(sources[i]).data(), 16);
    return static_cast<int32_t>(sources.size());
  });
}

void qd_release(qd_sample *samples, int32_t count)
{
  for (int32_t i = 0; samples && i < count; i++) {
    const auto owner = reinterpret_cast<uintptr_t>(samples[i].owner);
    if (owner & 1) {
      std::free(reinterpret_cast<void *>(owner & ~uintptr_t(1)));
      qd::live.payloads--;
    } else if (owner) {
      qd::payload_release(static_cast<qd::Payload *>(samples[i].owner));
    }
    samples[i] = {};
  }
}
