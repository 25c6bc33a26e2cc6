#include "segment_search.hpp"

#include <algorithm>

#include "conjunction.hpp"

namespace easy11 {

void SegmentSearch::run(const Plan& plan, SearchMode mode, std::uint32_t limit, Top& top) {
  top.begin(limit);
  const auto alternative = [&](std::uint32_t begin, std::uint32_t end, Top& into) {
    const PlanWord* const words = plan.words.data() + begin;
    if (mode == SearchMode::kWords)
      this->words(words, end - begin, into);
    else if (mode == SearchMode::kFuzzy)
      fuzzy(words, end - begin, into);
    else
      prefix(words, end - begin, into);
  };
  if (plan.ends.size() == 1) {
    alternative(0, plan.ends[0], top);
    return;
  }
  // The best k of the union are among the best k of each alternative, and an entry counts with its least slip.
  std::vector<HitKey>& united = scratch_.united;
  united.clear();
  std::uint32_t begin = 0;
  for (const std::uint32_t end : plan.ends) {
    scratch_.part.begin(limit);
    alternative(begin, end, scratch_.part);
    united.insert(united.end(), scratch_.part.keys().begin(), scratch_.part.keys().end());
    begin = end;
  }
  std::sort(united.begin(), united.end(), [](HitKey a, HitKey b) {
    return rankOf(a) != rankOf(b) ? rankOf(a) < rankOf(b) : slipOf(a) < slipOf(b);
  });
  united.erase(std::unique(united.begin(), united.end(), [](HitKey a, HitKey b) { return rankOf(a) == rankOf(b); }),
               united.end());
  std::sort(united.begin(), united.end());
  if (united.size() > limit) united.resize(limit);
  for (const HitKey key : united) top.append(key);
}

void SegmentSearch::words(const PlanWord* words, std::uint32_t count, Top& top) {
  std::vector<WordSet>& sets = scratch_.sets;
  sets.clear();
  for (std::uint32_t i = 0; i < count; ++i) {
    const WordRange range = segment_.dictionary.find(words[i].text, words[i].prefix);
    if (range.empty()) return;
    // Who has a word of a narrower range has one of this: it need not be asked.
    const auto within = [](const auto& inner, const auto& outer) {
      return inner.low >= outer.low && inner.high <= outer.high;
    };
    if (std::any_of(sets.begin(), sets.end(), [&](const WordSet& set) { return within(set, range); })) continue;
    sets.erase(std::remove_if(sets.begin(), sets.end(), [&](const WordSet& set) { return within(range, set); }), sets.end());
    sets.push_back(segment_.postings.set(range));
  }
  std::sort(sets.begin(), sets.end(), [](const WordSet& a, const WordSet& b) { return a.count < b.count; });
  Conjunction(segment_, accept_, scratch_).run(sets.data(), sets.size(), top);
}

}  // namespace easy11
