// The calling thread's last error, and the guard that keeps C++ exceptions on this side of the ABI.
#pragma once
#include <new>
#include <string>

#include "qd_transport.h"

namespace qd {

// Remembers the sentence for qd_last_error and gives back the code.
int32_t fail(int32_t code, std::string what) noexcept;

// For a refusal by Cyclone: its return code in words, and a QD_E... code.
int32_t fail_dds(const char *what, int32_t retcode) noexcept;

template <typename F>
int32_t guarded(F &&f) noexcept
{
  try {
    return f();
  } catch (const std::bad_alloc &) {
    return fail(QD_ENOMEM, "out of memory");
  } catch (const std::exception &e) {
    return fail(QD_EMIDDLEWARE, e.what());
  }
}

}  // namespace qd
