#pragma once
// The keys that S3-FIFO evicted lately, as 32-bit fingerprints: a ring in the order of eviction, and an index of ring
// positions, which looks into the ring where eight more bits of the print agree. Two keys in one shard share a fingerprint once
// in four billion; then one of them is promoted early, and nothing else happens.
#include <cstdint>
#include <vector>

#include "index.hpp"

namespace easy11 {

class Ghosts {
 public:
  // Remembers a key for the next `memory` evictions. May throw std::bad_alloc.
  void add(std::uint64_t hash, std::uint64_t memory) {
    if (memory == 0) return;
    if (memory >= ring_.size()) resize(memory + memory / 8 + 8);
    take(hash);  // an older mention
    while (head_ - tail_ >= memory) {
      const auto oldest = static_cast<std::uint32_t>(tail_++ % ring_.size());
      if (ring_[oldest] != 0) index_.erase(spread(ring_[oldest]), oldest);
    }
    const std::uint32_t print = printOf(hash);
    const auto position = static_cast<std::uint32_t>(head_++ % ring_.size());
    ring_[position] = print;
    index_.insert(spread(print), position);
  }
  // Whether the key was evicted lately; forgets it.
  bool take(std::uint64_t hash) noexcept {
    const std::uint32_t print = printOf(hash);
    const std::uint32_t position =
        index_.find(spread(print), [&](std::uint32_t position) { return ring_[position] == print; });
    if (position == kNowhere) return false;
    ring_[position] = 0;
    index_.erase(spread(print), position);
    return true;
  }
  void prefetch(std::uint64_t hash) const noexcept { index_.prefetchHome(spread(printOf(hash))); }
  std::uint64_t held() const noexcept { return ring_.capacity() * sizeof(std::uint32_t) + index_.held(); }
  void clear() noexcept {
    ring_ = {};
    index_.clear();
    head_ = tail_ = 0;
  }

 private:
  static std::uint32_t printOf(std::uint64_t hash) noexcept {
    const auto print = static_cast<std::uint32_t>(hash >> 24);
    return print == 0 ? 1 : print;
  }
  // A hash of 64 bits in place of the one that is no longer known.
  static std::uint64_t spread(std::uint32_t print) noexcept {
    const std::uint64_t mixed = print * 0x9e3779b97f4a7c15u;
    return mixed ^ mixed >> 32;
  }
  void resize(std::uint64_t size) {
    std::vector<std::uint32_t> ring(static_cast<std::size_t>(size), 0);
    Index index;
    index.reserve(size, [](std::uint32_t) { return std::uint64_t{0}; });
    std::uint64_t head = 0;
    for (std::uint64_t at = tail_; at < head_; ++at, ++head) {
      const std::uint32_t print = ring_[at % ring_.size()];
      ring[head] = print;
      if (print != 0) index.insert(spread(print), static_cast<std::uint32_t>(head));
    }
    ring_ = std::move(ring);
    index_ = std::move(index);
    head_ = head;
    tail_ = 0;
  }

  std::vector<std::uint32_t> ring_;  // 0 where the key came back
  Index index_;
  std::uint64_t head_ = 0, tail_ = 0;
};

}  // namespace easy11
