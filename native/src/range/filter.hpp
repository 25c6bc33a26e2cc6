#pragma once
// The conditions of a query: the one that drives, as a range of rows of a tree or as a set of ids, and the others, as masks
// over its blocks of rows.
#include <array>
#include <cstdint>
#include <vector>

#include "id_set.hpp"
#include "tree.hpp"

namespace easy11::range {

constexpr std::uint32_t kWords = kLeaf / 64;
using Masks = std::array<std::uint64_t, kWords>;
static_assert(IdSet::kBlock == kLeaf, "blocks of a set are masked as leaves are");

// Numbers of the first figure of a condition in scratch.
enum class ConditionKind : std::uint8_t { kNumber = 0, kFacet = 1, kIds = 2 };

struct Condition {
  ConditionKind kind = ConditionKind::kNumber;
  std::uint32_t column = 0;
  double least = 0, most = 0;          // of a number
  bool encoded = false;                // whether the next four are known: who drives needs no codes
  std::uint8_t codeLeast = 0, codeMost = 0;
  bool cutLeast = false, cutMost = false;  // the code also has values outside the bounds
  Point begin, end;                        // where its rows are in the tree that drives, if that is its own
  std::vector<std::uint16_t> codes;    // of a facet
  ByteSet bytes;                       // the same, of those that a byte holds
  Bitmap set;                          // the same, when they are many

  // Whether a row meets it; not for a set of ids.
  bool holds(const Table& table, std::uint32_t id) const noexcept;
};

// 512 rows that lie side by side: a leaf of the tree that drives, or neighbouring ids where a set of ids does.
struct Block {
  std::uint32_t at = 0;
  const std::uint32_t* ids = nullptr;  // null: kLeaf * at and on
  std::uint32_t id(std::uint32_t i) const noexcept { return ids != nullptr ? ids[i] : at * kLeaf + i; }
};

class Filter {
 public:
  static constexpr std::uint32_t kMostConditions = 32, kNone = 0xffffffff;
  using Bits = std::uint32_t;  // one for each condition

  // Reads conditions from scratch; `ids` are those of a condition on ids. False when they are not such.
  bool read(const Table& table, std::uint32_t count, const RangeScratch& scratch, const IdSet& ids);
  // Chooses the tree whose range has the fewest rows, by far, or the set of ids when it has fewer still; or takes `wanted`,
  // then only rows that have a value there. Conditions in `barred` do not drive; the one that is `left` out does not count.
  void drive(const std::vector<Tree>& trees, const Table& table, const Tree* wanted = nullptr, Bits barred = 0,
             std::uint32_t left = kNone) noexcept;
  // After `drive`: lets the set of ids drive (nothing when there is none), or a tree.
  void driveBySet(const Table& table) noexcept;
  void driveByTree(const std::vector<Tree>& trees, const Table& table) noexcept { drive(trees, table, nullptr, setBit_); }

  const Tree& tree() const noexcept { return *tree_; }
  Point begin() const noexcept { return begin_; }
  Point end() const noexcept { return end_; }
  // Rows in the range, or of the set, that drives.
  std::uint32_t rows() const noexcept { return bySet_ ? set_->size() : rows_; }
  // Conditions that what drives does not settle.
  std::uint32_t others() const noexcept { return others_; }
  std::uint32_t count() const noexcept { return count_; }
  // The condition that drives, or kNone.
  std::uint32_t driver() const noexcept { return bySet_ ? countBits(setBit_ - 1) : own_; }
  bool bySet() const noexcept { return bySet_; }
  // Null when there is no condition on ids.
  const IdSet* set() const noexcept { return set_; }
  // Whether the rows are just one range of the tree, so that its nodes know about them.
  bool single() const noexcept { return !bySet_ && others_ == 0; }
  bool holds(const Table& table, std::uint32_t id) const noexcept;
  // The matching rows of a leaf of the tree among from..to. False when there are none.
  bool matches(const Table& table, std::uint32_t leaf, std::uint32_t from, std::uint32_t to,
               Masks& masks) const noexcept;
  // The codes of the rows of a block, by place.
  FacetCodes facets(const Table& table, std::uint32_t facet, const Block& block) const noexcept {
    return bySet_ ? table.facets[facet].codes(Tree::slot(block.at)) : tree_->facets(facet, block.at);
  }
  // Calls body(block, masks) for every block that has a match.
  template <class Body>
  void scan(const Table& table, Body&& body) const;
  // Calls body(block, masks, failed) for every block that has a row that meets all conditions but at most one, which is among
  // `barred`; failed[i] are the rows that fail the i-th of these, in the order of `orderApart`.
  template <class Body>
  void scanApart(const Table& table, Bits barred, Body&& body) const;
  // The conditions of `barred` that are compared, the cheapest first; returns how many.
  std::uint32_t orderApart(Bits barred, std::uint8_t* places) const noexcept;

 private:
  // Whether the rows that meet it are side by side in the tree that drives.
  void encodeOpen(const Table& table) noexcept;
  bool inOwnTree(const Condition& condition) const noexcept {
    return !bySet_ && condition.kind == ConditionKind::kNumber && tree_->number() == condition.column;
  }
  template <class Body>
  void eachBlock(Body&& body) const;
  bool keepAll(const Table& table, Bits conditions, const Block& block, std::uint32_t words, Masks& masks) const noexcept;
  void keep(const Table& table, const Condition& condition, const Block& block, std::uint32_t words,
            Masks& masks) const noexcept;
  void keepFacet(const Condition& condition, const FacetCodes& codes, std::uint32_t words, Masks& masks) const noexcept;
  void keepNumber(const Table& table, const Condition& condition, const Block& block, std::uint32_t words,
                  Masks& masks) const noexcept;

  std::array<Condition, kMostConditions> conditions_;
  std::uint32_t count_ = 0;
  std::uint32_t others_ = 0;
  Bits open_ = 0;  // the others
  const IdSet* set_ = nullptr;
  Bits setBit_ = 0;
  bool bySet_ = false;
  Bits asked_ = 0;  // the conditions that count
  std::uint32_t own_ = kNone;  // the one that the range of the tree settles
  const Tree* tree_ = nullptr;
  Point begin_, end_;
  std::uint32_t rows_ = 0;
};

// The greatest number that is a value of the type.
double greatestOf(NumberType type) noexcept;

inline bool anyOf(const Masks& masks) noexcept {
  std::uint64_t any = 0;
  for (const std::uint64_t word : masks) any |= word;
  return any != 0;
}

// Calls body(position) for every bit.
template <class Body>
void eachBit(const Masks& masks, Body&& body) {
  for (std::uint32_t w = 0; w < kWords; ++w)
    for (std::uint64_t bits = masks[w]; bits != 0; bits &= bits - 1) body(w * 64 + lowestBit(bits));
}

inline std::uint32_t countMasks(const Masks& masks) noexcept {
  return kernels().countBits(masks.data(), kWords);
}

// Rows from..to of a block.
inline Masks masksOf(std::uint32_t from, std::uint32_t to) noexcept {
  Masks masks;
  for (std::uint32_t w = 0; w < kWords; ++w) {
    const std::uint32_t begin = std::max(from, w * 64), end = std::min(to, w * 64 + 64);
    masks[w] = 0;
    if (begin >= end) continue;
    const std::uint64_t up = end - w * 64 == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (end - w * 64)) - 1;
    masks[w] = up & (~std::uint64_t{0} << (begin - w * 64));
  }
  return masks;
}

// Calls body(block, words, masks) for what drives, block by block: all its rows, whatever the other conditions.
template <class Body>
void Filter::eachBlock(Body&& body) const {
  if (rows() == 0) return;
  Masks masks;
  if (bySet_) {
    for (const std::uint32_t block : set_->blocks()) {
      std::copy_n(set_->words(block), kWords, masks.begin());
      body(Block{block, nullptr}, kWords, masks);
    }
    return;
  }
  for (std::uint32_t leaf = begin_.leaf; leaf <= end_.leaf; ++leaf) {
    const std::uint32_t from = leaf == begin_.leaf ? begin_.at : 0;
    const std::uint32_t to = leaf == end_.leaf ? end_.at : tree_->countOf(leaf);
    if (from >= to) continue;
    masks = masksOf(from, to);
    body(Block{leaf, tree_->ids(leaf)}, (to + 63) / 64, masks);
  }
}

template <class Body>
void Filter::scan(const Table& table, Body&& body) const {
  eachBlock([&](const Block& block, std::uint32_t words, Masks& masks) {
    if (keepAll(table, open_, block, words, masks)) body(block, static_cast<const Masks&>(masks));
  });
}

template <class Body>
void Filter::scanApart(const Table& table, Bits barred, Body&& body) const {
  std::array<Masks, kMostConditions> failed;
  std::array<std::uint8_t, kMostConditions> apart{};
  const std::uint32_t size = orderApart(barred, apart.data());
  eachBlock([&](const Block& block, std::uint32_t words, Masks& masks) {
    if (!keepAll(table, open_ & ~barred, block, words, masks)) return;
    for (std::uint32_t i = 0; i < size; ++i) {
      // Rows that met every condition so far, or all but one of those that are left out somewhere.
      Masks alive = masks;
      for (std::uint32_t j = 0; j < i; ++j)
        for (std::uint32_t w = 0; w < kWords; ++w) alive[w] |= failed[j][w];
      if (!anyOf(alive)) return;
      keep(table, conditions_[apart[i]], block, words, alive);
      for (std::uint32_t w = 0; w < kWords; ++w) {
        failed[i][w] = masks[w] & ~alive[w];
        masks[w] &= alive[w];
        for (std::uint32_t j = 0; j < i; ++j) failed[j][w] &= alive[w];
      }
    }
    body(block, static_cast<const Masks&>(masks), failed.data());
  });
}

}  // namespace easy11::range
