#include "domain.hpp"

#include <dds/dds.h>
#include <unistd.h>

#include <cctype>
#include <map>
#include <mutex>
#include <stdexcept>

#include "error.hpp"

namespace qd {

namespace {

struct Domain {
  dds_entity_t entity;
  std::string configuration;
  int users;
};

std::mutex mutex;
std::map<uint32_t, Domain> domains;

std::string peer(const std::string &host)
{
  for (const char c : host) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != ':' && c != '-' && c != '_' && c != '[' && c != ']' && c != '%')
      throw std::invalid_argument("static peer '" + host + "' is not a host name or address");
  }
  return "<Peer address=\"" + host + "\"/>";
}

std::string peers(const char *list)
{
  std::string result, host;
  for (const char *p = list ? list : ""; ; p++) {
    if (*p != '\0' && *p != ';') {
      host += *p;
      continue;
    }
    if (!host.empty()) result += peer(host);
    host.clear();
    if (*p == '\0') return result;
  }
}

}  // namespace

std::string domain_configuration(const qd_context_options &o)
{
  std::string general, discovery;
  const bool local = o.discovery == QD_DISCOVERY_LOCALHOST || o.discovery == QD_DISCOVERY_LOOPBACK;
  switch (o.discovery) {
    case QD_DISCOVERY_SUBNET:
    case QD_DISCOVERY_LOCALHOST:
    case QD_DISCOVERY_LOOPBACK: {
      if (o.discovery == QD_DISCOVERY_LOOPBACK) general += "<Interfaces><NetworkInterface address=\"127.0.0.1\"/></Interfaces>";
      if (local) general += "<AllowMulticast>false</AllowMulticast>";
      discovery = "<ParticipantIndex>auto</ParticipantIndex><MaxAutoParticipantIndex>32</MaxAutoParticipantIndex>";
      std::string all = o.discovery == QD_DISCOVERY_LOOPBACK ? "<Peer address=\"127.0.0.1\"/>" : local ? "<Peer address=\"localhost\"/>" : "";
      if (o.discovery != QD_DISCOVERY_LOOPBACK) all += peers(o.static_peers);
      if (!all.empty()) discovery += "<Peers>" + all + "</Peers>";
      break;
    }
    case QD_DISCOVERY_OFF:
      general = "<AllowMulticast>false</AllowMulticast>";
      discovery = "<ParticipantIndex>none</ParticipantIndex><Tag>ros_discovery_off_" + std::to_string(getpid()) + "</Tag>";
      break;
    default:
      break;
  }
  std::string result;
  if (!general.empty() || !discovery.empty()) {
    result = "<CycloneDDS><Domain>";
    if (!general.empty()) result += "<General>" + general + "</General>";
    if (!discovery.empty()) result += "<Discovery>" + discovery + "</Discovery>";
    result += "</Domain></CycloneDDS>";
  }
  if (o.configuration && *o.configuration) {
    if (!result.empty()) result += ",";
    result += o.configuration;
  }
  return result;
}

int32_t domain_acquire(uint32_t id, const std::string &configuration)
{
  const std::lock_guard<std::mutex> lock(mutex);
  const auto found = domains.find(id);
  if (found != domains.end()) {
    if (found->second.configuration != configuration)
      return fail(QD_EINVAL, "domain " + std::to_string(id) + " is already open in this process with other network settings");
    found->second.users++;
    return QD_OK;
  }
  auto &slot = domains[id];
  slot = {dds_create_domain(id, configuration.c_str()), configuration, 1};
  if (slot.entity < 0) {
    const dds_return_t r = slot.entity;
    domains.erase(id);
    return fail_dds(("domain " + std::to_string(id) + " could not be opened (is CYCLONEDDS_URI right, is there a network interface?)").c_str(), r);
  }
  return QD_OK;
}

void domain_release(uint32_t id)
{
  const std::lock_guard<std::mutex> lock(mutex);
  const auto found = domains.find(id);
  if (found == domains.end() || --found->second.users > 0) return;
  dds_delete(found->second.entity);
  domains.erase(found);
}

}  // namespace qd
