#include "wait_set.hpp"

#include <algorithm>
#include <chrono>

namespace qd {

namespace {
// Attaching, detaching and destroying are rare; one lock makes a set's end safe against a member's end.
std::mutex membership;
}  // namespace

void Waitable::signal()
{
  const std::lock_guard<std::mutex> own(mutex_);
  if (!set_) return;
  {
    const std::lock_guard<std::mutex> lock(set_->mutex_);
    if (queued_) return;
    set_->enqueue(this);
  }
  set_->ready_.notify_one();
}

bool Waitable::attach(qd_wait_set *set, uint64_t token)
{
  {
    const std::lock_guard<std::mutex> members(membership);
    const std::lock_guard<std::mutex> own(mutex_);
    if (set_) return false;
    const std::lock_guard<std::mutex> lock(set->mutex_);
    set_ = set;
    token_ = token;
    next_member_ = set->members_;
    set->members_ = this;
  }
  signal();
  return true;
}

void Waitable::detach()
{
  const std::lock_guard<std::mutex> members(membership);
  const std::lock_guard<std::mutex> own(mutex_);
  if (!set_) return;
  const std::lock_guard<std::mutex> lock(set_->mutex_);
  set_->remove(this);
  set_ = nullptr;
}

bool Waitable::attached_to(const qd_wait_set *set)
{
  const std::lock_guard<std::mutex> own(mutex_);
  return set_ == set;
}

}  // namespace qd

qd_wait_set::~qd_wait_set()
{
  const std::lock_guard<std::mutex> members(qd::membership);
  while (qd::Waitable *w = members_) {
    const std::lock_guard<std::mutex> own(w->mutex_);
    const std::lock_guard<std::mutex> lock(mutex_);
    remove(w);
    w->set_ = nullptr;
  }
}

void qd_wait_set::enqueue(qd::Waitable *w)
{
  w->queued_ = true;
  w->next_ready_ = nullptr;
  if (last_) last_->next_ready_ = w;
  else first_ = w;
  last_ = w;
  any_.store(true, std::memory_order_release);
}

void qd_wait_set::remove(qd::Waitable *w)
{
  for (qd::Waitable **p = &members_; *p; p = &(*p)->next_member_) {
    if (*p == w) {
      *p = w->next_member_;
      break;
    }
  }
  if (!w->queued_) return;
  w->queued_ = false;
  qd::Waitable *previous = nullptr;
  for (qd::Waitable *q = first_; q; previous = q, q = q->next_ready_) {
    if (q != w) continue;
    if (previous) previous->next_ready_ = w->next_ready_;
    else first_ = w->next_ready_;
    if (last_ == w) last_ = previous;
    break;
  }
  any_.store(first_ != nullptr, std::memory_order_release);
}

namespace {
// Leaves what the processor's threads share to the others for a moment.
inline void relax()
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("isb");
#endif
}
}  // namespace

// Looks, without sleeping, until something is there or the time is up.
void qd_wait_set::poll(int64_t ns) const
{
  const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(ns);
  do {
    for (int i = 0; i < 16; i++) {
      if (any_.load(std::memory_order_acquire)) return;
      relax();
    }
  } while (std::chrono::steady_clock::now() < end);
}

int32_t qd_wait_set::wait(int64_t timeout_ns, uint64_t *tokens, int32_t capacity)
{
  if (const int64_t busy = busy_poll_ns.load(std::memory_order_relaxed); busy > 0 && timeout_ns != 0) {
    const int64_t polled = timeout_ns < 0 ? busy : std::min(busy, timeout_ns);
    poll(polled);
    if (timeout_ns > 0) timeout_ns -= polled;
  }
  std::unique_lock<std::mutex> lock(mutex_);
  const auto ready = [this] { return first_ != nullptr; };
  // Far ends would overflow the clock's arithmetic; a century is without end here.
  constexpr int64_t century = INT64_C(3155760000000000000);
  if (timeout_ns < 0 || timeout_ns > century) {
    ready_.wait(lock, ready);
  } else if (timeout_ns > 0) {
    ready_.wait_for(lock, std::chrono::nanoseconds(timeout_ns), ready);
  }
  int32_t n = 0;
  while (first_ && n < capacity) {
    qd::Waitable *w = first_;
    first_ = w->next_ready_;
    if (!first_) last_ = nullptr;
    w->queued_ = false;
    tokens[n++] = w->token_;
  }
  any_.store(first_ != nullptr, std::memory_order_release);
  return n;
}
