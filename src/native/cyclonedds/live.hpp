// Counters of the objects alive in this process.
#pragma once
#include <atomic>
#include <cstdint>

namespace qd {

struct Live {
  std::atomic<uint32_t> contexts{0}, nodes{0}, publishers{0}, subscriptions{0}, clients{0}, services{0}, guards{0}, wait_sets{0}, payloads{0},
    types{0}, graphs{0};
};

extern Live live;

}  // namespace qd
