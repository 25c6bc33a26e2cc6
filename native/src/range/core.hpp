#pragma once
// One range index: the table, its trees, and what queries use again and again.
#include <array>
#include <memory>
#include <vector>

#include "easy11/range_index.hpp"
#include "best_rows.hpp"
#include "filter.hpp"
#include "tree.hpp"

namespace easy11 {

class RangeIndex::Core {
 public:
  explicit Core(const RangeSchema& schema) : table(schema) {
    for (const RangeTreeSchema& tree : table.schema.trees) trees.emplace_back(table, tree);
  }

  range::Table table;
  std::vector<range::Tree> trees;
  range::IdSet set;  // of a condition on ids
  range::Filter filter;
  range::BestRows best;
  std::vector<std::uint32_t> order;  // of a bulk build: ids as given
  std::vector<std::uint32_t> leafCounts;

  const range::Tree* treeOf(std::uint32_t number) const noexcept {
    for (const range::Tree& tree : trees)
      if (tree.number() == number) return &tree;
    return nullptr;
  }
  // Reads the conditions. False when memory ran out or they are not such.
  bool read(std::uint32_t conditions, const RangeScratch& scratch) noexcept;
  // The same, and chooses who drives.
  bool plan(std::uint32_t conditions, const RangeScratch& scratch, const range::Tree* wanted = nullptr) noexcept;
  std::uint32_t listSet(std::uint32_t number, bool descending, std::uint32_t limit, const ListStart& start,
                        const RangeScratch& scratch) noexcept;
  // Calls body(tree, its number) for the trees whose bit is set.
  template <class Body>
  void eachTree(std::uint32_t bits, Body&& body) {
    for (std::size_t i = 0; i < trees.size(); ++i)
      if (bits >> i & 1) body(trees[i], i);
  }
  // Trees in which a row keeps its place get its new codes later, together with those of other rows: before the next query.
  void defer(const range::Recoded& row) noexcept;
  // To be called before a row is taken out of anything: the codes of those that wait are written when there is no place for one more.
  void makeRoomToDefer() noexcept;
  void settle() noexcept {
    if (recodedSize_ > 0) settleAll();
  }
  // New codes, and every tree laid out anew with free places; rows keep their order.
  void growAll();
  void growFacet(std::uint32_t facet, std::uint32_t code);
  // Stores values of a number where there were codes of few.
  void widen(std::uint32_t number);
  // Whether the rows of the filter are all those of a set that has most of the rows there are.
  bool mostOfAll() const noexcept {
    return filter.bySet() && filter.others() == 0 && filter.rows() > table.rows / 2;
  }
  // The rows of the filter, counted by code of a facet.
  void countFacet(std::uint32_t facet, std::uint32_t* counts) const noexcept;
  // The same by bins of the number in whose order the tree that drives is, where its nodes know of all rows.
  void countBins(const double* edges, std::uint32_t bins, std::uint32_t* counts) const noexcept;

 private:
  // Calls body(block, masks) for the rows that are not in the set of the filter.
  template <class Body>
  void eachOutside(Body&& body) const noexcept;
  void settleAll() noexcept;

  std::array<range::Recoded, range::kMostRecoded> recoded_;
  std::uint32_t recodedSize_ = 0;
};

}  // namespace easy11
