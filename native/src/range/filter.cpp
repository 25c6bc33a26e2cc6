#include "filter.hpp"

#include <algorithm>
#include <cmath>

namespace easy11::range {

// As in src/core/fallback/range/filter.ts.
constexpr std::uint64_t kFarFewer = 4;
constexpr std::uint64_t kSetFewer = 4;

double greatestOf(NumberType type) noexcept {
  return type == NumberType::kInt32 ? 2147483646.0 : std::numeric_limits<double>::max();
}

bool Condition::holds(const Table& table, std::uint32_t id) const noexcept {
  if (kind == ConditionKind::kNumber) {
    const double value = table.numbers[column].get(id);
    return value >= least && value <= most;
  }
  const std::uint16_t code = table.facets[column].get(id);
  if (!set.empty()) return code / 64u < set.size() && testBit(set.data(), code);
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool Filter::read(const Table& table, std::uint32_t count, const RangeScratch& scratch, const IdSet& ids) {
  if (count > kMostConditions) return false;
  count_ = count;
  set_ = nullptr;
  setBit_ = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const double* const given = scratch.conditions + std::size_t{4} * i;
    Condition& condition = conditions_[i];
    if (!(given[0] == 0 || given[0] == 1 || given[0] == 2)) return false;
    condition.kind = static_cast<ConditionKind>(static_cast<int>(given[0]));
    if (condition.kind == ConditionKind::kIds) {
      if (set_ != nullptr || !ids.fits(table)) return false;
      set_ = &ids;
      setBit_ = Bits{1} << i;
      continue;
    }
    const std::size_t columns =
        condition.kind == ConditionKind::kFacet ? table.facets.size() : table.numbers.size();
    if (!(given[1] >= 0 && given[1] < static_cast<double>(columns))) return false;
    condition.column = static_cast<std::uint32_t>(given[1]);
    if (condition.kind == ConditionKind::kNumber) {
      const NumberType type = table.numbers[condition.column].type();
      condition.least = given[2];
      condition.most = std::min(given[3], greatestOf(type));
      if (std::isnan(condition.least) || std::isnan(given[3])) return false;
      condition.encoded = false;
      continue;
    }
    if (!(given[2] >= 0 && given[3] >= 0 && given[2] + given[3] <= static_cast<double>(RangeScratch::kIds))) return false;
    const std::uint32_t* const first = scratch.ids + static_cast<std::uint32_t>(given[2]);
    const auto size = static_cast<std::uint32_t>(given[3]);
    condition.codes.assign(first, first + size);
    condition.set.clear();
    condition.bytes = {};
    for (const std::uint16_t code : condition.codes)
      if (code < FacetColumn::kNarrow) condition.bytes.add(static_cast<std::uint8_t>(code));
    constexpr std::uint32_t kFew = 4;
    if (size <= kFew) continue;
    condition.set.resize(bitmapWords(RangeIndex::kMaxFacetValues));
    for (const std::uint16_t code : condition.codes)
      if (code < RangeIndex::kMaxFacetValues) setBit(condition.set.data(), code);
  }
  return true;
}

void Filter::drive(const std::vector<Tree>& trees, const Table& table, const Tree* wanted, Bits barred,
                   std::uint32_t left) noexcept {
  tree_ = nullptr;
  bySet_ = false;
  own_ = kNone;
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
    own_ = condition;
  };
  asked_ = 0;
  for (std::uint32_t i = 0; i < count_; ++i)
    if (i != left) asked_ |= Bits{1} << i;
  for (const Tree& tree : trees) {
    if (wanted != nullptr && wanted != &tree) continue;
    for (std::uint32_t i = 0; i < count_; ++i) {
      const Condition& condition = conditions_[i];
      if ((asked_ & ~barred & Bits{1} << i) == 0 || condition.kind != ConditionKind::kNumber) continue;
      if (tree.number() == condition.column) consider(tree, condition.least, condition.most, i);
    }
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
  open_ = own_ == kNone ? asked_ : asked_ & ~(Bits{1} << own_);
  for (std::uint32_t i = 0; i < count_; ++i) {
    if ((open_ & Bits{1} << i) == 0 || !inOwnTree(conditions_[i])) continue;
    conditions_[i].begin = tree_->lower(conditions_[i].least);
    conditions_[i].end = tree_->upper(conditions_[i].most);
  }
  others_ = countBits(open_);
  encodeOpen(table);
  const bool mayDrive = wanted == nullptr && (asked_ & ~barred & setBit_) != 0;
  // Without a range every row of the tree would be looked up in the set; with one, those of the set lie farther apart.
  if (mayDrive && (own_ == kNone || std::uint64_t{set_->size()} * kSetFewer <= rows_)) driveBySet(table);
}

// What is settled by the place in a leaf, then by codes alone, then what is looked up row by row where a bound cuts a code.
std::uint32_t Filter::orderApart(Bits barred, std::uint8_t* places) const noexcept {
  const auto costOf = [&](std::uint32_t i) {
    const Condition& condition = conditions_[i];
    if (condition.kind == ConditionKind::kIds) return 4;
    if (condition.kind == ConditionKind::kFacet) return 1;
    if (inOwnTree(condition)) return 0;
    return condition.cutLeast || condition.cutMost ? 3 : 2;
  };
  std::uint32_t size = 0;
  for (std::uint32_t i = 0; i < count_; ++i)
    if (open_ & barred & Bits{1} << i) places[size++] = static_cast<std::uint8_t>(i);
  std::stable_sort(places, places + size, [&](std::uint8_t a, std::uint8_t b) { return costOf(a) < costOf(b); });
  return size;
}

void Filter::driveBySet(const Table& table) noexcept {
  if (set_ == nullptr) return;
  bySet_ = true;
  open_ = asked_ & ~setBit_;
  others_ = countBits(open_);
  encodeOpen(table);
}

// The codes of the bounds of what is compared by codes.
void Filter::encodeOpen(const Table& table) noexcept {
  for (std::uint32_t i = 0; i < count_; ++i) {
    Condition& condition = conditions_[i];
    if ((open_ & Bits{1} << i) == 0 || condition.kind != ConditionKind::kNumber || condition.encoded || inOwnTree(condition)) continue;
    const double none = noneOf(table.numbers[condition.column].type());
    const Codes& codes = table.codes[condition.column];
    condition.codeLeast = std::max<std::uint8_t>(1, codes.of(condition.least, none));
    condition.codeMost = codes.of(condition.most, none);
    condition.cutLeast = condition.least > codes.first(condition.codeLeast);
    condition.cutMost = condition.most < codes.last(condition.codeMost);
    condition.encoded = true;
  }
}

bool Filter::holds(const Table& table, std::uint32_t id) const noexcept {
  for (std::uint32_t i = 0; i < count_; ++i) {
    if ((open_ & Bits{1} << i) == 0) continue;
    const Condition& condition = conditions_[i];
    if (!(condition.kind == ConditionKind::kIds ? set_->has(id) : condition.holds(table, id))) return false;
  }
  return true;
}

void Filter::keepNumber(const Table& table, const Condition& condition, const Block& block, std::uint32_t words,
                        Masks& masks) const noexcept {
  if (condition.least > condition.most) {
    masks.fill(0);
    return;
  }
  if (inOwnTree(condition)) {
    if (block.at > condition.begin.leaf && block.at < condition.end.leaf) return;
    const std::uint32_t from = block.at < condition.begin.leaf ? kLeaf : block.at == condition.begin.leaf ? condition.begin.at : 0;
    const std::uint32_t to = block.at > condition.end.leaf ? 0 : block.at == condition.end.leaf ? condition.end.at : kLeaf;
    const Masks within = masksOf(from, to);
    for (std::uint32_t w = 0; w < kWords; ++w) masks[w] &= within[w];
    return;
  }
  const Numbers& column = table.numbers[condition.column];
  const std::uint8_t* const codes = bySet_ ? table.codesOf(condition.column) + Tree::slot(block.at)
                                           : tree_->codes(condition.column, block.at);
  const Kernels& kernel = kernels();
  kernel.andCodes(codes, words, condition.codeLeast, condition.codeMost, masks.data());
  const auto keepExactly = [&](std::uint8_t code) {
    Masks cut = masks;
    kernel.andCodes(codes, words, code, code, cut.data());
    // Without a branch, so that the processor fetches several values at a time: they lie far apart.
    eachBit(cut, [&](std::uint32_t at) {
      const double value = column.get(block.id(at));
      const bool out = !(value >= condition.least && value <= condition.most);
      masks[at / 64] &= ~(std::uint64_t{out} << at % 64);
    });
  };
  if (condition.cutLeast) keepExactly(condition.codeLeast);
  if (condition.cutMost && (!condition.cutLeast || condition.codeMost != condition.codeLeast))
    keepExactly(condition.codeMost);
}

void Filter::keepFacet(const Condition& condition, const FacetCodes& codes, std::uint32_t words,
                       Masks& masks) const noexcept {
  if (!codes.wide) {
    kernels().andMembers(static_cast<const std::uint8_t*>(codes.data), words, condition.bytes, masks.data());
    return;
  }
  const auto* const wide = static_cast<const std::uint16_t*>(codes.data);
  // A comparison of a whole leaf with one code costs as much as looking some rows up.
  constexpr std::size_t kRowsPerCode = 16;
  if (condition.set.empty() || condition.codes.size() * kRowsPerCode < countMasks(masks)) {
    Masks equal{};
    for (const std::uint16_t code : condition.codes) kernels().orEqual(wide, words, code, equal.data());
    for (std::uint32_t w = 0; w < kWords; ++w) masks[w] &= equal[w];
    return;
  }
  Masks kept = masks;
  eachBit(masks, [&](std::uint32_t at) {
    if (!testBit(condition.set.data(), wide[at])) clearBit(kept.data(), at);
  });
  masks = kept;
}

void Filter::keep(const Table& table, const Condition& condition, const Block& block, std::uint32_t words,
                  Masks& masks) const noexcept {
  switch (condition.kind) {
    case ConditionKind::kNumber: return keepNumber(table, condition, block, words, masks);
    case ConditionKind::kFacet: return keepFacet(condition, facets(table, condition.column, block), words, masks);
    case ConditionKind::kIds: break;
  }
  for (std::uint64_t& word : masks) {
    std::uint64_t in = 0;
    const std::uint32_t* const ids = block.ids + 64 * (&word - masks.data());
    for (std::uint64_t bits = word; bits != 0; bits &= bits - 1) {
      const std::uint32_t at = lowestBit(bits);
      in |= static_cast<std::uint64_t>(set_->has(ids[at])) << at;
    }
    word = in;
  }
}

// The set of ids last: it is looked up row by row.
bool Filter::keepAll(const Table& table, Bits conditions, const Block& block, std::uint32_t words,
                     Masks& masks) const noexcept {
  std::uint32_t last = kNone;
  for (std::uint32_t i = 0; i < count_; ++i) {
    if ((conditions & Bits{1} << i) == 0) continue;
    if (conditions_[i].kind == ConditionKind::kIds)
      last = i;
    else
      keep(table, conditions_[i], block, words, masks);
  }
  if (!anyOf(masks)) return false;
  if (last != kNone) keep(table, conditions_[last], block, words, masks);
  return anyOf(masks);
}

bool Filter::matches(const Table& table, std::uint32_t leaf, std::uint32_t from, std::uint32_t to,
                     Masks& masks) const noexcept {
  if (from >= to) return false;
  masks = masksOf(from, to);
  return keepAll(table, open_, Block{leaf, tree_->ids(leaf)}, (to + 63) / 64, masks);
}

}  // namespace easy11::range
