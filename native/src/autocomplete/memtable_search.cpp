#include <algorithm>

#include "easy11/utf8.hpp"
#include "memtable.hpp"

namespace easy11 {
namespace {

constexpr std::uint16_t kNone = 0xffff;

std::size_t decode(std::string_view word, std::uint32_t* out) noexcept {
  std::size_t length = 0;
  const char* at = word.data();
  for (const char* const end = at + word.size(); at < end && length < kMaxWordCodePoints;)
    out[length++] = nextCodePoint(at, end);
  return length;
}

}  // namespace

Memtable::Mask Memtable::maskOf(const PlanWord& word) const noexcept {
  Mask mask{};
  for (std::size_t at = lowerBound(word.text); at < sorted_.size(); ++at) {
    const Word& found = words_[sorted_[at]];
    if (text(found).substr(0, word.text.size()) != word.text) break;
    if (!word.prefix && found.size != word.text.size()) break;
    for (std::size_t i = 0; i < mask.size(); ++i) mask[i] |= found.entries[i];
  }
  return mask;
}

bool Memtable::startsWith(const Entry& entry, const PlanWord* words, std::uint32_t count) const noexcept {
  if (entry.words.size() < count) return false;
  for (std::uint32_t i = 0; i < count; ++i) {
    if ((entry.words[i] & Postings::kExtra) != 0) return false;
    const std::string_view own = text(words_[entry.words[i]]);
    if (i + 1 < count ? own != words[i].text : own.substr(0, words[i].text.size()) != words[i].text) return false;
  }
  return true;
}

void Memtable::takeSlips(const Word& word, std::uint32_t slip, Slips& slips) const noexcept {
  for (std::size_t i = 0; i < word.entries.size(); ++i)
    for (std::uint64_t left = word.entries[i]; left != 0; left &= left - 1) {
      std::uint16_t& least = slips[i * 64 + lowestBit(left)];
      least = std::min(least, static_cast<std::uint16_t>(slip));
    }
}

// Sorted words share the rows of the letters they have in common with the word before.
void Memtable::slipsOf(const PlanWord& word, SlipRows& rows, Slips& slips) const {
  std::uint32_t typed[kMaxWordCodePoints];
  const std::size_t length = decode(word.text, typed);
  std::uint32_t letters[kMaxWordCodePoints];
  std::uint32_t before[kMaxWordCodePoints];
  std::uint32_t best[kMaxWordCodePoints + 1];  // least cost of the first letters, by their number
  std::size_t beforeLength = 0;
  std::size_t computed = 0;  // rows that are valid for `before`
  bool dead = false;         // the last of them cannot be continued
  rows.begin(typed, length, word.prefix);
  best[0] = rows.cost(0);
  for (const std::uint32_t number : sorted_) {
    const Word& candidate = words_[number];
    const std::size_t size = decode(text(candidate), letters);
    std::size_t common = 0;
    while (common < size && common < beforeLength && letters[common] == before[common]) ++common;
    if (!(dead && common >= computed)) {
      computed = std::min(computed, common);
      dead = false;
      while (computed < size && !dead) {
        dead = rows.push(computed + 1, letters[computed]) >= kNoSlip;
        ++computed;
        best[computed] = std::min(best[computed - 1], rows.cost(computed));
      }
      std::copy(letters, letters + size, before);
      beforeLength = size;
      const bool whole = computed == size && !(dead && rows.cost(computed) >= kNoSlip);
      const std::uint32_t cost = word.prefix ? best[computed] : whole ? rows.cost(size) : kNoSlip;
      if (cost < kNoSlip) takeSlips(candidate, cost, slips);
    } else if (word.prefix && best[computed] < kNoSlip) {
      takeSlips(candidate, best[computed], slips);
    }
  }
}

void Memtable::search(const Plan& plan, SearchMode mode, std::uint32_t limit, const Filter* filter, SlipRows& rows,
                      std::vector<MemtableHit>& out) const {
  out.clear();
  if (size_ == 0) return;
  Slips least;
  least.fill(kNone);
  std::uint32_t begin = 0;
  for (const std::uint32_t end : plan.ends) {
    const PlanWord* const words = plan.words.data() + begin;
    const std::uint32_t count = end - begin;
    begin = end;
    if (mode == SearchMode::kFuzzy) {
      Slips sum{};
      for (std::uint32_t i = 0; i < count; ++i) {
        Slips slips;
        slips.fill(kNone);
        slipsOf(words[i], rows, slips);
        for (std::size_t at = 0; at < sum.size(); ++at)
          sum[at] = sum[at] == kNone || slips[at] == kNone ? kNone : static_cast<std::uint16_t>(sum[at] + slips[at]);
      }
      for (std::size_t at = 0; at < least.size(); ++at) least[at] = std::min(least[at], sum[at]);
      continue;
    }
    Mask mask = maskOf(words[0]);
    for (std::uint32_t i = 1; i < count; ++i) {
      const Mask other = maskOf(words[i]);
      for (std::size_t at = 0; at < mask.size(); ++at) mask[at] &= other[at];
    }
    for (std::uint32_t at = 0; at < kCapacity; ++at)
      if (testBit(mask.data(), at) && (mode == SearchMode::kWords || startsWith(*entries_[at], words, count)))
        least[at] = 0;
  }
  for (const std::uint16_t* at = order_.data(); at != order_.data() + size_; ++at)
    if (least[*at] != kNone && (filter == nullptr || filter->accepts(view(*at)))) {
      out.push_back({least[*at], *at});
      if (mode != SearchMode::kFuzzy && out.size() == limit) return;
    }
  std::stable_sort(out.begin(), out.end(), [](const MemtableHit& a, const MemtableHit& b) { return a.slip < b.slip; });
  if (out.size() > limit) out.resize(limit);
}

}  // namespace easy11
