// What the shim's translation units share: handle ownership and the exception boundary.
#ifndef QD_TORCH_INTERNAL_H
#define QD_TORCH_INTERNAL_H

#include <ATen/core/Tensor.h>

#include <atomic>
#include <exception>
#include <string>

namespace qd {

using TensorPointer = c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>;

extern thread_local std::string last_error;
extern std::atomic<int64_t> live_tensors;

// No C++ exception may cross into C.
template <class F>
int guarded(F &&body) noexcept {
  try {
    body();
    return 0;
  } catch (const c10::Error &e) {
    last_error = e.what_without_backtrace();
  } catch (const std::exception &e) {
    last_error = e.what();
  } catch (...) {
    last_error = "an unknown C++ exception";
  }
  return 1;
}

// A reference of the shim's own to the caller's tensor.
inline at::Tensor borrow(void *handle) {
  return handle ? at::Tensor(TensorPointer::reclaim_copy(static_cast<c10::TensorImpl *>(handle))) : at::Tensor();
}

// Hands one reference to the caller.
inline void *give(at::Tensor t) {
  if (!t.defined()) return nullptr;
  live_tensors.fetch_add(1, std::memory_order_relaxed);
  return t.unsafeReleaseTensorImpl();
}

}  // namespace qd

#endif
