#pragma once
// From id to slot. Open addressing with linear probing; a cell holds 32 bits of the hash and the slot, the id itself is
// where the entry is. 64 shards, each of which grows alone, so that no insertion waits for the whole table to move.
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "../common/column.hpp"
#include "../common/hash.hpp"

namespace easy11 {

class IdMap {
 public:
  IdMap() : IdMap(0) { seed_ = newHashSeed(this); }
  explicit IdMap(std::uint64_t seed) : seed_(seed) {}
  std::uint64_t seed() const noexcept { return seed_; }
  void keep(std::shared_ptr<const void> backing) noexcept { backing_ = std::move(backing); }
  void setSeed(std::uint64_t seed) noexcept { seed_ = seed; }

  std::uint64_t hash(std::string_view id) const noexcept { return hashString(id, seed_); }

  // `same(slot)` tells whether the slot's id is the wanted one.
  template <class Same>
  bool find(std::uint64_t hash, Same&& same, std::uint32_t& slot) const {
    const Shard& shard = shards_[hash & kMask];
    if (shard.cells.empty()) return false;
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    for (std::size_t at = home(shard, tag);; at = next(shard, at)) {
      const std::uint64_t cell = shard.cells[at];
      if (cell == 0) return false;
      if (static_cast<std::uint32_t>(cell >> 32) != tag) continue;
      slot = static_cast<std::uint32_t>(cell) - 1;
      if (same(slot)) return true;
    }
  }
  // Makes room so that the next `insert` of this hash cannot fail.
  void reserveOne(std::uint64_t hash) {
    Shard& shard = shards_[hash & kMask];
    if ((shard.used + 1) * 8 > shard.cells.size() * 7) resize(shard, shard.cells.size() * 3 / 2 + 8);
  }
  void reserve(std::size_t count) {
    for (Shard& shard : shards_) resize(shard, roomFor(count / kShards));
  }
  // Gives back what growing left over.
  void compact() {
    for (Shard& shard : shards_)
      if (roomFor(shard.used) < shard.cells.size()) rehash(shard, roomFor(shard.used));
  }
  // The id must not be there, and room must be made.
  void insert(std::uint64_t hash, std::uint32_t slot) noexcept {
    Shard& shard = shards_[hash & kMask];
    place(shard, hash >> 32 << 32 | (std::uint64_t{slot} + 1));
    ++shard.used;
  }
  // Removes the cell of this slot, and closes the gap (Knuth, 6.4, algorithm R).
  void erase(std::uint64_t hash, std::uint32_t slot) noexcept {
    Shard& shard = shards_[hash & kMask];
    std::size_t gap = home(shard, static_cast<std::uint32_t>(hash >> 32));
    while (static_cast<std::uint32_t>(shard.cells[gap]) != slot + 1) gap = next(shard, gap);
    for (std::size_t at = next(shard, gap); shard.cells[at] != 0; at = next(shard, at)) {
      const std::size_t own = home(shard, static_cast<std::uint32_t>(shard.cells[at] >> 32));
      const bool reaches = gap <= at ? own <= gap || own > at : own <= gap && own > at;
      if (!reaches) continue;
      shard.cells[gap] = shard.cells[at];
      gap = at;
    }
    shard.cells[gap] = 0;
    --shard.used;
  }
  std::size_t bytes() const noexcept {
    std::size_t total = 0;
    for (const Shard& shard : shards_) total += shard.cells.bytes();
    return total;
  }

  // Of them, those that lie in a file.
  std::size_t lentBytes() const noexcept {
    std::size_t total = 0;
    for (const Shard& shard : shards_) total += shard.cells.lentBytes();
    return total;
  }

  // Gives every slot another number.
  template <class Renumber>
  void renumber(Renumber&& renumber) {
    for (Shard& shard : shards_)
      for (std::uint64_t& cell : shard.cells)
        if (cell != 0) cell = cell >> 32 << 32 | (std::uint64_t{renumber(static_cast<std::uint32_t>(cell) - 1)} + 1);
  }
  static constexpr std::size_t kShards = 64;
  std::size_t used(std::size_t shard) const noexcept { return shards_[shard].used; }
  void setUsed(std::size_t shard, std::uint64_t used) noexcept { shards_[shard].used = static_cast<std::size_t>(used); }
  template <class Self, class Each>
  static void columns(Self& self, Each&& each) {
    for (auto& shard : self.shards_) each(shard.cells);
  }
  // Whether every look-up ends, and at one of `entries` slots. O(cells).
  bool valid(std::uint32_t entries) const noexcept {
    std::size_t all = 0;
    for (const Shard& shard : shards_) {
      std::size_t used = 0;
      for (const std::uint64_t cell : shard.cells) {
        if (cell == 0) continue;
        ++used;
        const auto slot = static_cast<std::uint32_t>(cell);
        if (slot == 0 || slot > entries) return false;
      }
      if (used != shard.used || (used > 0 && used == shard.cells.size())) return false;
      all += used;
    }
    return all == entries;
  }

 private:
  static constexpr std::uint64_t kMask = kShards - 1;
  struct Shard {
    Column<std::uint64_t> cells;  // 0 is free
    std::size_t used = 0;
  };
  static std::size_t home(const Shard& shard, std::uint32_t tag) noexcept {
    return static_cast<std::size_t>((std::uint64_t{tag} * shard.cells.size()) >> 32);
  }
  static std::size_t next(const Shard& shard, std::size_t at) noexcept {
    return at + 1 == shard.cells.size() ? 0 : at + 1;
  }
  static void place(Shard& shard, std::uint64_t cell) noexcept {
    std::size_t at = home(shard, static_cast<std::uint32_t>(cell >> 32));
    while (shard.cells[at] != 0) at = next(shard, at);
    shard.cells[at] = cell;
  }
  // Five of six cells taken: an id that is there is found after 3.5 looks on average, at neighbouring cells.
  static std::size_t roomFor(std::size_t used) noexcept { return used + used / 5 + 16; }
  static void resize(Shard& shard, std::size_t size) {
    if (size > shard.cells.size()) rehash(shard, size);
  }
  static void rehash(Shard& shard, std::size_t size) {
    Shard other;
    other.cells.assign(size, 0);
    for (const std::uint64_t cell : shard.cells)
      if (cell != 0) place(other, cell);
    shard.cells.swap(other.cells);
  }

  std::shared_ptr<const void> backing_;  // the file that cells lie in, if they do
  std::uint64_t seed_;
  std::array<Shard, kShards> shards_;
};

}  // namespace easy11
