#include "payload_type.hpp"

#include <dds/ddsi/ddsi_sertype.h>
#include <dds/ddsi/q_radmin.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "live.hpp"

namespace qd {

namespace {

constexpr size_t header_size = 4;          // CDR encapsulation
constexpr size_t max_size = 0x7ffffff0;

const Payload *payload(const ddsi_serdata *d) { return reinterpret_cast<const Payload *>(d); }

bool same_key(const ddsi_serdata *, const ddsi_serdata *) { return true; }

uint32_t wire_size(const ddsi_serdata *d) { return payload(d)->size; }

void free_payload(ddsi_serdata *d)
{
  live.payloads--;
  std::free(d);
}

ddsi_serdata *from_network(const ddsi_sertype *type, ddsi_serdata_kind kind, const nn_rdata *fragment, size_t size)
{
  if (size < header_size) return nullptr;
  Payload *p = payload_new(type, kind, size);
  if (!p) return nullptr;
  uint32_t at = 0;
  for (; fragment; fragment = fragment->nextfrag) {
    // Fragments are ordered but may overlap.
    if (fragment->maxp1 > at) {
      const unsigned char *from = NN_RMSG_PAYLOADOFF(fragment->rmsg, NN_RDATA_PAYLOAD_OFF(fragment));
      const uint32_t end = fragment->maxp1 < size ? fragment->maxp1 : static_cast<uint32_t>(size);
      if (end <= at) break;
      std::memcpy(p->data + at, from + (at - fragment->min), end - at);
      at = end;
    }
  }
  return &p->base;
}

ddsi_serdata *from_vector(const ddsi_sertype *type, ddsi_serdata_kind kind, ddsrt_msg_iovlen_t count, const ddsrt_iovec_t *parts, size_t size)
{
  if (size < header_size) return nullptr;
  Payload *p = payload_new(type, kind, size);
  if (!p) return nullptr;
  size_t at = 0;
  for (ddsrt_msg_iovlen_t i = 0; i < count && at < size; i++) {
    const size_t n = parts[i].iov_len < size - at ? parts[i].iov_len : size - at;
    std::memcpy(p->data + at, parts[i].iov_base, n);
    at += n;
  }
  return &p->base;
}

ddsi_serdata *from_keyhash(const ddsi_sertype *type, const ddsi_keyhash *)
{
  Payload *p = payload_new(type, SDK_KEY, 0);
  return p ? &p->base : nullptr;
}

// Samples are never written or read through the typed calls, only as payloads. A topic's filter alone sees a sample: a pointer to the payload.
ddsi_serdata *from_sample(const ddsi_sertype *type, ddsi_serdata_kind, const void *)
{
  return from_keyhash(type, nullptr);
}

void to_bytes(const ddsi_serdata *d, size_t offset, size_t n, void *out) { std::memcpy(out, payload(d)->data + offset, n); }

ddsi_serdata *to_bytes_ref(const ddsi_serdata *d, size_t offset, size_t n, ddsrt_iovec_t *ref)
{
  ref->iov_base = const_cast<uint8_t *>(payload(d)->data + offset);
  ref->iov_len = static_cast<ddsrt_iov_len_t>(n);
  return ddsi_serdata_ref(d);
}

void to_bytes_unref(ddsi_serdata *d, const ddsrt_iovec_t *) { ddsi_serdata_unref(d); }

bool to_sample(const ddsi_serdata *d, void *sample, void **, void *)
{
  if (sample) *static_cast<const Payload **>(sample) = payload(d);
  return sample != nullptr;
}

ddsi_serdata *to_untyped(const ddsi_serdata *d)
{
  Payload *p = payload_new(d->type, SDK_KEY, 0);
  if (!p) return nullptr;
  p->base.type = nullptr;
  return &p->base;
}

bool untyped_to_sample(const ddsi_sertype *, const ddsi_serdata *, void *, void **, void *) { return true; }

size_t print(const ddsi_sertype *, const ddsi_serdata *d, char *out, size_t n)
{
  return static_cast<size_t>(std::snprintf(out, n, "(%u bytes of CDR)", payload(d)->size));
}

void keyhash(const ddsi_serdata *, ddsi_keyhash *out, bool) { std::memset(out, 0, sizeof *out); }

ddsi_serdata_ops make_serdata_ops()
{
  ddsi_serdata_ops ops{};
  ops.eqkey = same_key;
  ops.get_size = wire_size;
  ops.from_ser = from_network;
  ops.from_ser_iov = from_vector;
  ops.from_keyhash = from_keyhash;
  ops.from_sample = from_sample;
  ops.to_ser = to_bytes;
  ops.to_ser_ref = to_bytes_ref;
  ops.to_ser_unref = to_bytes_unref;
  ops.to_sample = to_sample;
  ops.to_untyped = to_untyped;
  ops.untyped_to_sample = untyped_to_sample;
  ops.free = free_payload;
  ops.print = print;
  ops.get_keyhash = keyhash;
  return ops;
}

void free_type(ddsi_sertype *type)
{
  ddsi_sertype_fini(type);
  live.types--;
  std::free(type);
}

// What Cyclone takes for a sample: where its payload is.
void zero_samples(const ddsi_sertype *, void *samples, size_t count) { std::memset(samples, 0, count * sizeof(Payload *)); }

void realloc_samples(void **samples, const ddsi_sertype *, void *old, size_t old_count, size_t count)
{
  auto *memory = static_cast<const Payload **>(std::realloc(old, (count ? count : 1) * sizeof(Payload *)));
  for (size_t i = old_count; memory && i < count; i++) memory[i] = nullptr;
  for (size_t i = 0; i < count; i++) samples[i] = memory ? memory + i : nullptr;
}

void free_samples(const ddsi_sertype *, void **samples, size_t count, dds_free_op_t op)
{
  if (count && (op & DDS_FREE_ALL_BIT)) std::free(samples[0]);
}

bool same_type(const ddsi_sertype *, const ddsi_sertype *) { return true; }  // the name, compared by Cyclone, is all there is

uint32_t type_hash(const ddsi_sertype *) { return 0x51445459u; }

size_t serialized_size(const ddsi_sertype *, const void *) { return 0; }

bool serialize_into(const ddsi_sertype *, const void *, void *, size_t) { return false; }

ddsi_sertype_ops make_sertype_ops()
{
  ddsi_sertype_ops ops{};
  ops.version = ddsi_sertype_v0;
  ops.free = free_type;
  ops.zero_samples = zero_samples;
  ops.realloc_samples = realloc_samples;
  ops.free_samples = free_samples;
  ops.equal = same_type;
  ops.hash = type_hash;
  ops.get_serialized_size = serialized_size;
  ops.serialize_into = serialize_into;
  return ops;
}

const ddsi_serdata_ops serdata_ops = make_serdata_ops();
const ddsi_sertype_ops sertype_ops = make_sertype_ops();

}  // namespace

Payload *payload_new(const ddsi_sertype *type, ddsi_serdata_kind kind, size_t n) noexcept
{
  if (n > max_size) return nullptr;
  const size_t padding = (0 - n) & 3;
  auto *p = static_cast<Payload *>(std::malloc(offsetof(Payload, data) + n + padding + 1));
  if (!p) return nullptr;
  live.payloads++;
  ddsi_serdata_init(&p->base, type, kind);
  p->base.hash = type ? type->serdata_basehash : 0;
  p->size = p->capacity = static_cast<uint32_t>(n + padding);
  p->received = dds_time();
  std::memset(p->data + n, 0, padding);
  return p;
}

dds_entity_t payload_topic(dds_entity_t participant, const char *topic, const char *type_name, const dds_qos_t *qos, const ddsi_sertype **type)
{
  auto *t = static_cast<ddsi_sertype *>(std::calloc(1, sizeof(ddsi_sertype)));
  if (!t) return DDS_RETCODE_OUT_OF_RESOURCES;
  live.types++;
  ddsi_sertype_init_flags(t, type_name, &sertype_ops, &serdata_ops, DDSI_SERTYPE_FLAG_TOPICKIND_NO_KEY);
  t->allowed_data_representation = DDS_DATA_REPRESENTATION_FLAG_XCDR1;
  const dds_entity_t e = dds_create_topic_sertype(participant, topic, &t, qos, nullptr, nullptr);
  if (e < 0) ddsi_sertype_unref(t);  // the reference is taken over on success only
  else *type = t;                    // possibly another object of the same type name
  return e;
}

dds_return_t payload_write(dds_entity_t writer, Payload *p, size_t size, int64_t source_timestamp)
{
  const size_t padding = (0 - size) & 3;
  if (size < header_size || size + padding > p->capacity) {
    payload_release(p);
    return DDS_RETCODE_BAD_PARAMETER;
  }
  std::memset(p->data + size, 0, padding);
  p->size = static_cast<uint32_t>(size + padding);
  p->base.statusinfo = 0;
  p->received = dds_time();
  p->base.timestamp.v = source_timestamp != 0 ? source_timestamp : p->received;
  const dds_return_t r = dds_forwardcdr(writer, &p->base);
  // The write path consumes the reference whatever becomes of the sample; a handle that is refused before it does not.
  if (r == DDS_RETCODE_BAD_PARAMETER || r == DDS_RETCODE_ILLEGAL_OPERATION || r == DDS_RETCODE_ALREADY_DELETED ||
      r == DDS_RETCODE_PRECONDITION_NOT_MET)
    payload_release(p);
  return r;
}

}  // namespace qd
