#include "prefix_order.hpp"

#include <algorithm>

#include "../common/sorting.hpp"

namespace easy11 {
namespace {

// How many of these words a text starts with: those up to the first extra one.
std::uint32_t startSize(WordSpan words) noexcept {
  std::uint32_t size = words.size();
  while (size > 0 && (words[size - 1] & Postings::kExtra) != 0) --size;
  return size;
}

}  // namespace

bool PrefixOrder::build(const Postings& postings, const Dictionary& dictionary, const JobControl& control) {
  if (!sort(postings, dictionary.size(), control)) return false;
  cacheTops(dictionary);
  return true;
}

void PrefixOrder::cacheTops(const Dictionary& dictionary) {
  topOf_.clear();
  std::vector<std::uint32_t> tops;
  std::vector<std::uint32_t> found;
  for (std::uint32_t node = 0; node < dictionary.nodes(); ++node) {
    const std::uint32_t begin = firsts_[dictionary.low(node)];
    const std::uint32_t end = firsts_[dictionary.high(node)];
    if (dictionary.high(node) - dictionary.low(node) < 2 || end - begin < kScan) continue;
    found.clear();
    for (const std::uint32_t rank : order_.span(begin, end)) found.push_back(rank);
    std::partial_sort(found.begin(), found.begin() + kCachedTop, found.end());
    topOf_.resize(node, kNoNode);
    topOf_.push_back(static_cast<std::uint32_t>(tops.size() / kCachedTop));
    tops.insert(tops.end(), found.begin(), found.begin() + kCachedTop);
  }
  topOf_.shrink_to_fit();
  tops_.assign(tops);
}

bool PrefixOrder::sort(const Postings& postings, std::uint32_t dictionarySize, const JobControl& control) {
  const std::uint32_t count = postings.size();
  firsts_.assign(std::size_t{dictionarySize} + 1, 0);
  for (std::uint32_t rank = 0; rank < count; ++rank) {
    const WordSpan words = postings.wordsOf(rank);
    if (startSize(words) > 0) ++firsts_[words[0] + 1];
  }
  for (std::uint32_t word = 0; word < dictionarySize; ++word) firsts_[word + 1] += firsts_[word];
  if (control.cancelled()) return false;
  std::vector<std::uint32_t> order(firsts_.back());
  std::vector<std::uint32_t> fill(firsts_.begin(), firsts_.end() - 1);
  for (std::uint32_t rank = 0; rank < count; ++rank) {
    const WordSpan words = postings.wordsOf(rank);
    if (startSize(words) > 0) order[fill[words[0]]++] = rank;
  }
  const auto less = [&](std::uint32_t a, std::uint32_t b) {
    const WordSpan left = postings.wordsOf(a);
    const WordSpan right = postings.wordsOf(b);
    const std::uint32_t leftSize = startSize(left);
    const std::uint32_t rightSize = startSize(right);
    const std::uint32_t common = std::min(leftSize, rightSize);
    for (std::uint32_t i = 1; i < common; ++i)
      if (left[i] != right[i]) return left[i] < right[i];
    return leftSize != rightSize ? leftSize < rightSize : a < b;
  };
  for (std::uint32_t word = 0; word < dictionarySize; ++word) {
    const std::uint32_t begin = firsts_[word];
    const std::uint32_t size = firsts_[word + 1] - begin;
    if (control.cancelledAt(word)) return false;
    if (size > 1 && !sortInterruptibly(order.data() + begin, size, less, control)) return false;
  }
  order_.assign(order);
  order = {};
  const std::uint32_t blocks = this->blocks();
  levels_.clear();
  if (blocks == 0) return true;
  levels_.assign(levelStart(highestBit(blocks) + 1), static_cast<std::uint32_t>(order_.size()));
  for (std::uint32_t block = 0; block < blocks; ++block)
    levels_.set(block, scan(block * kBlock, std::min<std::uint32_t>((block + 1) * kBlock, static_cast<std::uint32_t>(order_.size()))));
  for (std::uint32_t span = 2; span <= blocks; span *= 2) {
    if (control.cancelled()) return false;
    const std::size_t below = levelStart(highestBit(span) - 1);
    const std::size_t level = levelStart(highestBit(span));
    for (std::uint32_t block = 0; block < blocks - span + 1; ++block)
      levels_.set(level + block, lesser(levels_[below + block], levels_[below + block + span / 2]));
  }
  return true;
}

PrefixOrder::Range PrefixOrder::find(const Postings& postings, const std::uint32_t* whole, std::uint32_t count,
                                     std::uint32_t low, std::uint32_t high) const noexcept {
  if (count == 0) return {firsts_[low], firsts_[high]};
  // The first position whose text is not below whole[0..count) + bound.
  const auto notBelow = [&](std::uint32_t bound) {
    std::uint32_t begin = firsts_[whole[0]];
    std::uint32_t end = firsts_[whole[0] + 1];
    while (begin < end) {
      const std::uint32_t middle = begin + (end - begin) / 2;
      const WordSpan words = postings.wordsOf(order_[middle]);
      const std::uint32_t size = startSize(words);
      bool below = false;
      for (std::uint32_t i = 1; i <= count; ++i) {
        const std::uint32_t wanted = i < count ? whole[i] : bound;
        if (i >= size || words[i] < wanted) {
          below = true;
          break;
        }
        if (words[i] > wanted) break;
      }
      if (below)
        begin = middle + 1;
      else
        end = middle;
    }
    return begin;
  };
  const std::uint32_t begin = notBelow(low);
  return {begin, std::max(begin, notBelow(high))};
}

std::uint32_t PrefixOrder::scan(std::uint32_t begin, std::uint32_t end) const noexcept {
  std::uint32_t best = begin;
  for (std::uint32_t at = begin + 1; at < end; ++at) best = lesser(best, at);
  return best;
}

std::uint32_t PrefixOrder::best(std::uint32_t begin, std::uint32_t end) const noexcept {
  const std::uint32_t firstBlock = (begin + kBlock - 1) / kBlock;
  const std::uint32_t lastBlock = end / kBlock;
  if (firstBlock >= lastBlock) return scan(begin, end);
  const std::uint32_t level = highestBit(lastBlock - firstBlock);
  const std::size_t table = levelStart(level);
  std::uint32_t found = lesser(levels_[table + firstBlock], levels_[table + lastBlock - (1u << level)]);
  if (begin < firstBlock * kBlock) found = lesser(found, scan(begin, firstBlock * kBlock));
  if (lastBlock * kBlock < end) found = lesser(found, scan(lastBlock * kBlock, end));
  return found;
}

std::size_t PrefixOrder::bytes() const noexcept {
  std::size_t total = 0;
  columns(*this, [&](const auto& column) { total += column.bytes(); });
  return total;
}

bool PrefixOrder::valid(std::uint32_t dictionarySize, std::uint32_t entries) const noexcept {
  const auto below = [](const PackedColumn& column, std::size_t bound) {
    return std::all_of(column.begin(), column.end(), [&](std::uint32_t value) { return value < bound; });
  };
  if (order_.size() > entries || firsts_.size() != std::size_t{dictionarySize} + 1 || firsts_[0] != 0 ||
      !std::is_sorted(firsts_.begin(), firsts_.end()) || firsts_.back() != order_.size() || !below(order_, entries) ||
      levels_.size() != (blocks() == 0 ? 0 : levelStart(highestBit(blocks()) + 1)) || !below(levels_, order_.size()) ||
      tops_.size() % kCachedTop != 0 || !below(tops_, entries))
    return false;
  return std::all_of(topOf_.begin(), topOf_.end(),
                     [&](std::uint32_t at) { return at == kNoNode || at < tops_.size() / kCachedTop; });
}

}  // namespace easy11
