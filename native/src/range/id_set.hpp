#pragma once
// Rows that the caller names, as one more condition of a query: a bit for each id, and which blocks of 512 ids have any.
#include <cstdint>
#include <vector>

#include "table.hpp"

namespace easy11::range {

class IdSet {
 public:
  static constexpr std::uint32_t kBlock = 512, kBlockWords = kBlock / 64;

  // Takes the rows of an ascending list of ids, or of a bitmap (bit i % 32 of word i / 32), that the table has. False, and
  // the set is empty, when the ids do not ascend. O(ids); O(words).
  bool takeList(const Table& table, const std::uint32_t* ids, std::size_t size);
  void takeBits(const Table& table, const std::uint32_t* words, std::size_t size);

  // How many rows it has.
  std::uint32_t size() const noexcept { return size_; }
  bool has(std::uint32_t id) const noexcept { return id / 64 < words_.size() && testBit(words_.data(), id); }
  // Blocks that have a row of the set, ascending, and the eight words of one.
  const std::vector<std::uint32_t>& blocks() const noexcept { return blocks_; }
  const std::uint64_t* words(std::uint32_t block) const noexcept {
    return words_.data() + std::size_t{block} * kBlockWords;
  }
  // The first of its blocks whose ids all lie within the table: a set is taken anew for every query.
  bool fits(const Table& table) const noexcept { return blocks_.empty() || blocks_.back() < table.capacity / kBlock; }
  std::size_t bytes() const noexcept { return words_.capacity() * 8 + blocks_.capacity() * 4; }

 private:
  void begin(const Table& table);

  Bitmap words_;
  std::vector<std::uint32_t> blocks_;
  std::uint32_t size_ = 0;
};

}  // namespace easy11::range
