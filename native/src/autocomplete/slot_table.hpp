#pragma once
// Where each entry is: a slot is a number that stays the same while an entry moves from the memtable to a segment and on
// through merges. Kept in chunks, so that growing never copies. After a bulk build slots are the ranks in the first segment,
// and no chunk is there until one of its slots changes.
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace easy11 {

// `home` is one of these, or the number of a segment.
enum Home : std::uint32_t { kNowhere = 0, kInMemtable = 1, kFirstSegment = 2 };

struct Location {
  std::uint32_t home = kNowhere;
  std::uint32_t at = 0;  // position in the memtable, or rank in the segment
};

class SlotTable {
 public:
  // Makes room so that the next `take`, and changing what it gives, cannot fail.
  void reserveOne() {
    if (!free_.empty()) return;
    if (size_ == chunks_.size() * kChunk) chunks_.push_back(nullptr);
    prepare(size_);
  }
  std::uint32_t take() noexcept {
    if (free_.empty()) return size_++;
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  // Makes room so that the next `giveBack` of this slot cannot fail.
  void reserveGiveBack(std::uint32_t slot) {
    prepare(slot);
    if (free_.size() == free_.capacity()) free_.reserve(2 * free_.size() + 64);
  }
  void giveBack(std::uint32_t slot) noexcept {
    (*this)[slot] = {};
    free_.push_back(slot);
  }
  // Makes the slots [0, count), which are ranks in the first segment.
  void fill(std::uint32_t count) {
    chunks_.clear();
    chunks_.resize((std::size_t{count} + kChunk - 1) / kChunk);
    size_ = ranks_ = count;
  }
  // Makes it possible to change a slot.
  void prepare(std::uint32_t slot) {
    std::unique_ptr<Chunk>& chunk = chunks_[slot / kChunk];
    if (chunk != nullptr) return;
    chunk = std::make_unique<Chunk>();
    const std::uint32_t first = slot / kChunk * kChunk;
    for (std::uint32_t at = first; at < ranks_ && at < first + kChunk; ++at) (*chunk)[at - first] = {kFirstSegment, at};
  }
  Location& operator[](std::uint32_t slot) noexcept { return (*chunks_[slot / kChunk])[slot % kChunk]; }
  Location at(std::uint32_t slot) const noexcept {
    const Chunk* const chunk = chunks_[slot / kChunk].get();
    return chunk != nullptr ? (*chunk)[slot % kChunk] : Location{kFirstSegment, slot};
  }
  std::uint32_t size() const noexcept { return size_; }
  std::size_t bytes() const noexcept {
    std::size_t total = chunks_.capacity() * sizeof(chunks_[0]) + free_.capacity() * 4;
    for (const auto& chunk : chunks_) total += chunk != nullptr ? sizeof(Chunk) : 0;
    return total;
  }

 private:
  static constexpr std::uint32_t kChunk = 4096;
  using Chunk = std::array<Location, kChunk>;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::vector<std::uint32_t> free_;
  std::uint32_t size_ = 0;
  std::uint32_t ranks_ = 0;
};

}  // namespace easy11
