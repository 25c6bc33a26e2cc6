#pragma once
// Exact top k by inner product: upper bounds from bytes, then the real score of what may be among the best.
#include "../common/job_control.hpp"
#include "../common/large_pages.hpp"
#include "easy11/als.hpp"
#include "factors.hpp"

namespace easy11::als {

struct Scored {
  float score;
  std::uint32_t item;
  // Best first: larger scores, then smaller numbers.
  bool before(const Scored& other) const noexcept {
    return score != other.score ? score > other.score : item < other.item;
  }
};

// The best `limit` of what is offered: a heap with the worst of them on top.
class Best {
 public:
  void reset(std::size_t limit) {
    kept_.clear();
    kept_.reserve(limit);
    limit_ = limit;
  }
  bool full() const noexcept { return kept_.size() == limit_; }
  // What a score must reach to get in.
  float bar() const noexcept { return kept_[0].score; }
  void offer(Scored one);
  // Best first.
  const std::vector<Scored>& sorted();

 private:
  std::vector<Scored> kept_;
  std::size_t limit_ = 0;
};

// What one thread needs for queries.
struct TopScratch {
  std::vector<std::uint32_t> marks;  // item → the query that excludes it
  std::uint32_t query = 0;
  std::vector<std::int8_t> bytes;
  Best best;
  // Begins a query: nothing is excluded.
  void begin(std::size_t items);
  void exclude(std::uint32_t item) noexcept { marks[item] = query; }
  bool excluded(std::uint32_t item) const noexcept { return marks[item] == query; }
};

class TopIndex {
 public:
  // Items by norm, largest first, 16 side by side. In the eigenbasis most of a vector lies in its first coordinates.
  Status build(const Factors& items, std::size_t threads, const JobControl& control);
  // An item's row changed, or is new: it is scored in every query until the next build.
  void loosen(std::uint32_t item);
  std::size_t loose() const noexcept { return loose_.size(); }
  // The best items for x that scratch does not exclude.
  const std::vector<Scored>& search(const Factors& items, const float* x, std::size_t limit, TopScratch& scratch) const;
  std::uint64_t bytes() const noexcept;

 private:
  static constexpr std::size_t kLanes = 16;
  // What holds for all items of a block: their largest norm, that of their bytes, and how far these are from the truth.
  struct Bounds {
    float largest, norm, error;
  };
  // Scales and norms of tails, 16 each, then the bytes of the head: what is read of every block lies in a row.
  static constexpr std::size_t kPrefix = 2 * kLanes * sizeof(float);
  std::size_t headBytes() const noexcept { return kPrefix + head_ * kLanes; }
  std::size_t tailBytes() const noexcept { return (stride_ - head_) * kLanes; }
  void quantise(const Factors& items, std::size_t block) noexcept;

  std::size_t stride_ = 0, head_ = 0;
  std::vector<std::uint32_t> order_;     // position → item, or kNoItem
  std::vector<std::uint32_t> position_;  // item → position
  std::vector<Bounds> bounds_;
  // Block, four coordinates, lane, coordinate: 64 + value / scale.
  std::vector<std::uint8_t, LargePages<std::uint8_t>> heads_, tails_;
  std::vector<std::uint32_t> loose_;
};

}  // namespace easy11::als
