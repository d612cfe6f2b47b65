#include "graph.hpp"

#include <cstring>

#include "context.hpp"
#include "error.hpp"
#include "names.hpp"

namespace qd {

namespace {

constexpr size_t max_name = 256;         // rmw_dds_common's bound
constexpr size_t gone_writers = 256;     // remembered, for what they sent last
constexpr size_t stray_participants = 64; // entity lists kept for participants that discovery has not shown yet

class Encoder {
public:
  explicit Encoder(size_t gid_size) : gid_size_(gid_size) { bytes_ = {0, 1, 0, 0}; }

  void u32(size_t v)
  {
    while (bytes_.size() % 4) bytes_.push_back(0);
    for (int i = 0; i < 4; i++) bytes_.push_back(static_cast<uint8_t>(v >> (8 * i)));
  }

  void text(const std::string &s)
  {
    u32(s.size() + 1);
    bytes_.insert(bytes_.end(), s.begin(), s.end());
    bytes_.push_back(0);
  }

  void gid(const Guid &g)
  {
    bytes_.insert(bytes_.end(), g.begin(), g.end());
    bytes_.insert(bytes_.end(), gid_size_ - g.size(), 0);
  }

  void gids(const std::vector<Guid> &list)
  {
    u32(list.size());
    for (const Guid &g : list) gid(g);
  }

  std::vector<uint8_t> take() { return std::move(bytes_); }

private:
  size_t gid_size_;
  std::vector<uint8_t> bytes_;
};

class Decoder {
public:
  Decoder(const uint8_t *data, size_t size, size_t gid_size, bool little) : data_(data), size_(size), gid_size_(gid_size), little_(little) {}

  bool u32(uint32_t &v)
  {
    at_ = (at_ + 3) & ~static_cast<size_t>(3);
    if (at_ > size_ || size_ - at_ < 4) return false;
    const uint8_t *p = data_ + at_;
    v = little_ ? uint32_t(p[0]) | uint32_t(p[1]) << 8 | uint32_t(p[2]) << 16 | uint32_t(p[3]) << 24
                : uint32_t(p[3]) | uint32_t(p[2]) << 8 | uint32_t(p[1]) << 16 | uint32_t(p[0]) << 24;
    at_ += 4;
    return true;
  }

  bool text(std::string &s)
  {
    uint32_t n;
    if (!u32(n) || n == 0 || n > max_name + 1 || n > size_ - at_ || data_[at_ + n - 1] != 0) return false;
    s.assign(reinterpret_cast<const char *>(data_ + at_), n - 1);
    at_ += n;
    return s.find('\0') == std::string::npos;
  }

  bool gid(Guid &g)
  {
    if (size_ - at_ < gid_size_) return false;
    std::memcpy(g.data(), data_ + at_, g.size());
    for (size_t i = g.size(); i < gid_size_; i++)
      if (data_[at_ + i] != 0) return false;
    at_ += gid_size_;
    return true;
  }

  bool gids(std::vector<Guid> &list, const Guid &owner)
  {
    uint32_t n;
    if (!u32(n) || n > (size_ - at_) / gid_size_) return false;
    list.resize(n);
    for (Guid &g : list)
      if (!gid(g) || std::memcmp(g.data(), owner.data(), 12) != 0) return false;
    return true;
  }

  size_t left() const { return size_ - at_; }

private:
  const uint8_t *data_;
  size_t size_, gid_size_;
  bool little_;
  size_t at_ = 4;   // alignment counts from here, and 4 is a multiple of 4
};

bool decode(const uint8_t *data, size_t size, size_t gid_size, Guid &participant, std::vector<NodeInfo> &nodes)
{
  if (size < 4 || data[0] != 0 || data[1] > 1) return false;
  Decoder in(data, size, gid_size, data[1] == 1);
  uint32_t n;
  nodes.clear();
  if (!in.gid(participant) || !in.u32(n)) return false;
  for (uint32_t i = 0; i < n; i++) {
    // One by one, so that a lie about their number allocates nothing.
    NodeInfo &node = nodes.emplace_back();
    if (!in.text(node.name_space) || !in.text(node.name) || !in.gids(node.readers, participant) || !in.gids(node.writers, participant)) return false;
  }
  return in.left() < 4;  // padding only
}

std::string user_data_of(const dds_qos_t *qos)
{
  void *data = nullptr;
  size_t size = 0;
  std::string result;
  if (qos && dds_qget_userdata(qos, &data, &size) && data) {
    result.assign(static_cast<const char *>(data), size);
    dds_free(data);
  }
  return result;
}

// Takes everything from a built-in reader and hands each sample (null when the instance is gone) to f.
template <typename Sample, typename F>
void take_all(dds_entity_t reader, F f)
{
  constexpr uint32_t batch = 32;
  for (;;) {
    void *samples[batch] = {nullptr};
    dds_sample_info_t info[batch];
    const dds_return_t n = dds_take(reader, samples, info, batch, batch);
    if (n <= 0) return;
    for (dds_return_t i = 0; i < n; i++) f(*static_cast<const Sample *>(samples[i]), info[i], info[i].instance_state == DDS_ALIVE_INSTANCE_STATE);
    dds_return_loan(reader, samples, n);
  }
}

Guid guid(const dds_guid_t &g)
{
  Guid result;
  std::memcpy(result.data(), g.v, result.size());
  return result;
}

}  // namespace

std::vector<uint8_t> encode_entities(const Guid &participant, const std::vector<const NodeInfo *> &nodes, bool humble)
{
  Encoder out(humble ? 24 : 16);
  out.gid(participant);
  out.u32(nodes.size());
  for (const NodeInfo *node : nodes) {
    out.text(node->name_space);
    out.text(node->name);
    out.gids(node->readers);
    out.gids(node->writers);
  }
  return out.take();
}

bool decode_entities(const uint8_t *data, size_t size, Guid &participant, std::vector<NodeInfo> &nodes)
{
  return decode(data, size, 16, participant, nodes) || decode(data, size, 24, participant, nodes);
}

int32_t Graph::open(dds_entity_t participant, dds_entity_t subscriber, dds_entity_t info_topic, const Guid &own, bool humble)
{
  own_ = own;
  const std::pair<dds_entity_t, dds_entity_t *> builtin[] = {
    {DDS_BUILTIN_TOPIC_DCPSPARTICIPANT, &participants_reader_},
    {DDS_BUILTIN_TOPIC_DCPSPUBLICATION, &publications_reader_},
    {DDS_BUILTIN_TOPIC_DCPSSUBSCRIPTION, &subscriptions_reader_},
  };
  for (const auto &[topic, reader] : builtin) {
    *reader = dds_create_reader(participant, topic, nullptr, nullptr);
    if (*reader < 0) return fail_dds("a discovery reader could not be created", *reader);
  }
  Qos qos;
  fill_qos(qos, {QD_RELIABILITY_RELIABLE, QD_DURABILITY_TRANSIENT_LOCAL, QD_HISTORY_KEEP_ALL, 0, 0, 1, 0, 0, 0});
  dds_qset_ignorelocal(qos, DDS_IGNORELOCAL_PARTICIPANT);
  if (!humble) set_user_data(qos, "typehash=RIHS01_91a0593bacdcc50ea9bdcf849a938b128412cc1ea821245c663bcd26f83c295e;");
  info_reader_ = dds_create_reader(subscriber, info_topic, qos, nullptr);
  if (info_reader_ < 0) return fail_dds("the reader of ros_discovery_info could not be created", info_reader_);

  dds_listener_t *listener = dds_create_listener(this);
  dds_lset_data_available(listener, on_data);
  for (const dds_entity_t reader : {participants_reader_, publications_reader_, subscriptions_reader_, info_reader_}) dds_set_listener(reader, listener);
  dds_delete_listener(listener);
  const std::lock_guard<std::mutex> lock(mutex_);
  drain();
  return QD_OK;
}

void Graph::close()
{
  for (dds_entity_t *reader : {&info_reader_, &subscriptions_reader_, &publications_reader_, &participants_reader_}) {
    if (*reader > 0) dds_delete(*reader);
    *reader = 0;
  }
}

// Runs on Cyclone's receive threads. It only takes from readers, which waits for nobody.
void Graph::on_data(dds_entity_t, void *self)
{
  auto *graph = static_cast<Graph *>(self);
  try {
    const std::lock_guard<std::mutex> lock(graph->mutex_);
    graph->drain();
  } catch (const std::bad_alloc &) {
    // What could not be stored comes again with the next announcement, or never; the process has worse to worry about.
  }
}

void Graph::bump()
{
  version_++;
  changed.signal();
}

void Graph::drain()
{
  const uint64_t before = version_;
  drain_participants();
  drain_endpoints(publications_reader_, true);
  drain_endpoints(subscriptions_reader_, false);
  drain_entities();
  if (version_ != before) changed.signal();
}

void Graph::drain_participants()
{
  take_all<dds_builtintopic_participant_t>(participants_reader_, [this](const dds_builtintopic_participant_t &p, const dds_sample_info_t &info, bool alive) {
    const Guid key = guid(p.key);
    if (!alive) {
      participants_.erase(key);
      nodes_.erase(key);
    } else if (info.valid_data) {
      ParticipantRecord &record = participants_[key];
      record.user_data = user_data_of(p.qos);
      const auto values = parse_user_data(record.user_data);
      const auto enclave = values.find("enclave");
      record.ros = enclave != values.end();
      record.enclave = record.ros ? enclave->second : std::string();
    }
    version_++;
  });
}

void Graph::drain_endpoints(dds_entity_t reader, bool writes)
{
  take_all<dds_builtintopic_endpoint_t>(reader, [this, writes](const dds_builtintopic_endpoint_t &e, const dds_sample_info_t &info, bool alive) {
    const Guid key = guid(e.key);
    if (!alive) {
      endpoints_.erase(key);
      if (writes) {
        writers_.erase(info.instance_handle);
        gone_writers_.emplace_back(info.instance_handle, key);
        if (gone_writers_.size() > gone_writers) gone_writers_.pop_front();
      }
    } else if (info.valid_data && e.topic_name && e.type_name) {
      EndpointRecord &record = endpoints_[key];
      record.participant = guid(e.participant_key);
      record.writes = writes;
      record.topic = e.topic_name;
      record.type = e.type_name;
      record.user_data = user_data_of(e.qos);
      record.qos = read_qos(e.qos);
      if (writes) writers_[info.instance_handle] = key;
    }
    version_++;
  });
}

void Graph::drain_entities()
{
  constexpr uint32_t batch = 16;
  for (;;) {
    ddsi_serdata *data[batch];
    dds_sample_info_t info[batch];
    const dds_return_t n = dds_takecdr(info_reader_, data, batch, info, DDS_ANY_STATE);
    if (n <= 0) return;
    for (dds_return_t i = 0; i < n; i++) {
      if (info[i].valid_data) {
        const auto *p = reinterpret_cast<const Payload *>(data[i]);
        Guid participant;
        std::vector<NodeInfo> nodes;
        if (!decode_entities(p->data, p->size, participant, nodes)) {
          const auto source = writers_.find(info[i].publication_handle);
          malformed_.add(source == writers_.end() ? Guid{} : source->second);
        } else if (participant != own_) {
          nodes_[participant] = std::move(nodes);
          if (nodes_.size() > participants_.size() + stray_participants) {
            for (auto it = nodes_.begin(); it != nodes_.end();) it = participants_.count(it->first) ? std::next(it) : nodes_.erase(it);
          }
        }
        version_++;
      }
      ddsi_serdata_unref(data[i]);
    }
  }
}

void Graph::set_own_nodes(std::vector<NodeInfo> nodes)
{
  const std::lock_guard<std::mutex> lock(mutex_);
  nodes_[own_] = std::move(nodes);
  bump();
}

uint64_t Graph::version()
{
  const std::lock_guard<std::mutex> lock(mutex_);
  drain();
  return version_;
}

std::vector<Guid> Graph::take_malformed(int32_t capacity, uint64_t &total)
{
  const std::lock_guard<std::mutex> lock(mutex_);
  drain();
  total = malformed_.total();
  return malformed_.take(capacity);
}

Guid Graph::writer_of(dds_instance_handle_t handle)
{
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!writers_.count(handle)) drain();  // a writer of this process latches before anybody looked at the graph
  if (const auto found = writers_.find(handle); found != writers_.end()) return found->second;
  for (const auto &[gone, gid] : gone_writers_)
    if (gone == handle) return gid;
  return Guid{};
}

}  // namespace qd
