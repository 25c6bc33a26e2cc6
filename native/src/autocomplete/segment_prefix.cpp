#include <algorithm>

#include "segment_search.hpp"

namespace easy11 {

void SegmentSearch::prefix(const PlanWord* words, std::uint32_t count, Top& top) {
  std::vector<std::uint32_t>& whole = scratch_.numbers;
  whole.clear();
  for (std::uint32_t i = 0; i + 1 < count; ++i) {
    const WordRange range = segment_.dictionary.find(words[i].text, false);
    if (range.empty()) return;
    whole.push_back(range.low);
  }
  const WordRange last = segment_.dictionary.find(words[count - 1].text, true);
  if (last.empty()) return;
  const PrefixOrder::Range range =
      segment_.order.find(segment_.postings, whole.data(), count - 1, last.low, last.high);
  if (count == 1 && last.node != kNoNode) {
    for (const std::uint32_t rank : segment_.order.top(last.node)) {
      if (accept_(rank)) top.append(hitKey(0, rank));
      if (top.full()) return;
    }
    top.begin(top.limit());
  }
  if (range.size() > PrefixOrder::kScan && range.size() > 2 * top.limit()) {
    if (prefixByHeap(range, top)) return;
    top.begin(top.limit());
    if (prefixByFilter(range, last, top)) return;
  }
  for (std::uint32_t at = range.begin; at < range.end; ++at) {
    const HitKey key = hitKey(0, segment_.order.rankAt(at));
    if (key < top.bound() && accept_(rankOf(key))) top.offer(key);
  }
}

// Takes the best of the range again and again. Gives up, false, when too many of them are not accepted.
bool SegmentSearch::prefixByHeap(PrefixOrder::Range range, Top& top) {
  using Part = SearchScratch::PrefixPart;
  const PrefixOrder& order = segment_.order;
  const std::uint32_t patience = 4 * top.limit() + 64;
  std::vector<Part>& parts = scratch_.parts;
  parts.clear();
  const auto worse = [](const Part& a, const Part& b) { return a.rank > b.rank; };
  const auto push = [&](std::uint32_t begin, std::uint32_t end) {
    if (begin >= end) return;
    const std::uint32_t at = order.best(begin, end);
    parts.push_back({order.rankAt(at), at, begin, end});
    std::push_heap(parts.begin(), parts.end(), worse);
  };
  push(range.begin, range.end);
  for (std::uint32_t taken = 0; !parts.empty(); ++taken) {
    if (taken == patience) return false;
    std::pop_heap(parts.begin(), parts.end(), worse);
    const Part part = parts.back();
    parts.pop_back();
    if (accept_(part.rank)) {
      top.append(hitKey(0, part.rank));
      if (top.full()) return true;
    }
    push(part.begin, part.at);
    push(part.at + 1, part.end);
  }
  return true;
}

// Whether a text starts with scratch_.numbers and then a word of `last`.
bool SegmentSearch::startsWith(std::uint32_t rank, WordRange last) const {
  const std::vector<std::uint32_t>& whole = scratch_.numbers;
  const WordSpan own = segment_.postings.wordsOf(rank);
  if (own.size() <= whole.size()) return false;
  for (std::size_t i = 0; i < whole.size(); ++i)
    if (own[i] != whole[i]) return false;
  const std::uint32_t next = own[whole.size()];
  return next >= last.low && next < last.high;  // an extra word is above every number
}

// Goes through what the filter lets through, by category or by price, when that is less than the texts of the range.
bool SegmentSearch::prefixByFilter(PrefixOrder::Range range, WordRange last, Top& top) {
  const Filter* const filter = accept_.filter;
  if (filter == nullptr) return false;
  const FilterLists& lists = segment_.filters;
  const auto offer = [&](RankSpan list, bool ascending) {
    for (const std::uint32_t rank : list) {
      if (hitKey(0, rank) >= top.bound()) {
        if (ascending) return;
      } else if (startsWith(rank, last) && accept_(rank)) {
        top.offer(hitKey(0, rank));
      }
    }
  };
  std::uint64_t inCategories = ~std::uint64_t{0};
  if (filter->byCategory) {
    inCategories = 0;
    for (const std::uint32_t category : filter->categories) inCategories += lists.category(category).size();
  }
  if (filter->byPrice) {
    const RankSpan priced = lists.priced(accept_.prices);
    if (priced.size() < std::min<std::uint64_t>(inCategories, range.size())) {
      offer(priced, false);
      return true;
    }
  }
  if (inCategories >= range.size()) return false;
  for (const std::uint32_t category : filter->categories) offer(lists.category(category), true);
  return true;
}

}  // namespace easy11
