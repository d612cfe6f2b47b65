// ROS names and types to their DDS forms and back, and the key=value; strings of USER_DATA.
#pragma once
#include <map>
#include <string>
#include <string_view>

namespace qd {

// "pkg/msg/T" -> "pkg::msg::dds_::T_"; with a suffix "_Request": "pkg::srv::dds_::T_Request_". Other strings come back as they are.
std::string dds_type(std::string_view ros_type, std::string_view suffix = {});

struct RosName {
  int kind = -1;    // QD_GRAPH_..., -1: not a ROS endpoint
  std::string name;
  std::string type;
};

// What a DDS endpoint is in ROS.
RosName ros_name(std::string_view topic, std::string_view type, bool writes);

// The parser of rmw: alphanumeric keys, ";;" stands for ";" inside a value, trailing NULs are allowed; a syntax error discards everything.
std::map<std::string, std::string> parse_user_data(std::string_view data);

// 16 bytes as rmw_cyclonedds_cpp prints them: hex joined by dots, the first padded to two places with a blank.
std::string dotted_id(const uint8_t id[16]);

}  // namespace qd
