#pragma once
// The best few of a stream, kept in order.
#include <algorithm>
#include <cstdint>
#include <vector>

namespace easy11 {

// A hit in one segment: slip in the high half, rank in the low half, so that hits sort as numbers.
using HitKey = std::uint64_t;
inline HitKey hitKey(std::uint32_t slip, std::uint32_t rank) noexcept { return HitKey{slip} << 32 | rank; }
inline std::uint32_t slipOf(HitKey key) noexcept { return static_cast<std::uint32_t>(key >> 32); }
inline std::uint32_t rankOf(HitKey key) noexcept { return static_cast<std::uint32_t>(key); }

// The `limit` least distinct keys offered, ascending.
class Top {
 public:
  void begin(std::uint32_t limit) {
    limit_ = limit;
    keys_.clear();
    keys_.reserve(limit);
  }
  bool full() const noexcept { return keys_.size() >= limit_; }
  // A key must be below this to be worth offering.
  HitKey bound() const noexcept { return full() ? keys_.back() : ~HitKey{0}; }
  // Appends a key greater than all before it.
  void append(HitKey key) noexcept { keys_.push_back(key); }
  void offer(HitKey key) {
    if (key >= bound()) return;
    const auto at = std::lower_bound(keys_.begin(), keys_.end(), key);
    if (at != keys_.end() && *at == key) return;
    if (!full()) {
      keys_.insert(at, key);
      return;
    }
    std::move_backward(at, keys_.end() - 1, keys_.end());
    *at = key;
  }
  const std::vector<HitKey>& keys() const noexcept { return keys_; }
  std::vector<HitKey>& keys() noexcept { return keys_; }
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(keys_.size()); }
  std::uint32_t limit() const noexcept { return limit_; }

 private:
  std::vector<HitKey> keys_;
  std::uint32_t limit_ = 0;
};

}  // namespace easy11
