// A refusal by rcl: its own sentence behind ours, and a QD_E... code. Clears rcl's error state.
#pragma once
#include <rcl/error_handling.h>
#include <rcl/types.h>

#include <string>

#include "error.hpp"

namespace qd {

int32_t fail_rcl(const std::string &what, rcl_ret_t result) noexcept;

// For what is being given up: nobody could do anything about a refusal.
inline void quiet(rcl_ret_t) noexcept { rcl_reset_error(); }

}  // namespace qd
