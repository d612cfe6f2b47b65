// A DDS participant that is not ours: eProsima Fast DDS with opaque CDR payloads, on the loopback interface. It prints one line per event and ends when its
// standard input is closed.
//
//   fastdds_peer DOMAIN listen TOPIC TYPE [options]                       matched N | message HEX
//   fastdds_peer DOMAIN publish TOPIC TYPE HEX COUNT PERIOD_MS [options]  matched N | published N
//   fastdds_peer DOMAIN fuzz TOPIC TYPE HEX SEED COUNT [options]          matched N | fuzzed: COUNT damaged payloads, then the whole one
//   fastdds_peer DOMAIN discover                                         participant|writer|reader|gone GUID key=value ...
//
// In the payload of fuzz, twelve bytes aa stand for the participant's own GUID prefix.
// options: --keep-all --transient-local --best-effort --depth N --deadline MS --user-data TEXT
#include <fastdds/dds/domain/DomainParticipant.hpp>
#include <fastdds/dds/domain/DomainParticipantFactory.hpp>
#include <fastdds/dds/domain/DomainParticipantListener.hpp>
#include <fastdds/dds/publisher/DataWriter.hpp>
#include <fastdds/dds/publisher/DataWriterListener.hpp>
#include <fastdds/dds/publisher/Publisher.hpp>
#include <fastdds/dds/subscriber/DataReader.hpp>
#include <fastdds/dds/subscriber/DataReaderListener.hpp>
#include <fastdds/dds/subscriber/SampleInfo.hpp>
#include <fastdds/dds/subscriber/Subscriber.hpp>
#include <fastdds/dds/topic/Topic.hpp>
#include <fastdds/dds/topic/TopicDataType.hpp>
#include <fastdds/dds/topic/TypeSupport.hpp>
#include <fastdds/rtps/transport/UDPv4TransportDescriptor.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <iostream>
#include <mutex>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using namespace eprosima::fastdds::dds;
using namespace eprosima::fastrtps::rtps;
using eprosima::fastrtps::types::ReturnCode_t;
using Bytes = std::vector<uint8_t>;

namespace {

std::mutex output;

void say(const std::string &line)
{
  const std::lock_guard<std::mutex> lock(output);
  std::cout << line << std::endl;
}

std::string hex(const uint8_t *data, size_t size)
{
  static const char digits[] = "0123456789abcdef";
  std::string result;
  for (size_t i = 0; i < size; i++) {
    result += digits[data[i] >> 4];
    result += digits[data[i] & 15];
  }
  return result;
}

Bytes unhex(const std::string &text)
{
  Bytes result;
  for (size_t i = 0; i + 1 < text.size(); i += 2) result.push_back(static_cast<uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  return result;
}

std::string hex(const GUID_t &guid)
{
  return hex(guid.guidPrefix.value, 12) + hex(guid.entityId.value, 4);
}

// A sample is its serialized payload, encapsulation header included.
class OpaqueType : public TopicDataType {
public:
  explicit OpaqueType(const std::string &name)
  {
    setName(name.c_str());
    m_typeSize = 4096;
    m_isGetKeyDefined = false;
    auto_fill_type_information(false);
    auto_fill_type_object(false);
  }

  bool serialize(void *data, SerializedPayload_t *payload) override
  {
    const Bytes &bytes = *static_cast<Bytes *>(data);
    if (bytes.size() > payload->max_size) return false;
    std::memcpy(payload->data, bytes.data(), bytes.size());
    payload->encapsulation = CDR_LE;
    payload->length = static_cast<uint32_t>(bytes.size());
    return true;
  }

  bool deserialize(SerializedPayload_t *payload, void *data) override
  {
    static_cast<Bytes *>(data)->assign(payload->data, payload->data + payload->length);
    return true;
  }

  std::function<uint32_t()> getSerializedSizeProvider(void *data) override
  {
    return [data] { return static_cast<uint32_t>(static_cast<Bytes *>(data)->size()); };
  }

  void *createData() override { return new Bytes; }
  void deleteData(void *data) override { delete static_cast<Bytes *>(data); }
  bool getKey(void *, InstanceHandle_t *, bool) override { return false; }
};

struct Options {
  bool transient_local = false, best_effort = false, keep_all = false;
  int depth = 10;
  double deadline_ms = 0;
  std::string user_data;

  Options(int argc, char **argv, int from)
  {
    for (int i = from; i < argc; i++) {
      const std::string a = argv[i];
      if (a == "--transient-local") transient_local = true;
      else if (a == "--best-effort") best_effort = true;
      else if (a == "--keep-all") keep_all = true;
      else if (a == "--depth" && i + 1 < argc) depth = std::stoi(argv[++i]);
      else if (a == "--deadline" && i + 1 < argc) deadline_ms = std::stod(argv[++i]);
      else if (a == "--user-data" && i + 1 < argc) user_data = argv[++i];
      else throw std::invalid_argument("unknown option " + a);
    }
  }

  template <typename Qos>
  void apply(Qos &qos) const
  {
    qos.reliability().kind = best_effort ? BEST_EFFORT_RELIABILITY_QOS : RELIABLE_RELIABILITY_QOS;
    qos.durability().kind = transient_local ? TRANSIENT_LOCAL_DURABILITY_QOS : VOLATILE_DURABILITY_QOS;
    qos.history().kind = keep_all ? KEEP_ALL_HISTORY_QOS : KEEP_LAST_HISTORY_QOS;
    if (keep_all) {
      qos.resource_limits().max_samples = qos.resource_limits().max_samples_per_instance = 0;
      qos.resource_limits().max_instances = 1;
    }
    qos.history().depth = depth;
    qos.endpoint().history_memory_policy = PREALLOCATED_WITH_REALLOC_MEMORY_MODE;
    if (deadline_ms > 0) qos.deadline().period = eprosima::fastrtps::Duration_t(deadline_ms / 1000);
    if (!user_data.empty()) qos.user_data().data_vec(std::vector<octet>(user_data.begin(), user_data.end()));
  }
};

class Reader : public DataReaderListener {
public:
  void on_data_available(DataReader *reader) override
  {
    Bytes bytes;
    SampleInfo info;
    while (reader->take_next_sample(&bytes, &info) == ReturnCode_t::RETCODE_OK)
      if (info.valid_data) say("message " + hex(bytes.data(), bytes.size()));
  }
  void on_subscription_matched(DataReader *, const SubscriptionMatchedStatus &s) override { say("matched " + std::to_string(s.current_count)); }
  void on_requested_deadline_missed(DataReader *, const RequestedDeadlineMissedStatus &s) override { say("deadline-missed " + std::to_string(s.total_count)); }
  void on_requested_incompatible_qos(DataReader *, const RequestedIncompatibleQosStatus &s) override { say("incompatible " + std::to_string(s.last_policy_id)); }
};

class Writer : public DataWriterListener {
public:
  void on_publication_matched(DataWriter *, const PublicationMatchedStatus &s) override { say("matched " + std::to_string(s.current_count)); }
  void on_offered_deadline_missed(DataWriter *, const OfferedDeadlineMissedStatus &s) override { say("deadline-missed " + std::to_string(s.total_count)); }
  void on_offered_incompatible_qos(DataWriter *, const OfferedIncompatibleQosStatus &s) override { say("incompatible " + std::to_string(s.last_policy_id)); }
};

std::string seconds(const eprosima::fastrtps::Duration_t &d)
{
  return d == eprosima::fastrtps::c_TimeInfinite ? "infinite" : std::to_string(d.to_ns());
}

class Discovery : public DomainParticipantListener {
public:
  void on_participant_discovery(DomainParticipant *, ParticipantDiscoveryInfo &&d) override
  {
    const bool gone = d.status == ParticipantDiscoveryInfo::REMOVED_PARTICIPANT || d.status == ParticipantDiscoveryInfo::DROPPED_PARTICIPANT;
    const auto &u = d.info.m_userData.data_vec();
    say((gone ? "gone " : "participant ") + hex(d.info.m_guid) + " user_data=" + hex(u.data(), u.size()));
  }

  void on_publisher_discovery(DomainParticipant *, WriterDiscoveryInfo &&d) override
  {
    const auto &q = d.info.m_qos;
    std::ostringstream more;
    more << " lifespan=" << seconds(q.m_lifespan.duration) << " service_depth=" << q.m_durabilityService.history_depth
         << " service_history=" << (q.m_durabilityService.history_kind == KEEP_ALL_HISTORY_QOS ? "keep_all" : "keep_last");
    endpoint("writer ", d.status == WriterDiscoveryInfo::REMOVED_WRITER, d.info.guid(), d.info.topicName().c_str(), d.info.typeName().c_str(), q, more.str());
  }

  void on_subscriber_discovery(DomainParticipant *, ReaderDiscoveryInfo &&d) override
  {
    endpoint("reader ", d.status == ReaderDiscoveryInfo::REMOVED_READER, d.info.guid(), d.info.topicName().c_str(), d.info.typeName().c_str(), d.info.m_qos, "");
  }

private:
  template <typename Qos>
  void endpoint(const char *kind, bool gone, const GUID_t &guid, const char *topic, const char *type, const Qos &q, const std::string &more)
  {
    std::ostringstream line;
    line << (gone ? "gone " : kind) << hex(guid) << " topic=" << topic << " type=" << type << " user_data=" << hex(q.m_userData.data_vec().data(), q.m_userData.data_vec().size())
         << " reliability=" << (q.m_reliability.kind == RELIABLE_RELIABILITY_QOS ? "reliable" : "best_effort")
         << " durability=" << (q.m_durability.kind == VOLATILE_DURABILITY_QOS ? "volatile" : q.m_durability.kind == TRANSIENT_LOCAL_DURABILITY_QOS ? "transient_local" : "other")
         << " deadline=" << seconds(q.m_deadline.period) << " liveliness=" << (q.m_liveliness.kind == AUTOMATIC_LIVELINESS_QOS ? "automatic" : "manual")
         << " lease=" << seconds(q.m_liveliness.lease_duration) << more;
    say(line.str());
  }
};

// Flips, overwrites, cuts and inflates, as a broken or hostile peer would. The encapsulation stays one of plain CDR, of either byte order: Cyclone takes any other
// for a malformed packet and never acknowledges it.
Bytes damage(Bytes b, std::mt19937 &random)
{
  const auto pick = [&](size_t n) { return static_cast<size_t>(random() % n); };
  for (size_t times = 1 + pick(3); times > 0 && b.size() > 4; times--) {
    const size_t at = 4 + pick(b.size() - 4);
    switch (pick(4)) {
      case 0: b[at] ^= static_cast<uint8_t>(1u << pick(8)); break;
      case 1: b[at] = static_cast<uint8_t>(random()); break;
      case 2: b.resize(4 + pick(b.size() - 4)); break;
      default:
        if (const size_t word = at & ~size_t(3); word + 4 <= b.size()) {
          const uint32_t absurd = pick(2) ? UINT32_MAX >> pick(32) : static_cast<uint32_t>(pick(100));
          std::memcpy(b.data() + word, &absurd, 4);
        }
    }
  }
  if (pick(16) == 0) b[1] ^= 1;
  return b;
}

void wait_for_end_of_input()
{
  char c;
  while (read(0, &c, 1) > 0) {}
}

}  // namespace

int main(int argc, char **argv)
{
  if (argc < 3) {
    std::cerr << "usage: fastdds_peer DOMAIN listen|publish|fuzz|discover ...\n";
    return 2;
  }
  const auto domain = static_cast<uint32_t>(std::stoul(argv[1]));
  const std::string verb = argv[2];
  DomainParticipantQos qos;
  qos.name("/");
  qos.transport().use_builtin_transports = false;
  auto udp = std::make_shared<eprosima::fastdds::rtps::UDPv4TransportDescriptor>();
  udp->interfaceWhiteList.push_back("127.0.0.1");
  qos.transport().user_transports.push_back(udp);
  const std::string enclave = "enclave=/;";
  qos.user_data().data_vec(std::vector<octet>(enclave.begin(), enclave.end()));
  auto &builtin = qos.wire_protocol().builtin;
  builtin.discovery_config.leaseDuration_announcementperiod = eprosima::fastrtps::Duration_t(1, 0);
  for (uint32_t i = 0; i < 33; i++) {
    Locator_t peer;
    IPLocator::setIPv4(peer, 127, 0, 0, 1);
    peer.port = 7400 + 250 * domain + 10 + 2 * i;
    builtin.initialPeersList.push_back(peer);
  }
  Locator_t own;  // unicast only
  IPLocator::setIPv4(own, 127, 0, 0, 1);
  own.port = 0;
  builtin.metatrafficUnicastLocatorList.push_back(own);

  Discovery discovery;
  Reader reader_events;
  Writer writer_events;
  auto *factory = DomainParticipantFactory::get_instance();
  auto *participant = factory->create_participant(domain, qos, verb == "discover" ? &discovery : nullptr, StatusMask::none());
  if (!participant) return 1;
  int result = 0;
  if (verb == "discover") {
    wait_for_end_of_input();
  } else if ((verb == "listen" && argc >= 5) || ((verb == "publish" || verb == "fuzz") && argc >= 8)) {
    const Options options(argc, argv, verb == "listen" ? 5 : 8);
    TypeSupport type(new OpaqueType(argv[4]));
    type.register_type(participant);
    Topic *topic = participant->create_topic(argv[3], type.get_type_name(), TOPIC_QOS_DEFAULT);
    if (verb == "listen") {
      DataReaderQos q;
      options.apply(q);
      auto *reader = participant->create_subscriber(SUBSCRIBER_QOS_DEFAULT)->create_datareader(topic, q, &reader_events);
      if (!reader) return 1;
      say("ready");
      wait_for_end_of_input();
    } else {
      DataWriterQos q;
      options.apply(q);
      auto *writer = participant->create_publisher(PUBLISHER_QOS_DEFAULT)->create_datawriter(topic, q, &writer_events);
      if (!writer) return 1;
      say("ready");
      Bytes bytes = unhex(argv[5]);
      if (verb == "fuzz") {
        const GuidPrefix_t &prefix = participant->guid().guidPrefix;
        const Bytes placeholder(12, 0xaa);
        for (auto at = bytes.begin(); (at = std::search(at, bytes.end(), placeholder.begin(), placeholder.end())) != bytes.end();) std::copy(prefix.value, prefix.value + 12, at);
        std::string go;
        std::getline(std::cin, go);
        std::mt19937 random(static_cast<uint32_t>(std::stoul(argv[6])));
        for (int i = std::stoi(argv[7]); i >= 0; i--) {
          Bytes one = i > 0 ? damage(bytes, random) : bytes;
          if (!writer->write(&one)) result = 1;
        }
        writer->wait_for_acknowledgments(eprosima::fastrtps::Duration_t(20, 0));
        say("fuzzed");
      }
      const int count = verb == "fuzz" ? 0 : std::stoi(argv[6]);
      for (int i = 0; i < count; i++) {
        if (!writer->write(&bytes)) result = 1;
        say("published " + std::to_string(i + 1));
        std::this_thread::sleep_for(std::chrono::milliseconds(std::stoi(argv[7])));
      }
      wait_for_end_of_input();
    }
  } else {
    std::cerr << "fastdds_peer: unknown verb or too few arguments\n";
    result = 2;
  }
  participant->delete_contained_entities();
  factory->delete_participant(participant);
  return result;
}
