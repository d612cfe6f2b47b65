// An opaque DDS type: a sample is its CDR bytes, keyless, XCDR1. It lets one library carry every ROS type without generated code.
#pragma once
#include <dds/dds.h>
#include <dds/ddsi/ddsi_serdata.h>

#include <cstddef>
#include <cstdint>

namespace qd {

struct Payload {
  ddsi_serdata base;
  uint32_t size;          // bytes that go on the wire: a multiple of 4, as rmw_cyclonedds_cpp pads
  uint32_t capacity;
  int64_t received;       // ns since the Unix epoch, when the bytes reached (or were written in) this process
  alignas(16) uint8_t data[1];
};

// A payload of n bytes (contents undefined, padding zero) with one reference; null when memory is short or n is over 2 GiB.
Payload *payload_new(const ddsi_sertype *type, ddsi_serdata_kind kind, size_t n) noexcept;
inline void payload_release(Payload *p) noexcept { ddsi_serdata_unref(&p->base); }

// Creates a topic of the opaque type. *type stays valid while the topic, or any endpoint of it, lives.
dds_entity_t payload_topic(dds_entity_t participant, const char *topic, const char *type_name, const dds_qos_t *qos, const ddsi_sertype **type);

// What the filter of such a topic (dds_topic_filter) is shown as the sample; null when memory was short.
inline const Payload *payload_in_filter(const void *sample) { return sample ? *static_cast<const Payload *const *>(sample) : nullptr; }

// Sets the size and the time stamp and writes; consumes the payload on every path.
dds_return_t payload_write(dds_entity_t writer, Payload *payload, size_t size, int64_t source_timestamp);

}  // namespace qd
