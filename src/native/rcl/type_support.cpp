#include "type_support.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>

namespace qd {

namespace {

// Found by the loader's path, which sourcing a workspace sets, else in the workspaces themselves. Kept open for good: type supports are static data.
void *library(const std::string &package, const char *which)
{
  static std::mutex mutex;
  static std::map<std::string, void *> open;
  const std::string file = "lib" + package + "__" + which + ".so";
  const std::lock_guard<std::mutex> lock(mutex);
  const auto known = open.find(file);
  if (known != open.end()) return known->second;
  void *found = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (const char *path = std::getenv("AMENT_PREFIX_PATH"); !found && path) {
    std::istringstream prefixes(path);
    for (std::string prefix; !found && std::getline(prefixes, prefix, ':');) found = dlopen((prefix + "/lib/" + file).c_str(), RTLD_NOW | RTLD_LOCAL);
  }
  if (!found)
    throw std::runtime_error("the package '" + package + "' has no type support here (" + file + " was not found): install it, or source the workspace it is in");
  return open[file] = found;
}

// "pkg/srv/Name" as "pkg__srv__Name".
std::string mangled(const std::string &type, std::string &package)
{
  const auto first = type.find('/');
  const auto second = type.find('/', first + 1);
  if (first == std::string::npos || second == std::string::npos || first == 0 || second + 1 == type.size())
    throw std::runtime_error("'" + type + "' is not of the form package/kind/Name");
  package = type.substr(0, first);
  return package + "__" + type.substr(first + 1, second - first - 1) + "__" + type.substr(second + 1);
}

template <typename F>
F symbol(void *from, const std::string &name, const std::string &type)
{
  void *found = dlsym(from, name.c_str());
  if (!found) throw std::runtime_error("the type '" + type + "' is unknown to its package here: build that package again");
  return reinterpret_cast<F>(found);
}

MessageType message_type(const std::string &type)
{
  std::string package;
  const std::string name = mangled(type, package);
  void *generator = library(package, "rosidl_generator_c");
  MessageType result;
  result.support = message_support(type);
  result.create = symbol<void *(*)()>(generator, name + "__create", type);
  result.destroy = symbol<void (*)(void *)>(generator, name + "__destroy", type);
  return result;
}

}  // namespace

const rosidl_message_type_support_t *message_support(const std::string &type)
{
  std::string package;
  const std::string name = mangled(type, package);
  using Get = const rosidl_message_type_support_t *(*)();
  return symbol<Get>(library(package, "rosidl_typesupport_c"), "rosidl_typesupport_c__get_message_type_support_handle__" + name, type)();
}

ServiceType service_type(const std::string &type)
{
  std::string package;
  const std::string name = mangled(type, package);
  using Get = const rosidl_service_type_support_t *(*)();
  ServiceType result;
  result.support = symbol<Get>(library(package, "rosidl_typesupport_c"), "rosidl_typesupport_c__get_service_type_support_handle__" + name, type)();
  result.request = message_type(type + "_Request");
  result.response = message_type(type + "_Response");
  return result;
}

}  // namespace qd
