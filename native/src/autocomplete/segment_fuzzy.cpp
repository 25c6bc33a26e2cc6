#include <algorithm>

#include "segment_search.hpp"

namespace easy11 {

void SegmentSearch::fuzzy(const PlanWord* words, std::uint32_t count, Top& top) {
  std::vector<std::vector<SlipRange>>& ranges = scratch_.ranges;
  if (ranges.size() < count) ranges.resize(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    scratch_.walk.find(segment_.dictionary, words[i].text, words[i].prefix, ranges[i]);
    if (ranges[i].empty()) return;
  }
  if (count == 1)
    fuzzyWord(ranges[0], top);
  else
    fuzzyWords(count, top);
}

// One word: level by level, each level in rank order.
void SegmentSearch::fuzzyWord(const std::vector<SlipRange>& ranges, Top& top) {
  Bitmap& seen = scratch_.seen;
  if (seen.size() < bitmapWords(segment_.size())) seen.resize(bitmapWords(segment_.size()), 0);
  Top level;
  const SlipRange* const end = ranges.data() + ranges.size();
  for (const SlipRange* begin = ranges.data(); begin < end && !top.full();) {
    const SlipRange* next = begin;
    while (next < end && next->slip == begin->slip) ++next;
    level.begin(top.limit() - top.size());
    fuzzyLevel(begin, next, level);
    for (const HitKey key : level.keys()) {
      top.append(key);
      setBit(seen.data(), rankOf(key));
    }
    begin = next;
  }
  for (const HitKey key : top.keys()) clearBit(seen.data(), rankOf(key));
}

void SegmentSearch::fuzzyLevel(const SlipRange* begin, const SlipRange* end, Top& top) {
  const Postings& postings = segment_.postings;
  const std::uint64_t* const seen = scratch_.seen.data();
  const auto offer = [&](std::uint32_t slip, std::uint32_t rank) {
    const HitKey key = hitKey(slip, rank);
    if (key >= top.bound()) return false;
    if (!testBit(seen, rank) && accept_(rank)) top.offer(key);
    return true;
  };
  for (const SlipRange* range = begin; range < end; ++range) {
    if (range->node != kNoNode) {
      const RankSpan cached = postings.top(range->node);
      std::uint32_t taken = 0;
      while (taken < cached.size() && offer(range->slip, cached[taken])) ++taken;
      // Told by the cache when a cached entry was already too low, or when the cache holds all there are.
      if (taken < cached.size() || (cached.there() && cached.size() < Postings::kCachedTop)) continue;
    }
    for (std::uint32_t word = range->low; word < range->high; ++word)
      eachRankOfWord(postings, word, [&](std::uint32_t rank) { return offer(range->slip, rank); });
  }
}

// Least sum of slips over the words of an entry, or kNoSlip. Stops early above `bound`.
std::uint32_t SegmentSearch::slipOfEntry(std::uint32_t rank, std::uint32_t count, std::uint32_t bound) const {
  const WordSpan own = segment_.postings.wordsOf(rank);
  std::uint32_t sum = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint8_t* const slips = scratch_.slips[i].data();
    std::uint8_t least = kNoSlipByte;
    for (std::uint32_t at = 0; at < own.size(); ++at) least = std::min(least, slips[own[at] & ~Postings::kExtra]);
    if (least == kNoSlipByte) return kNoSlip;
    sum += least;
    if (sum > bound) return kNoSlip;
  }
  return sum;
}

// Several words: the rarest drives, the others are looked up among the words of each of its entries.
void SegmentSearch::fuzzyWords(std::uint32_t count, Top& top) {
  const Postings& postings = segment_.postings;
  auto& slips = scratch_.slips;
  if (slips.size() < count) slips.resize(count);
  std::uint32_t driver = 0;
  std::uint64_t smallest = ~std::uint64_t{0};
  for (std::uint32_t i = 0; i < count; ++i) {
    if (slips[i].size() < segment_.dictionary.size()) slips[i].resize(segment_.dictionary.size(), kNoSlipByte);
    std::uint64_t size = 0;
    const std::vector<SlipRange>& ranges = scratch_.ranges[i];
    for (auto range = ranges.rbegin(); range != ranges.rend(); ++range) {  // the cheapest last
      size += postings.count(range->low, range->high);
      std::fill(slips[i].begin() + range->low, slips[i].begin() + range->high, static_cast<std::uint8_t>(range->slip));
    }
    if (size < smallest) {
      smallest = size;
      driver = i;
    }
  }
  for (const SlipRange& range : scratch_.ranges[driver]) {
    if (hitKey(range.slip, 0) >= top.bound()) break;
    for (std::uint32_t word = range.low; word < range.high; ++word) {
      if (slips[driver][word] < range.slip) continue;  // done with a cheaper range
      eachRankOfWord(postings, word, [&](std::uint32_t rank) {
        if (hitKey(range.slip, rank) >= top.bound()) return false;
        const std::uint32_t slip = slipOfEntry(rank, count, slipOf(top.bound()));
        if (slip < kNoSlip && hitKey(slip, rank) < top.bound() && accept_(rank)) top.offer(hitKey(slip, rank));
        return true;
      });
    }
  }
  for (std::uint32_t i = 0; i < count; ++i)
    for (const SlipRange& range : scratch_.ranges[i])
      std::fill(slips[i].begin() + range.low, slips[i].begin() + range.high, kNoSlipByte);
  constexpr std::size_t kKeep = 8;  // a query of very many words must not hold memory for ever
  if (slips.size() > kKeep) slips.resize(kKeep);
}

}  // namespace easy11
