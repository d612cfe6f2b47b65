#include "wait_set.hpp"

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
}

int32_t qd_wait_set::wait(int64_t timeout_ns, uint64_t *tokens, int32_t capacity)
{
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
  return n;
}
