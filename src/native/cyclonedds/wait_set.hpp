// A wait set with a queue of what is ready: waking up costs the same for ten attached readers as for ten thousand (Cyclone's own examines all).
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "qd_transport.h"

namespace qd {

// One attachable thing. Signals may come from any thread at any time, also while it is being attached or detached.
class Waitable {
public:
  Waitable() = default;
  Waitable(const Waitable &) = delete;
  Waitable &operator=(const Waitable &) = delete;
  ~Waitable() { detach(); }

  void signal();
  bool attach(qd_wait_set *set, uint64_t token);  // false: attached elsewhere
  void detach();
  bool attached_to(const qd_wait_set *set);

private:
  friend struct ::qd_wait_set;
  std::mutex mutex_;               // taken before the set's
  qd_wait_set *set_ = nullptr;
  uint64_t token_ = 0;
  bool queued_ = false;            // guarded by the set's mutex, as are the links
  Waitable *next_ready_ = nullptr;
  Waitable *next_member_ = nullptr;
};

}  // namespace qd

struct qd_context;

struct qd_wait_set {
  explicit qd_wait_set(qd_context *c) : context(c) {}
  ~qd_wait_set();

  int32_t wait(int64_t timeout_ns, uint64_t *tokens, int32_t capacity);

  qd_context *const context;
  std::atomic<int64_t> busy_poll_ns{0};

private:
  friend class qd::Waitable;
  void enqueue(qd::Waitable *w);   // mutex held
  void remove(qd::Waitable *w);    // mutex held
  void poll(int64_t ns) const;

  std::mutex mutex_;
  std::condition_variable ready_;
  qd::Waitable *first_ = nullptr, *last_ = nullptr;
  std::atomic<bool> any_{false};   // first_ is there; written with the mutex held, read by poll without
  qd::Waitable *members_ = nullptr;
};
