#pragma once
// What building and merging have in common: everything that follows from the entries and their word numbers.
#include "segment.hpp"

namespace easy11 {

constexpr std::uint64_t kMaxSegmentEntries = 0x7fffffff;
constexpr std::uint64_t kMaxPostings = 0x7fffffff;

inline Built finishSegment(Segment& out, std::vector<std::uint32_t>&& ends, std::vector<std::uint32_t>&& words,
                           const JobControl& control) {
  const std::uint64_t count = out.size();
  if (!out.dictionary.finish(control)) return Built::kCancelled;
  control.report(count * 5 / 8, count);
  if (!out.postings.build(std::move(ends), std::move(words), out.dictionary, control)) return Built::kCancelled;
  control.report(count * 6 / 8, count);
  if (!out.order.build(out.postings, out.dictionary, control)) return Built::kCancelled;
  control.report(count * 7 / 8, count);
  if (!out.filters.build(out.documents, control)) return Built::kCancelled;
  control.report(count, count);
  return Built::kDone;
}

}  // namespace easy11
