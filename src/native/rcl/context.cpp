#include "context.hpp"

#include <rcl/init_options.h>
#include <rcl/validate_enclave_name.h>

#include <cstring>
#include <memory>
#include <random>
#include <sstream>
#include <vector>

#include "error.hpp"
#include "live.hpp"
#include "rcl_error.hpp"

namespace qd {

Live live;

Gid random_gid()
{
  std::random_device random;
  Gid gid;
  for (uint8_t &b : gid) b = static_cast<uint8_t>(random());
  return gid;
}

namespace {

#if QD_RCL_MAJOR >= 6
int32_t set_discovery(rmw_init_options_t *rmw, const qd_context_options &options)
{
  rmw_discovery_options_t &d = rmw->discovery_options;
  switch (options.discovery) {
    case QD_DISCOVERY_OFF: d.automatic_discovery_range = RMW_AUTOMATIC_DISCOVERY_RANGE_OFF; break;
    case QD_DISCOVERY_SYSTEM_DEFAULT: d.automatic_discovery_range = RMW_AUTOMATIC_DISCOVERY_RANGE_SYSTEM_DEFAULT; break;
    case QD_DISCOVERY_SUBNET: d.automatic_discovery_range = RMW_AUTOMATIC_DISCOVERY_RANGE_SUBNET; break;
    default: d.automatic_discovery_range = RMW_AUTOMATIC_DISCOVERY_RANGE_LOCALHOST; break;
  }
  std::vector<std::string> peers;
  std::istringstream text(options.static_peers ? options.static_peers : "");
  for (std::string peer; std::getline(text, peer, ';');)
    if (!peer.empty()) peers.push_back(peer);
  if (peers.empty()) return QD_OK;
  rcutils_allocator_t allocator = rcutils_get_default_allocator();
  const rmw_automatic_discovery_range_t range = d.automatic_discovery_range;
  if (const rmw_ret_t r = rmw_discovery_options_init(&d, peers.size(), &allocator); r != RMW_RET_OK) return fail_rcl("the static peers could not be set", r);
  d.automatic_discovery_range = range;
  for (size_t i = 0; i < peers.size(); i++) {
    if (peers[i].size() >= sizeof d.static_peers[i].peer_address) return fail(QD_EINVAL, "the static peer '" + peers[i] + "' is too long");
    std::memcpy(d.static_peers[i].peer_address, peers[i].c_str(), peers[i].size() + 1);
  }
  return QD_OK;
}
#else
int32_t set_discovery(rmw_init_options_t *rmw, const qd_context_options &options)
{
  rmw->localhost_only = options.discovery == QD_DISCOVERY_LOCALHOST || options.discovery == QD_DISCOVERY_LOOPBACK ? RMW_LOCALHOST_ONLY_ENABLED : RMW_LOCALHOST_ONLY_DISABLED;
  return QD_OK;
}
#endif

}  // namespace

}  // namespace qd

int32_t qd_context::open(const qd_context_options &options)
{
  enclave = options.enclave && *options.enclave ? options.enclave : "/";
  gid = qd::random_gid();
  rcl_init_options_t init = rcl_get_zero_initialized_init_options();
  if (const rcl_ret_t r = rcl_init_options_init(&init, rcl_get_default_allocator()); r != RCL_RET_OK) return qd::fail_rcl("rcl could not be prepared", r);
  const std::unique_ptr<rcl_init_options_t, rcl_ret_t (*)(rcl_init_options_t *)> end_init(&init, rcl_init_options_fini);
  if (const rcl_ret_t r = rcl_init_options_set_domain_id(&init, options.domain_id); r != RCL_RET_OK) return qd::fail_rcl("the domain id was refused", r);
  if (const int32_t r = qd::set_discovery(rcl_init_options_get_rmw_init_options(&init), options); r != QD_OK) return r;
  // The enclave is an argument to rcl, as it is to any node.
  const char *arguments[] = {"--ros-args", "--enclave", enclave.c_str()};
  const int count = enclave == "/" ? 0 : 3;
  if (const rcl_ret_t r = rcl_init(count, count ? arguments : nullptr, &init, &handle); r != RCL_RET_OK)
    return qd::fail_rcl("domain " + std::to_string(options.domain_id) + " could not be joined", r);
  graph.open(&handle);
  return QD_OK;
}

qd_context::~qd_context()
{
  graph.changed.detach();
  graph.close();
  if (rcl_context_is_valid(&handle)) qd::quiet(rcl_shutdown(&handle));
  if (handle.impl) qd::quiet(rcl_context_fini(&handle));
}

// ---- ABI ----------------------------------------------------------------------------------------------------------------------------

void qd_get_live_counts(qd_live_counts *out)
{
  if (!out) return;
  const qd::Live &l = qd::live;
  *out = {l.contexts, l.nodes, l.publishers, l.subscriptions, l.clients, l.services, l.guards, l.wait_sets, l.payloads, l.types, l.graphs};
}

int32_t qd_context_create(const qd_context_options *options, qd_context **out)
{
  return qd::guarded([&]() -> int32_t {
    if (!options || !out) return qd::fail(QD_EINVAL, "qd_context_create: options and a place for the result are needed");
    if (options->size < sizeof *options) return qd::fail(QD_EINVAL, "qd_context_create: the options are smaller than this library's");
    if (options->domain_id > 232) return qd::fail(QD_EINVAL, "domain id " + std::to_string(options->domain_id) + " is outside 0..232");
    if (options->discovery < QD_DISCOVERY_SUBNET || options->discovery > QD_DISCOVERY_LOOPBACK)
      return qd::fail(QD_EINVAL, "qd_context_create: unknown discovery range");
    auto context = std::make_unique<qd_context>();
    if (const int32_t r = context->open(*options); r != QD_OK) return r;
    *out = context.release();
    qd::live.contexts++;
    return QD_OK;
  });
}

int32_t qd_context_destroy(qd_context *context)
{
  if (!context) return QD_OK;
  if (context->children > 0) return qd::fail(QD_EBUSY, "the context still has nodes, guards or wait sets");
  delete context;
  qd::live.contexts--;
  return QD_OK;
}

int32_t qd_context_gid(const qd_context *context, uint8_t gid[16])
{
  if (!context || !gid) return qd::fail(QD_EINVAL, "qd_context_gid: a context and room for the gid are needed");
  std::memcpy(gid, context->gid.data(), 16);
  return QD_OK;
}

int32_t qd_node_create(qd_context *context, const char *name, const char *name_space, qd_node **out)
{
  return qd::guarded([&]() -> int32_t {
    if (!context || !name || !name_space || !out) return qd::fail(QD_EINVAL, "qd_node_create: context, name, namespace and a place for the result are needed");
    if (!*name || *name_space != '/' || std::strlen(name) > 255 || std::strlen(name_space) > 255)
      return qd::fail(QD_EINVAL, std::string("'") + name_space + "' and '" + name + "' are not a node's namespace and name");
    auto node = std::make_unique<qd_node>();
    node->context = context;
    rcl_node_options_t options = rcl_node_get_default_options();
    options.enable_rosout = false;
    if (const rcl_ret_t r = rcl_node_init(&node->handle, name, name_space, &context->handle, &options); r != RCL_RET_OK)
      return qd::fail_rcl(std::string("the node '") + name + "' could not be created", r);
    context->graph.add(node.get());
    context->children++;
    qd::live.nodes++;
    *out = node.release();
    return QD_OK;
  });
}

int32_t qd_node_destroy(qd_node *node)
{
  if (!node) return QD_OK;
  if (node->children > 0) return qd::fail(QD_EBUSY, "the node still has publishers, subscriptions, clients or services");
  return qd::guarded([&]() -> int32_t {
    node->context->graph.remove(node);
    qd::quiet(rcl_node_fini(&node->handle));
    node->context->graph.bump();
    node->context->children--;
    delete node;
    qd::live.nodes--;
    return QD_OK;
  });
}
