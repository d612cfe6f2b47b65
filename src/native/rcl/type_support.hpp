// Type supports by name, from the libraries that every message package installs.
#pragma once
#include <rosidl_runtime_c/message_type_support_struct.h>
#include <rosidl_runtime_c/service_type_support_struct.h>

#include <string>

namespace qd {

struct MessageType {
  const rosidl_message_type_support_t *support = nullptr;
  void *(*create)() = nullptr;     // the C structure, initialized
  void (*destroy)(void *) = nullptr;
};

struct ServiceType {
  const rosidl_service_type_support_t *support = nullptr;
  MessageType request, response;
};

// Throw std::runtime_error when the type is not installed in the sourced workspaces. Types are "pkg/msg/Name", "pkg/srv/Name" and those of actions.
const rosidl_message_type_support_t *message_support(const std::string &type);
ServiceType service_type(const std::string &type);

}  // namespace qd
