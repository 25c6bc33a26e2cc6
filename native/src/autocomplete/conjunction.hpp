#pragma once
// The best entries that have a word of every set.
//
// One set drives, the others are asked. Sets that are in rank order (one word's list, or a bitmap) can stop at the k-th
// hit, so they drive when they are the smallest; the words below a prefix have no common order, so their entries are
// collected, or first marked in a bitmap when they are many. Bitmaps alone are intersected 64 entries at a time. A filter
// that lets less through than the smallest set drives itself. A set is asked by its bitmap, by galloping along its list, or
// through the forward index; when that was asked in vain for long enough, the set is marked in a bitmap after all, so that
// no query costs more than the sum of its postings.
#include <cstdint>
#include <vector>

#include "segment_search.hpp"

namespace easy11 {

class Conjunction {
 public:
  Conjunction(const Segment& segment, const Acceptance& accept, std::vector<Bitmap>& spare)
      : segment_(segment), postings_(segment.postings), accept_(accept), spare_(spare) {}

  // `top` has begun and is empty. `count` is at least 1.
  void run(const WordSet* sets, std::size_t count, Top& top);

 private:
  struct Cursor {
    const std::uint32_t* at;
    const std::uint32_t* end;
    bool seek(std::uint32_t rank) noexcept;
  };

  bool driveByFilter(const WordSet* sets, std::size_t count, std::uint32_t smallest, Top& top);
  bool fromCache(const WordSet& set, Top& top) const;
  void driveList(RankSpan list, Top& top);
  void driveBits(const std::uint64_t* bits, Top& top);
  void driveUnion(const WordSet& set, Top& top);
  void ask(const WordSet& set, std::uint32_t drivenBy, bool inOrder);
  bool passes(std::uint32_t rank) noexcept;
  void markAsked(std::uint32_t left);
  const std::uint64_t* mark(const WordSet& set);

  const Segment& segment_;
  const Postings& postings_;
  const Acceptance& accept_;
  std::vector<Bitmap>& spare_;
  std::size_t spareUsed_ = 0;
  // What is left to ask. Kept small; queries of many words grow them.
  std::vector<const std::uint64_t*> bitmaps_;
  std::vector<Cursor> cursors_;
  std::vector<const WordSet*> forward_;
};

}  // namespace easy11
