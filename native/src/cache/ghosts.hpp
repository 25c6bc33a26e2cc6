#pragma once
// The keys that S3-FIFO evicted lately, as 32-bit fingerprints: a ring in the order of eviction, and an open-addressing
// table of ring positions (Knuth, TAOCP 3, 6.4 algorithm R for deletion). Two keys in one shard share a fingerprint once in
// four billion; then one of them is promoted early, and nothing else happens.
#include <cstdint>
#include <vector>

namespace easy11 {

class Ghosts {
 public:
  // Remembers a key for the next `memory` evictions. May throw std::bad_alloc.
  void add(std::uint64_t hash, std::uint64_t memory) {
    if (memory == 0) return;
    if (memory >= ring_.size()) resize(memory + memory / 8 + 8);
    take(hash);  // an older mention
    while (head_ - tail_ >= memory) {
      const std::uint32_t old = ring_[tail_ % ring_.size()];
      if (old != 0) erase(old);
      ++tail_;
    }
    const std::uint32_t print = printOf(hash);
    const auto position = static_cast<std::uint32_t>(head_++ % ring_.size());
    ring_[position] = print;
    link(print, position);
  }
  // Whether the key was evicted lately; forgets it.
  bool take(std::uint64_t hash) noexcept {
    if (table_.empty()) return false;
    const std::uint32_t print = printOf(hash);
    const std::uint32_t slot = find(print);
    if (table_[slot] == kEmpty) return false;
    ring_[table_[slot]] = 0;
    eraseSlot(slot);
    return true;
  }
  std::uint64_t held() const noexcept { return (ring_.capacity() + table_.capacity()) * sizeof(std::uint32_t); }
  void clear() noexcept {
    ring_ = {};
    table_ = {};
    head_ = tail_ = 0;
  }

 private:
  static constexpr std::uint32_t kEmpty = 0xffffffffu;

  static std::uint32_t printOf(std::uint64_t hash) noexcept {
    const auto print = static_cast<std::uint32_t>(hash >> 24);
    return print == 0 ? 1 : print;
  }
  std::uint32_t home(std::uint32_t print) const noexcept {
    // The upper bits of a product depend on all bits of the print.
    const std::uint32_t mixed = print * 0x9e3779b1u;
    return static_cast<std::uint32_t>((std::uint64_t{mixed} * table_.size()) >> 32);
  }
  std::uint32_t next(std::uint32_t slot) const noexcept { return slot + 1 == table_.size() ? 0 : slot + 1; }
  // The slot of the print, or the empty one where it would stand.
  std::uint32_t find(std::uint32_t print) const noexcept {
    std::uint32_t slot = home(print);
    while (table_[slot] != kEmpty && ring_[table_[slot]] != print) slot = next(slot);
    return slot;
  }
  void link(std::uint32_t print, std::uint32_t position) noexcept {
    std::uint32_t slot = home(print);
    while (table_[slot] != kEmpty) slot = next(slot);
    table_[slot] = position;
  }
  void erase(std::uint32_t print) noexcept {
    const std::uint32_t slot = find(print);
    if (table_[slot] != kEmpty) eraseSlot(slot);
  }
  void eraseSlot(std::uint32_t hole) noexcept {
    for (std::uint32_t slot = next(hole); table_[slot] != kEmpty; slot = next(slot)) {
      const std::uint32_t wanted = home(ring_[table_[slot]]);
      const bool between = hole <= slot ? hole < wanted && wanted <= slot : hole < wanted || wanted <= slot;
      if (between) continue;
      table_[hole] = table_[slot];
      hole = slot;
    }
    table_[hole] = kEmpty;
  }
  void resize(std::uint64_t size) {
    std::vector<std::uint32_t> ring(static_cast<std::size_t>(size), 0);
    std::vector<std::uint32_t> table(static_cast<std::size_t>(size + size / 4 + 1), kEmpty);
    const std::vector<std::uint32_t> old = std::move(ring_);
    const std::uint64_t from = tail_, to = head_;
    ring_ = std::move(ring);
    table_ = std::move(table);
    head_ = tail_ = 0;
    for (std::uint64_t at = from; at < to; ++at) {
      const std::uint32_t print = old[at % old.size()];
      ring_[head_] = print;
      if (print != 0) link(print, static_cast<std::uint32_t>(head_));
      ++head_;
    }
  }

  std::vector<std::uint32_t> ring_;   // 0 where the key came back
  std::vector<std::uint32_t> table_;  // of positions in the ring
  std::uint64_t head_ = 0, tail_ = 0;
};

}  // namespace easy11
