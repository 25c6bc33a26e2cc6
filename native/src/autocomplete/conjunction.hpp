#pragma once
// The best entries that have a word of every set.
//
// One set drives, the others are asked. Sets that are in rank order (one word's list, or a bitmap) can stop at the k-th
// hit, so the smallest of them drives, unless there are words below a prefix with so few entries that these are collected:
// they have no common order. Bitmaps alone are intersected 64 entries at a time. A filter that lets less through than the
// smallest set drives itself: its entries are collected when they are few, else marked in a bitmap, unless a single set in
// rank order is likely to come to the k-th hit sooner. A set is asked by its bitmap, by galloping along its list, or
// through the forward index, which is a miss of the processor's caches for each entry, so that these questions are gathered
// and waited for together; when, by the hits so far, more is to be asked than marking the set in a bitmap would cost, it
// is marked after all, so that no query costs more than the sum of its postings. A collected prefix is brought into rank
// order first, so that lists can be galloped along and the k-th hit is the last.
#include <cstdint>
#include <vector>

#include "segment_search.hpp"

namespace easy11 {

class Conjunction {
 public:
  Conjunction(const Segment& segment, const Acceptance& accept, SearchScratch& scratch)
      : segment_(segment), postings_(segment.postings), accept_(accept), spare_(scratch.bitmaps), marks_(scratch.marks) {}

  // `top` has begun and is empty. `count` is at least 1, and the sets ascend by count.
  void run(const WordSet* sets, std::size_t count, Top& top);

 private:
  struct Cursor {
    const WordSet* set;
    std::uint32_t at;
    bool seek(std::uint32_t rank) noexcept;
  };
  struct Filtered;  // what a filter lets through

  bool driveByFilter(const WordSet* sets, std::size_t count, const WordSet& smallest, Top& top);
  bool fromCache(const WordSet& set, Top& top) const;
  bool drive(const WordSet& set, std::uint32_t most, Top& top);
  bool driveList(const RankSpan& list, std::uint32_t most, Top& top);
  bool driveBits(const std::uint64_t* bits, std::uint32_t most, Top& top);
  void driveUnion(const WordSet& set, bool inOrder, Top& top);
  void ask(const WordSet& set, std::uint32_t drivenBy, bool inOrder);
  bool candidate(std::uint32_t rank, Top& top);
  bool settle(Top& top);
  void weigh(std::uint32_t asked, std::uint32_t left, const Top& top);
  std::uint64_t* blankBitmap();
  const std::uint64_t* mark(const WordSet& set);

  const Segment& segment_;
  const Postings& postings_;
  const Acceptance& accept_;
  std::vector<Bitmap>& spare_;
  RankMarks& marks_;
  std::size_t spareUsed_ = 0;
  // What is left to ask. Kept small; queries of many words grow them.
  std::vector<const std::uint64_t*> bitmaps_;
  std::vector<Cursor> cursors_;
  std::vector<const WordSet*> forward_;
  // Candidates that only the forward index is still to be asked about.
  static constexpr std::uint32_t kWindow = 16;
  std::uint32_t window_[kWindow];
  std::uint32_t waiting_ = 0;
};

}  // namespace easy11
