#include "names.hpp"

#include <cctype>
#include <cstdint>
#include <cstdio>

#include "qd_transport.h"

namespace qd {

namespace {

bool starts_with(std::string_view s, std::string_view prefix)
{
  return s.substr(0, prefix.size()) == prefix;
}

bool ends_with(std::string_view s, std::string_view suffix)
{
  return s.size() >= suffix.size() && s.substr(s.size() - suffix.size()) == suffix;
}

// "pkg::msg::dds_::T_" -> "pkg/msg/T"; empty when the type is not so named.
std::string ros_type(std::string_view type, std::string_view suffix)
{
  constexpr std::string_view marker = "dds_::";
  const size_t at = type.find(marker);
  if (at == std::string_view::npos || !ends_with(type, "_")) return {};
  std::string_view leaf = type.substr(at + marker.size());
  leaf.remove_suffix(1);
  if (!suffix.empty()) {
    if (!ends_with(leaf, suffix)) return {};
    leaf.remove_suffix(suffix.size());
  }
  std::string result;
  std::string_view scope = type.substr(0, at);
  for (size_t i = 0; i < scope.size(); i++) {
    if (scope[i] == ':' && i + 1 < scope.size() && scope[i + 1] == ':') {
      result += '/';
      i++;
    } else {
      result += scope[i];
    }
  }
  return result.append(leaf);
}

}  // namespace

std::string dds_type(std::string_view type, std::string_view suffix)
{
  const size_t last = type.rfind('/');
  if (last == std::string_view::npos) return std::string(type);
  std::string result;
  for (const char c : type.substr(0, last)) {
    if (c == '/') result += "::";
    else result += c;
  }
  return result.append("::dds_::").append(type.substr(last + 1)).append(suffix).append("_");
}

RosName ros_name(std::string_view topic, std::string_view type, bool writes)
{
  RosName result;
  if (starts_with(topic, "rt/")) {
    result.kind = writes ? QD_GRAPH_PUBLISHER : QD_GRAPH_SUBSCRIPTION;
    result.name = topic.substr(2);
    result.type = ros_type(type, {});
  } else if (starts_with(topic, "rq/") && ends_with(topic, "Request")) {
    result.kind = writes ? QD_GRAPH_CLIENT : QD_GRAPH_SERVICE;
    result.name = topic.substr(2, topic.size() - 2 - 7);
    result.type = ros_type(type, "_Request");
  } else if (starts_with(topic, "rr/") && ends_with(topic, "Reply")) {
    result.kind = writes ? QD_GRAPH_SERVICE : QD_GRAPH_CLIENT;
    result.name = topic.substr(2, topic.size() - 2 - 5);
    result.type = ros_type(type, "_Response");
  } else {
    result.kind = writes ? QD_GRAPH_PUBLISHER : QD_GRAPH_SUBSCRIPTION;
  }
  if (result.type.empty()) result.type = type;
  return result;
}

std::map<std::string, std::string> parse_user_data(std::string_view data)
{
  std::map<std::string, std::string> result;
  while (!data.empty() && data.back() == '\0') data.remove_suffix(1);
  size_t i = 0;
  while (i < data.size()) {
    std::string key, value;
    for (; i < data.size() && data[i] != '='; i++) {
      if (!std::isalnum(static_cast<unsigned char>(data[i]))) return {};
      key += data[i];
    }
    if (key.empty() || i == data.size()) return {};
    i++;
    bool closed = false;
    while (i < data.size() && !closed) {
      if (data[i] == '\0') return {};
      if (data[i] != ';') {
        value += data[i++];
      } else if (i + 1 < data.size() && data[i + 1] == ';') {
        value += ';';
        i += 2;
      } else {
        closed = true;
        i++;
      }
    }
    if (!closed) return {};
    result[key] = value;
  }
  return result;
}

std::string dotted_id(const uint8_t id[16])
{
  char text[64];
  int n = std::snprintf(text, sizeof text, "%2x", id[0]);
  for (int i = 1; i < 16; i++) n += std::snprintf(text + n, sizeof text - static_cast<size_t>(n), ".%x", id[i]);
  return std::string(text, static_cast<size_t>(n));
}

}  // namespace qd
