#include "filter.hpp"

#include <cmath>

namespace easy11::range {

// As in src/core/fallback/range/filter.ts.
constexpr std::uint64_t kFarFewer = 4;

double greatestOf(NumberType type) noexcept {
  return type == NumberType::kInt32 ? 2147483646.0 : std::numeric_limits<double>::max();
}

bool Condition::holds(const Table& table, std::uint32_t id) const noexcept {
  if (!isFacet) {
    const double value = table.numbers[column].get(id);
    return value >= least && value <= most;
  }
  const std::uint16_t code = table.facets[column][id];
  if (!set.empty()) return code / 64u < set.size() && testBit(set.data(), code);
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool Filter::read(const Table& table, std::uint32_t count, const RangeScratch& scratch) {
  if (count > kMostConditions) return false;
  count_ = count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const double* const given = scratch.conditions + std::size_t{4} * i;
    Condition& condition = conditions_[i];
    condition.isFacet = given[0] != 0;
    const std::size_t columns = condition.isFacet ? table.facets.size() : table.numbers.size();
    if (!(given[1] >= 0 && given[1] < static_cast<double>(columns))) return false;
    condition.column = static_cast<std::uint32_t>(given[1]);
    if (!condition.isFacet) {
      const NumberType type = table.numbers[condition.column].type();
      condition.least = given[2];
      condition.most = std::min(given[3], greatestOf(type));
      if (std::isnan(condition.least) || std::isnan(given[3])) return false;
      const Codes& codes = table.codes[condition.column];
      condition.codeLeast = std::max<std::uint8_t>(1, codes.of(condition.least, noneOf(type)));
      condition.codeMost = codes.of(condition.most, noneOf(type));
      condition.cutLeast = condition.least > codes.first(condition.codeLeast);
      condition.cutMost = condition.most < codes.last(condition.codeMost);
      continue;
    }
    if (!(given[2] >= 0 && given[3] >= 0 && given[2] + given[3] <= static_cast<double>(RangeScratch::kIds))) return false;
    const std::uint32_t* const first = scratch.ids + static_cast<std::uint32_t>(given[2]);
    const auto size = static_cast<std::uint32_t>(given[3]);
    condition.codes.assign(first, first + size);
    condition.set.clear();
    constexpr std::uint32_t kFew = 4;
    if (size <= kFew) continue;
    condition.set.resize(bitmapWords(RangeIndex::kMaxFacetValues));
    for (const std::uint16_t code : condition.codes)
      if (code < RangeIndex::kMaxFacetValues) setBit(condition.set.data(), code);
  }
  return true;
}

void Filter::drive(const std::vector<Tree>& trees, const Table& table, const Tree* wanted) noexcept {
  tree_ = nullptr;
  std::uint32_t own = kMostConditions;
  const auto consider = [&](const Tree& tree, double least, double most, std::uint32_t condition) {
    const bool some = least <= most;
    const Point begin = tree.lower(least);
    const Point end = some ? tree.upper(most) : begin;
    const std::uint32_t rows = some ? tree.before(end) - tree.before(begin) : 0;
    // The tree that was declared first drives, unless another has far fewer rows: what its leaves carry is what most
    // queries ask for, and its own bounds are then settled exactly.
    if (tree_ != nullptr && std::uint64_t{rows} * kFarFewer >= rows_) return;
    tree_ = &tree;
    begin_ = begin;
    end_ = end;
    rows_ = rows;
    own = condition;
  };
  for (const Tree& tree : trees) {
    if (wanted != nullptr && wanted != &tree) continue;
    for (std::uint32_t i = 0; i < count_; ++i)
      if (!conditions_[i].isFacet && tree.number() == conditions_[i].column)
        consider(tree, conditions_[i].least, conditions_[i].most, i);
  }
  if (tree_ == nullptr) {
    tree_ = wanted != nullptr ? wanted : &trees[0];
    begin_ = {0, 0};
    const std::uint32_t last = tree_->leaves() - 1;
    end_ = {last, tree_->countOf(last)};
    rows_ = table.rows;
    if (wanted != nullptr) {
      end_ = tree_->upper(greatestOf(tree_->keys().type()));
      rows_ = tree_->before(end_);
    }
  }
  others_ = 0;
  for (std::uint32_t i = 0; i < count_; ++i)
    if (i != own) other_[others_++] = static_cast<std::uint8_t>(i);
}

bool Filter::holds(const Table& table, std::uint32_t id) const noexcept {
  for (std::uint32_t i = 0; i < others_; ++i)
    if (!conditions_[other_[i]].holds(table, id)) return false;
  return true;
}

void Filter::keepNumber(const Table& table, const Condition& condition, std::uint32_t leaf, std::uint32_t words,
                        Masks& masks) const noexcept {
  if (condition.least > condition.most) {
    masks.fill(0);
    return;
  }
  const std::uint8_t* const codes = tree_->codes(condition.column, leaf);
  const Kernels& kernel = kernels();
  kernel.andCodes(codes, words, condition.codeLeast, condition.codeMost, masks.data());
  const std::uint32_t* const ids = tree_->ids(leaf);
  const Numbers& column = table.numbers[condition.column];
  const auto keepExactly = [&](std::uint8_t code) {
    Masks cut = masks;
    kernel.andCodes(codes, words, code, code, cut.data());
    eachBit(cut, [&](std::uint32_t at) {
      const double value = column.get(ids[at]);
      if (!(value >= condition.least && value <= condition.most)) clearBit(masks.data(), at);
    });
  };
  if (condition.cutLeast) keepExactly(condition.codeLeast);
  if (condition.cutMost && (!condition.cutLeast || condition.codeMost != condition.codeLeast))
    keepExactly(condition.codeMost);
}

void Filter::keepFacet(const Condition& condition, std::uint32_t leaf, std::uint32_t words,
                       Masks& masks) const noexcept {
  const std::uint16_t* const codes = tree_->facets(condition.column, leaf);
  // A comparison of a whole leaf with one code costs as much as looking some rows up.
  constexpr std::size_t kRowsPerCode = 16;
  if (condition.set.empty() || condition.codes.size() * kRowsPerCode < countMasks(masks)) {
    Masks equal{};
    for (const std::uint16_t code : condition.codes) kernels().orEqual(codes, words, code, equal.data());
    for (std::uint32_t w = 0; w < kWords; ++w) masks[w] &= equal[w];
    return;
  }
  Masks kept = masks;
  eachBit(masks, [&](std::uint32_t at) {
    if (!testBit(condition.set.data(), codes[at])) clearBit(kept.data(), at);
  });
  masks = kept;
}

bool Filter::matches(const Table& table, std::uint32_t leaf, std::uint32_t from, std::uint32_t to,
                     Masks& masks) const noexcept {
  if (from >= to) return false;
  for (std::uint32_t w = 0; w < kWords; ++w) {
    const std::uint32_t begin = std::max(from, w * 64), end = std::min(to, w * 64 + 64);
    if (begin >= end) {
      masks[w] = 0;
      continue;
    }
    const std::uint64_t up = end - w * 64 == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (end - w * 64)) - 1;
    masks[w] = up & (~std::uint64_t{0} << (begin - w * 64));
  }
  const std::uint32_t words = (to + 63) / 64;
  for (std::uint32_t i = 0; i < others_; ++i) {
    const Condition& condition = conditions_[other_[i]];
    if (condition.isFacet)
      keepFacet(condition, leaf, words, masks);
    else
      keepNumber(table, condition, leaf, words, masks);
  }
  std::uint64_t any = 0;
  for (const std::uint64_t word : masks) any |= word;
  return any != 0;
}

}  // namespace easy11::range
