// What is known of the domain: participants and endpoints from DDS discovery, nodes from ros_discovery_info. Changes signal one waitable.
#pragma once
#include <dds/dds.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "malformed.hpp"
#include "qd_transport.h"
#include "wait_set.hpp"

namespace qd {

using Guid = std::array<uint8_t, 16>;

struct NodeInfo {
  std::string name_space, name;
  std::vector<Guid> readers, writers;
};

// The bytes of rmw_dds_common/msg/ParticipantEntitiesInfo; Humble's gids are 24 bytes long.
std::vector<uint8_t> encode_entities(const Guid &participant, const std::vector<const NodeInfo *> &nodes, bool humble);

// False when the bytes are no such message, in either gid size, whose gids all belong to one participant. Never reads or allocates beyond what the
// payload itself can account for.
bool decode_entities(const uint8_t *data, size_t size, Guid &participant, std::vector<NodeInfo> &nodes);

struct ParticipantRecord {
  bool ros = false;                // announced an enclave
  std::string enclave, user_data;
};

struct EndpointRecord {
  Guid participant{};
  bool writes = false;
  std::string topic, type, user_data;
  qd_qos qos{};
};

class Graph {
public:
  Waitable changed;

  int32_t open(dds_entity_t participant, dds_entity_t subscriber, dds_entity_t info_topic, const Guid &own, bool humble);
  void close();

  void set_own_nodes(std::vector<NodeInfo> nodes);
  uint64_t version();
  qd_graph *snapshot();

  // Sources of announcements that could not be read, as Malformed::take, and how many of those there were.
  std::vector<Guid> take_malformed(int32_t capacity, uint64_t &total);

  // The gid behind a publication handle, also of a writer that went a while ago: its samples may still be read. Zero when it is not known.
  Guid writer_of(dds_instance_handle_t handle);

private:
  static void on_data(dds_entity_t reader, void *self);
  void drain();                    // mutex_ held
  void drain_participants();
  void drain_endpoints(dds_entity_t reader, bool writes);
  void drain_entities();
  void bump();

  std::mutex mutex_;
  Guid own_{};
  dds_entity_t participants_reader_ = 0, publications_reader_ = 0, subscriptions_reader_ = 0, info_reader_ = 0;
  std::map<Guid, ParticipantRecord> participants_;
  std::map<Guid, EndpointRecord> endpoints_;
  std::map<Guid, std::vector<NodeInfo>> nodes_;
  std::map<dds_instance_handle_t, Guid> writers_;
  std::deque<std::pair<dds_instance_handle_t, Guid>> gone_writers_;  // the latest of them
  uint64_t version_ = 1;
  Malformed<Guid> malformed_;
};

}  // namespace qd
