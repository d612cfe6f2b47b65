// Counts what came from the network and could not be read, and remembers which sources nobody was told of yet.
#pragma once
#include <cstdint>
#include <set>
#include <vector>

namespace qd {

// Not thread-safe: its owner's lock guards it.
template <typename Source>
class Malformed {
public:
  void add(const Source &source)
  {
    total_++;
    constexpr size_t most = 256;   // sources remembered; whoever makes up more is counted, not named
    if (known_.size() < most && known_.insert(source).second) untold_.push_back(source);
  }

  uint64_t total() const { return total_; }

  // At most capacity sources that were not told before.
  std::vector<Source> take(int32_t capacity)
  {
    const size_t n = capacity < 0 ? 0 : untold_.size() < static_cast<size_t>(capacity) ? untold_.size() : static_cast<size_t>(capacity);
    std::vector<Source> result(untold_.begin(), untold_.begin() + static_cast<std::ptrdiff_t>(n));
    untold_.erase(untold_.begin(), untold_.begin() + static_cast<std::ptrdiff_t>(n));
    return result;
  }

private:
  uint64_t total_ = 0;
  std::set<Source> known_;
  std::vector<Source> untold_;
};

}  // namespace qd
