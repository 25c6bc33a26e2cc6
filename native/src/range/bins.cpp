#include "bins.hpp"

#include <algorithm>
#include <iterator>

namespace easy11::range {

// So few rows of a block are looked at one by one.
constexpr std::uint32_t kFewRows = 24;

BinCounter::BinCounter(const RangeIndex::Core& core, std::uint32_t number, const double* edges, std::uint32_t bins,
                       std::uint32_t* counts) noexcept
    : core_(core), number_(number), bins_(edges, bins), counts_(counts) {}

// Which bin holds each code, and which codes an edge cuts.
void BinCounter::prepare() noexcept {
  ready_ = true;
  for (auto& counts : byCode_) std::fill(std::begin(counts), std::end(counts), 0u);
  const Codes& codes = core_.table.codes[number_];
  binOf_[0] = kNowhere;
  for (unsigned code = 1; code < 256; ++code) {
    const double first = codes.first(static_cast<std::uint8_t>(code)), last = codes.last(static_cast<std::uint8_t>(code));
    binOf_[code] = kNowhere;
    if (first > last || last < bins_.least() || first > bins_.greatest()) continue;
    if (bins_.holds(first) && bins_.holds(last) && bins_.of(first) == bins_.of(last)) {
      binOf_[code] = static_cast<std::uint16_t>(bins_.of(first));
      continue;
    }
    cut_.add(static_cast<std::uint8_t>(code));
    cuts_ = true;
  }
}

void BinCounter::add(const Block& block, const Masks& masks, BlockRows& rows) noexcept {
  if (rows.size() == 0) return;
  const bool bySet = core_.filter.bySet();
  if (!bySet && core_.filter.tree().number() == number_) return addRuns(block, masks, rows);
  if (!ready_) prepare();
  const std::uint8_t* const codes = bySet ? core_.table.codesOf(number_) + Tree::slot(block.at)
                                          : core_.filter.tree().codes(number_, block.at);
  rows.count({codes, false}, 255, byCode_[0], byCode_[1]);
  if (!cuts_) return;
  const Numbers& column = core_.table.numbers[number_];
  const auto look = [&](std::uint32_t at) {
    const double value = column.get(block.id(at));
    if (bins_.holds(value)) ++counts_[bins_.of(value)];
  };
  if (rows.size() <= kFewRows) {
    rows.each([&](std::uint32_t at) {
      if (cut_.has(codes[at])) look(at);
    });
    return;
  }
  Masks cut = masks;
  kernels().andMembers(codes, kWords, cut_, cut.data());
  eachBit(cut, look);
}

void BinCounter::finish() noexcept {
  if (!ready_) return;
  for (unsigned code = 1; code < 256; ++code)
    if (binOf_[code] != kNowhere) counts_[binOf_[code]] += byCode_[0][code] + byCode_[1][code];
}

namespace {

// Bits of rows begin..end.
std::uint32_t countBetween(const Masks& masks, std::uint32_t begin, std::uint32_t end) noexcept {
  std::uint32_t total = 0;
  for (std::uint32_t w = begin / 64; w * 64 < end; ++w) {
    std::uint64_t word = masks[w];
    if (w * 64 < begin) word &= ~std::uint64_t{0} << (begin - w * 64);
    if (end - w * 64 < 64) word &= (std::uint64_t{1} << (end - w * 64)) - 1;
    total += countBits(word);
  }
  return total;
}

}  // namespace

// Mostly where a leaf begins and ends tells all, and none of its values is fetched.
void BinCounter::addRuns(const Block& block, const Masks& masks, BlockRows& rows) noexcept {
  const Tree& tree = core_.filter.tree();
  const double first = tree.firstKey(block.at), next = tree.firstKey(block.at + 1);
  if (first >= binBegin_ && next < binEnd_) {
    counts_[bin_] += rows.size();
    constexpr std::uint32_t kAhead = 3;
    if (tree.firstKey(block.at + kAhead + 1) >= binEnd_) tree.fetchKeys(block.at + kAhead);
    return;
  }
  addCut(block.at, masks, rows);
  if (!bins_.holds(next)) return;
  bin_ = bins_.of(next);
  binBegin_ = bins_.edge(bin_);
  binEnd_ = bins_.edge(bin_ + 1);
}

void BinCounter::addCut(std::uint32_t leaf, const Masks& masks, const BlockRows& rows) noexcept {
  const Tree& tree = core_.filter.tree();
  const auto valueAt = [&](std::uint32_t at) { return tree.keys().get(Tree::slot(leaf) + at); };
  const double first = tree.firstKey(leaf), last = tree.firstKey(leaf + 1);
  if (last < bins_.least() || first > bins_.greatest()) return;
  const std::uint32_t end = tree.countOf(leaf);
  if (rows.size() <= kFewRows) {
    eachBit(masks, [&](std::uint32_t at) {
      const double value = valueAt(at);
      if (bins_.holds(value)) ++counts_[bins_.of(value)];
    });
    return;
  }
  std::uint32_t begin = 0;
  for (std::uint32_t size = end; size > 0;) {
    const std::uint32_t half = size / 2;
    const bool before = valueAt(begin + half) < bins_.least();
    begin = before ? begin + half + 1 : begin;
    size = before ? size - half - 1 : half;
  }
  while (begin < end && bins_.holds(valueAt(begin))) {
    const std::uint32_t bin = bins_.of(valueAt(begin));
    std::uint32_t low = begin + 1, size = end - low;
    if (bins_.reaches(bin, valueAt(end - 1))) low = end, size = 0;
    while (size > 0) {
      const std::uint32_t half = size / 2;
      const bool same = bins_.reaches(bin, valueAt(low + half));
      low = same ? low + half + 1 : low;
      size = same ? size - half - 1 : half;
    }
    counts_[bin] += countBetween(masks, begin, low);
    begin = low;
  }
}

}  // namespace easy11::range
