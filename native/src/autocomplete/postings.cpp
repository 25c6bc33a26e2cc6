#include "postings.hpp"

#include <algorithm>

namespace easy11 {

namespace {
constexpr std::uint32_t kTopThreshold = 512;
}

const std::uint64_t* Postings::find(const Column<Dense>& table, std::uint32_t key) const noexcept {
  const auto at = std::lower_bound(table.begin(), table.end(), key,
                                   [](const Dense& entry, std::uint32_t wanted) { return entry.key < wanted; });
  if (at == table.end() || at->key != key) return nullptr;
  return bitmaps_.data() + std::size_t{at->bitmap} * bitmapWords(size());
}

const std::uint64_t* Postings::denseWord(std::uint32_t word) const noexcept {
  return isDense(count(word, word + 1)) ? find(denseWords_, word) : nullptr;
}

std::uint32_t Postings::newBitmap() {
  const std::size_t words = bitmapWords(size());
  bitmaps_.resize(bitmaps_.size() + words, 0);
  return static_cast<std::uint32_t>(bitmaps_.size() / words - 1);
}

bool Postings::build(std::vector<std::uint32_t>&& ends, std::vector<std::uint32_t>&& words,
                     const Dictionary& dictionary, const JobControl& control) {
  size_ = static_cast<std::uint32_t>(ends.size());
  wordStarts_.reserve(ends.size() + 1);
  wordStarts_.add(0);
  for (const std::uint32_t end : ends) wordStarts_.add(end);
  wordStarts_.finish();
  for (std::uint32_t& word : words) word = WordSpan::keep(word);
  words_.assign(words);
  ends = {};
  words = {};
  counts_.assign(std::size_t{dictionary.size()} + 1, 0);
  if (!invert(control) || !cacheNodes(dictionary, control)) return false;
  bitmaps_.shrink_to_fit();
  return true;
}

bool Postings::invert(const JobControl& control) {
  const std::size_t dictionarySize = counts_.size() - 1;
  // The last entry seen with a word, plus one: a word twice in a text is one posting.
  std::vector<std::uint32_t> seen(dictionarySize, 0);
  const auto eachPosting = [&](auto&& each) {
    std::fill(seen.begin(), seen.end(), 0);
    for (std::uint32_t rank = 0; rank < size(); ++rank) {
      if (control.cancelledAt(rank)) return false;
      const WordSpan own = wordsOf(rank);
      for (std::uint32_t i = 0; i < own.size(); ++i) {
        const std::uint32_t word = own[i] & ~kExtra;
        if (seen[word] == rank + 1) continue;
        seen[word] = rank + 1;
        each(word, rank);
      }
    }
    return true;
  };
  if (!eachPosting([&](std::uint32_t word, std::uint32_t) { ++counts_[word + 1]; })) return false;
  starts_.assign(dictionarySize + 1, 0);
  for (std::uint32_t word = 0; word < dictionarySize; ++word) {
    const std::uint32_t own = counts_[word + 1];
    if (isDense(own)) denseWords_.push_back({word, static_cast<std::uint32_t>(denseWords_.size())});
    starts_[word + 1] = starts_[word] + (isDense(own) ? 0 : own);
    counts_[word + 1] += counts_[word];
  }
  bitmaps_.assign(denseWords_.size() * bitmapWords(size()), 0);
  ranks_.assign(starts_.back(), size() - 1);
  // Where the next rank of a word goes: a place in ranks_, or, for a dense word, its bitmap.
  std::vector<std::uint32_t> fill(starts_.begin(), starts_.end() - 1);
  constexpr std::uint32_t kToBitmap = 0x80000000;
  for (const Dense& dense : denseWords_) fill[dense.key] = kToBitmap | dense.bitmap;
  const std::size_t bitmapSize = bitmapWords(size());
  return eachPosting([&](std::uint32_t word, std::uint32_t rank) {
    if ((fill[word] & kToBitmap) != 0)
      setBit(bitmaps_.data() + (fill[word] & ~kToBitmap) * bitmapSize, rank);
    else
      ranks_.set(fill[word]++, rank);
  });
}

WordSet Postings::set(WordRange range) const noexcept {
  WordSet set;
  if (range.empty()) return set;
  set.low = range.low;
  set.high = range.high;
  set.count = count(range.low, range.high);
  if (range.high - range.low == 1) {
    set.bitmap = denseWord(range.low);
    if (set.bitmap == nullptr) set.ranks = list(range.low);
    return set;
  }
  set.node = range.node;
  if (std::uint64_t{set.count} * 16 >= size()) set.bitmap = find(denseNodes_, range.node);
  return set;
}

// `tops` are those of the nodes behind this one, as topStarts_ says.
void Postings::cacheTop(const Dictionary& dictionary, std::uint32_t node, const std::vector<std::uint32_t>& tops,
                        std::vector<std::uint32_t>& found) {
  found.clear();
  const auto takeWord = [&](std::uint32_t word) {
    if (const std::uint64_t* bits = denseWord(word)) {
      std::uint32_t taken = 0;
      for (std::size_t at = 0; at < bitmapWords(size()) && taken < kCachedTop; ++at)
        for (std::uint64_t left = bits[at]; left != 0 && taken < kCachedTop; left &= left - 1, ++taken)
          found.push_back(static_cast<std::uint32_t>(at * 64) + lowestBit(left));
      return;
    }
    const RankSpan own = list(word);
    for (std::uint32_t i = 0; i < std::min(own.size(), kCachedTop); ++i) found.push_back(own[i]);
  };
  if (dictionary.terminal(node)) takeWord(dictionary.low(node));
  for (std::uint32_t child = dictionary.childBegin(node); child < dictionary.childEnd(node); ++child) {
    const std::uint32_t at = topOf_.size() > child ? topOf_[child] : kNoNode;
    if (at != kNoNode)
      found.insert(found.end(), tops.begin() + topStarts_[at], tops.begin() + topStarts_[at + 1]);
    else
      for (std::uint32_t word = dictionary.low(child); word < dictionary.high(child); ++word) takeWord(word);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  if (found.size() > kCachedTop) found.resize(kCachedTop);
}

bool Postings::cacheNodes(const Dictionary& dictionary, const JobControl& control) {
  std::vector<std::uint32_t> nodes;
  for (std::uint32_t node = 0; node < dictionary.nodes(); ++node)
    if (dictionary.high(node) - dictionary.low(node) > 1 &&
        count(dictionary.low(node), dictionary.high(node)) >= kTopThreshold)
      nodes.push_back(node);
  if (nodes.empty()) return true;
  topOf_.assign(std::size_t{nodes.back()} + 1, kNoNode);
  topStarts_.push_back(0);
  std::vector<std::uint32_t> tops;
  std::vector<std::uint32_t> found;
  // Children come after their parents, so going backwards finds theirs ready.
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    if (control.cancelledAt(*node)) return false;
    cacheTop(dictionary, *node, tops, found);
    topOf_[*node] = static_cast<std::uint32_t>(topStarts_.size() - 1);
    tops.insert(tops.end(), found.begin(), found.end());
    topStarts_.push_back(static_cast<std::uint32_t>(tops.size()));
  }
  tops_.assign(tops);
  topStarts_.shrink_to_fit();

  const std::size_t words = bitmapWords(size());
  Bitmap bits(words);
  for (const std::uint32_t node : nodes) {
    const std::uint32_t low = dictionary.low(node);
    const std::uint32_t high = dictionary.high(node);
    if (node == 0 || std::uint64_t{count(low, high)} * 16 < size()) continue;
    if (control.cancelled()) return false;
    std::fill(bits.begin(), bits.end(), 0);
    for (std::uint32_t word = low; word < high; ++word) {
      if (const std::uint64_t* dense = denseWord(word))
        for (std::size_t at = 0; at < words; ++at) bits[at] |= dense[at];
      for (const std::uint32_t rank : list(word)) setBit(bits.data(), rank);
    }
    std::uint64_t entries = 0;
    for (const std::uint64_t left : bits) entries += countBits(left);
    if (entries * 16 < size()) continue;
    const std::uint32_t at = newBitmap();
    std::copy(bits.begin(), bits.end(), bitmaps_.begin() + at * words);
    denseNodes_.push_back({node, at});
  }
  return true;
}

std::size_t Postings::bytes() const noexcept {
  std::size_t total = 0;
  columns(*this, [&](const auto& column) { total += column.bytes(); });
  return total;
}

bool Postings::adopt() noexcept {
  const bool adopted = wordStarts_.adopt() && words_.adopt() && ranks_.adopt() && tops_.adopt();
  size_ = adopted && wordStarts_.size() > 0 ? static_cast<std::uint32_t>(wordStarts_.size() - 1) : 0;
  return adopted;
}

bool Postings::valid(const Dictionary& dictionary, std::uint32_t entries) const noexcept {
  const auto ascends = [](const Column<std::uint32_t>& column, std::size_t last) {
    for (std::size_t i = 1; i < column.size(); ++i)
      if (column[i] < column[i - 1]) return false;
    return column.empty() ? last == 0 : column.back() <= last;
  };
  const std::uint32_t words = dictionary.size();
  if (!wordStarts_.valid(std::size_t{entries} + 1, words_.size()) || counts_.size() != std::size_t{words} + 1 ||
      starts_.size() != std::size_t{words} + 1 || !ascends(counts_, 0x7fffffff) || !ascends(starts_, ranks_.size()))
    return false;
  for (const std::uint32_t word : words_)
    if (word >> 1 >= words) return false;
  for (std::uint32_t word = 0; word < words; ++word) {
    // Either a list as long as the count says, or a bitmap.
    const RankSpan own = list(word);
    if (own.size() != (isDense(count(word, word + 1)) ? 0 : count(word, word + 1))) return false;
    for (std::uint32_t i = 0; i < own.size(); ++i)
      if (own[i] >= entries || (i > 0 && own[i] <= own[i - 1])) return false;
  }
  const std::size_t size = bitmapWords(entries);
  if (bitmaps_.size() % size != 0) return false;
  // No bit beyond the last entry.
  const std::uint64_t beyond = entries % 64 == 0 ? 0 : ~std::uint64_t{0} << entries % 64;
  for (std::size_t last = size - 1; last < bitmaps_.size(); last += size)
    if ((bitmaps_[last] & beyond) != 0) return false;
  for (const auto* table : {&denseWords_, &denseNodes_})
    for (const Dense& dense : *table)
      if (dense.bitmap >= bitmaps_.size() / size) return false;
  if (!ascends(topStarts_, tops_.size()) || (!topOf_.empty() && topStarts_.empty())) return false;
  for (const std::uint32_t at : topOf_)
    if (at != kNoNode && at + 1 >= topStarts_.size()) return false;
  for (const std::uint32_t rank : tops_)
    if (rank >= entries) return false;
  return true;
}

}  // namespace easy11
