// Cyclone knows one domain object per domain id and process; contexts share it.
#pragma once
#include <cstdint>
#include <string>

#include "qd_transport.h"

namespace qd {

// The XML (and the user's configuration after it) for these options; throws std::invalid_argument on a peer that is not a host name or address.
std::string domain_configuration(const qd_context_options &options);

// Opens the domain or joins the one already open in this process, whose configuration must be the same.
int32_t domain_acquire(uint32_t id, const std::string &configuration);
void domain_release(uint32_t id);

}  // namespace qd
