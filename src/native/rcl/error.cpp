#include "error.hpp"

#include <rcl/error_handling.h>
#include <rcl/types.h>
#include <rmw/rmw.h>

#include "rcl_error.hpp"

namespace {
thread_local std::string last_error;
}

namespace qd {

int32_t fail(int32_t code, std::string what) noexcept
{
  last_error = std::move(what);
  return code;
}

int32_t fail_rcl(const std::string &what, rcl_ret_t result) noexcept
{
  const int32_t code = result == RCL_RET_BAD_ALLOC ? QD_ENOMEM : result == RCL_RET_TIMEOUT ? QD_ETIMEOUT : QD_EMIDDLEWARE;
  try {
    std::string why = rcl_error_is_set() ? rcl_get_error_string().str : "rcl's return code is " + std::to_string(result);
    for (char &c : why)
      if (c == '\n') c = ' ';
    last_error = what + ": " + why;
  } catch (...) {
    last_error.clear();
  }
  rcl_reset_error();
  return code;
}

}  // namespace qd

uint32_t qd_abi_version(void)
{
  return QD_TRANSPORT_ABI;
}

const char *qd_implementation(void)
{
  static const std::string name = std::string("rcl " QD_RCL_VERSION " over ") + rmw_get_implementation_identifier();
  return name.c_str();
}

const char *qd_last_error(void)
{
  return last_error.c_str();
}
