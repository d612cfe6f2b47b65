#include "error.hpp"

#include <dds/dds.h>

namespace {
thread_local std::string last_error;
}

namespace qd {

int32_t fail(int32_t code, std::string what) noexcept
{
  last_error = std::move(what);
  return code;
}

int32_t fail_dds(const char *what, int32_t retcode) noexcept
{
  const int32_t code = retcode == DDS_RETCODE_OUT_OF_RESOURCES ? QD_ENOMEM
    : retcode == DDS_RETCODE_TIMEOUT                           ? QD_ETIMEOUT
    : retcode == DDS_RETCODE_ALREADY_DELETED                   ? QD_EGONE
                                                               : QD_EMIDDLEWARE;
  try {
    last_error = std::string(what) + ": " + dds_strretcode(-retcode);
  } catch (...) {
    last_error.clear();
  }
  return code;
}

}  // namespace qd

uint32_t qd_abi_version(void)
{
  return QD_TRANSPORT_ABI;
}

const char *qd_implementation(void)
{
  return "cyclonedds " QD_CYCLONE_VERSION;
}

const char *qd_last_error(void)
{
  return last_error.c_str();
}
