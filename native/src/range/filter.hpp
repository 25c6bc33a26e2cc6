#pragma once
// The conditions of a query: the one that drives, as a range of rows of a tree, and the others, as masks over its leaves.
#include <array>
#include <cstdint>
#include <vector>

#include "tree.hpp"

namespace easy11::range {

constexpr std::uint32_t kWords = kLeaf / 64;
using Masks = std::array<std::uint64_t, kWords>;

struct Condition {
  bool isFacet = false;
  std::uint32_t column = 0;
  double least = 0, most = 0;          // of a number
  std::uint8_t codeLeast = 0, codeMost = 0;
  bool cutLeast = false, cutMost = false;  // the code also has values outside the bounds
  std::vector<std::uint16_t> codes;    // of a facet
  Bitmap set;                          // the same, when they are many

  bool holds(const Table& table, std::uint32_t id) const noexcept;
};

class Filter {
 public:
  static constexpr std::uint32_t kMostConditions = 32;

  // Reads conditions from scratch. False when they are not such.
  bool read(const Table& table, std::uint32_t count, const RangeScratch& scratch);
  // Chooses the tree whose range has the fewest rows, by far, or takes `wanted`, then only rows that have a value there.
  void drive(const std::vector<Tree>& trees, const Table& table, const Tree* wanted = nullptr) noexcept;

  const Tree& tree() const noexcept { return *tree_; }
  Point begin() const noexcept { return begin_; }
  Point end() const noexcept { return end_; }
  std::uint32_t rows() const noexcept { return rows_; }
  // Conditions that the range does not settle.
  std::uint32_t others() const noexcept { return others_; }
  bool holds(const Table& table, std::uint32_t id) const noexcept;
  // The matching rows of a leaf among from..to. False when there are none.
  bool matches(const Table& table, std::uint32_t leaf, std::uint32_t from, std::uint32_t to,
               Masks& masks) const noexcept;
  // Calls body(leaf, from, to, masks) for every leaf of the range that has a match.
  template <class Body>
  void scan(const Table& table, Body&& body) const;

 private:
  void keepFacet(const Condition& condition, std::uint32_t leaf, std::uint32_t words, Masks& masks) const noexcept;
  void keepNumber(const Table& table, const Condition& condition, std::uint32_t leaf, std::uint32_t words,
                  Masks& masks) const noexcept;

  std::array<Condition, kMostConditions> conditions_;
  std::uint32_t count_ = 0;
  std::uint32_t others_ = 0;
  std::array<std::uint8_t, kMostConditions> other_{};
  const Tree* tree_ = nullptr;
  Point begin_, end_;
  std::uint32_t rows_ = 0;
};

// The greatest number that is a value of the type.
double greatestOf(NumberType type) noexcept;

// Calls body(position) for every bit.
template <class Body>
void eachBit(const Masks& masks, Body&& body) {
  for (std::uint32_t w = 0; w < kWords; ++w)
    for (std::uint64_t bits = masks[w]; bits != 0; bits &= bits - 1) body(w * 64 + lowestBit(bits));
}

inline std::uint32_t countMasks(const Masks& masks) noexcept {
  std::uint32_t total = 0;
  for (const std::uint64_t word : masks) total += countBits(word);
  return total;
}

// Counts the codes of the rows. Two words in turn: neighbours often have the same code, and an addition would have to wait
// for the one before it.
inline void countCodes(const std::uint16_t* codes, const Masks& masks, std::uint32_t* counts) noexcept {
  for (std::uint32_t w = 0; w < kWords; w += 2, codes += 128) {
    std::uint64_t first = masks[w], second = masks[w + 1];
    while (first != 0 && second != 0) {
      ++counts[codes[lowestBit(first)]];
      ++counts[codes[64 + lowestBit(second)]];
      first &= first - 1;
      second &= second - 1;
    }
    for (; first != 0; first &= first - 1) ++counts[codes[lowestBit(first)]];
    for (; second != 0; second &= second - 1) ++counts[codes[64 + lowestBit(second)]];
  }
}

template <class Body>
void Filter::scan(const Table& table, Body&& body) const {
  if (rows_ == 0) return;
  Masks masks;
  for (std::uint32_t leaf = begin_.leaf; leaf <= end_.leaf; ++leaf) {
    const std::uint32_t from = leaf == begin_.leaf ? begin_.at : 0;
    const std::uint32_t to = leaf == end_.leaf ? end_.at : tree_->countOf(leaf);
    if (matches(table, leaf, from, to, masks)) body(leaf, from, to, static_cast<const Masks&>(masks));
  }
}

}  // namespace easy11::range
