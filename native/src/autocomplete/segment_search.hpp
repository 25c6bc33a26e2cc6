#pragma once
// One search in one segment.
#include <cstdint>
#include <vector>

#include "dead_bits.hpp"
#include "easy11/slips.hpp"
#include "rank_marks.hpp"
#include "segment.hpp"
#include "slip_walk.hpp"
#include "top.hpp"
#include "words.hpp"

namespace easy11 {

// Memory that searches use again and again. Belongs to the owner of the index.
struct SearchScratch {
  std::vector<WordSet> sets;
  std::vector<std::uint32_t> numbers;
  std::vector<Bitmap> bitmaps;
  RankMarks marks;
  Bitmap seen;
  Top part;
  SlipRows rows;
  SlipWalk walk;
  std::vector<std::vector<SlipRange>> ranges;     // by query word
  std::vector<std::vector<std::uint8_t>> slips;   // by query word: slip of each word of the dictionary, or kNoSlipByte
  std::vector<HitKey> united;
  struct PrefixPart {
    std::uint32_t rank, at, begin, end;
  };
  std::vector<PrefixPart> parts;
};
constexpr std::uint8_t kNoSlipByte = 0xff;

// Whether an entry of a segment may be returned at all.
struct Acceptance {
  const Documents* documents = nullptr;
  const DeadBits* dead = nullptr;
  const Filter* filter = nullptr;
  Documents::PriceRange prices;  // those that the filter lets through

  Acceptance(const Documents& entries, const DeadBits* deleted, const Filter* wanted) noexcept
      : documents(&entries), dead(deleted), filter(wanted) {
    if (filter != nullptr && filter->byPrice) prices = entries.pricesWithin(filter->priceAtLeast, filter->priceAtMost);
  }
  bool everything() const noexcept { return dead == nullptr && filter == nullptr; }
  bool operator()(std::uint32_t rank) const noexcept {
    return (dead == nullptr || !dead->test(rank)) && (filter == nullptr || passes(rank));
  }
  bool passes(std::uint32_t rank) const noexcept {
    if (filter->stock >= 0 && documents->inStock(rank) != (filter->stock == 1)) return false;
    if (filter->byPrice && (!documents->hasPrices() || !prices.has(documents->priceNumber(rank)))) return false;
    return !filter->byCategory || (documents->hasCategories() && filter->allows(documents->categoriesBegin(rank),
                                                                                documents->categoriesEnd(rank)));
  }
};

enum class SearchMode { kWords, kFuzzy, kPrefix };

class SegmentSearch {
 public:
  // `dead` marks deleted entries, or is null; `filter` is null for none.
  SegmentSearch(const Segment& segment, const DeadBits* dead, const Filter* filter, SearchScratch& scratch)
      : segment_(segment), accept_(segment.documents, dead, filter), scratch_(scratch) {}

  // The best `limit` entries, ascending by slip and rank, into `top`.
  void run(const Plan& plan, SearchMode mode, std::uint32_t limit, Top& top);

 private:
  void words(const PlanWord* words, std::uint32_t count, Top& top);
  void fuzzy(const PlanWord* words, std::uint32_t count, Top& top);
  void prefix(const PlanWord* words, std::uint32_t count, Top& top);

  void fuzzyWord(const std::vector<SlipRange>& ranges, Top& top);
  void fuzzyLevel(const SlipRange* begin, const SlipRange* end, Top& top);
  void fuzzyWords(std::uint32_t count, Top& top);
  std::uint32_t slipOfEntry(std::uint32_t rank, std::uint32_t count, std::uint32_t bound) const;
  bool startsWith(std::uint32_t rank, WordRange last) const;
  bool prefixByFilter(PrefixOrder::Range range, WordRange last, Top& top);
  bool prefixByHeap(PrefixOrder::Range range, Top& top);

  const Segment& segment_;
  Acceptance accept_;
  SearchScratch& scratch_;
};

// Calls each(rank), ascending, for the entries with a word, until it returns false.
template <class Each>
void eachRankOfWord(const Postings& postings, std::uint32_t word, Each&& each) {
  if (const std::uint64_t* bits = postings.denseWord(word)) {
    const std::size_t words = bitmapWords(postings.size());
    for (std::size_t at = 0; at < words; ++at)
      for (std::uint64_t left = bits[at]; left != 0; left &= left - 1)
        if (!each(static_cast<std::uint32_t>(at * 64) + lowestBit(left))) return;
    return;
  }
  for (const std::uint32_t rank : postings.list(word))
    if (!each(rank)) return;
}

}  // namespace easy11
