#pragma once
// The rows in order of one attribute, with what is known of every 512, 8,192, … of them: see easy11/range_index.hpp.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "image.hpp"
#include "kernels.hpp"
#include "table.hpp"
#include "../common/job_control.hpp"

namespace easy11::range {

constexpr std::uint32_t kLeaf = 512, kFan = 16, kTop = 32;
constexpr std::size_t kMostTrees = 16;
constexpr std::uint32_t kFillBulk = 464, kFillGrown = 384;

// The best rows of every node of a level by one score: (value descending, id ascending).
struct TopLists {
  std::vector<std::uint8_t> size;
  std::vector<std::uint32_t> ids;
  Numbers values;  // as such, even where the table has codes
};

// Counts per value of one facet, `stride` per node, in 16 bits where no node has more rows; empty on levels whose nodes have fewer
// rows than the facet has values.
struct Histograms {
  std::vector<std::uint16_t> narrow;
  std::vector<std::uint32_t> wide;
  bool empty() const noexcept { return narrow.empty() && wide.empty(); }
  void change(std::size_t at, std::int32_t by) noexcept {
    if (!narrow.empty())
      narrow[at] = static_cast<std::uint16_t>(narrow[at] + by);
    else
      wide[at] += static_cast<std::uint32_t>(by);
  }
  // Adds `size` of them to counts, or takes them away.
  void addTo(std::size_t from, std::uint32_t size, std::uint32_t* counts, bool less = false) const noexcept {
    const Kernels& kernel = kernels();
    if (!narrow.empty())
      (less ? kernel.subtractNarrow : kernel.addNarrow)(narrow.data() + from, size, counts);
    else
      (less ? kernel.subtractCounts : kernel.addCounts)(wide.data() + from, size, counts);
  }
  // To those of the level above, which are as narrow.
  void addTo(std::size_t from, std::uint32_t size, std::uint16_t* counts) const noexcept {
    for (std::uint32_t i = 0; i < size; ++i) counts[i] = static_cast<std::uint16_t>(counts[i] + narrow[from + i]);
  }
};
constexpr std::size_t kNarrowLevels = 2;
static_assert(kLeaf * kFan <= 65535, "what nodes of those levels count fits into 16 bits");

struct Level {
  std::uint32_t nodes = 0;  // arrays are padded to a multiple of 16
  std::vector<std::uint32_t> counts;
  std::vector<std::uint32_t> ahead;  // rows of the siblings before a node
  std::vector<std::vector<Summary>> measures;  // by measure: the tree's own attribute, then its aggregates
  std::vector<TopLists> tops;                  // by score
  std::vector<Histograms> histograms;          // by facet
};

// A place between two rows.
struct Point {
  std::uint32_t leaf = 0, at = 0;
};

// A row whose codes of some numbers have changed, in trees that it keeps its place in: both as bits.
struct Recoded {
  std::uint32_t id = 0, trees = 0;
  std::uint64_t numbers = 0;
};
constexpr std::uint32_t kMostRecoded = 16;

class Tree {
 public:
  Tree(const Table& table, const RangeTreeSchema& schema);

  std::uint32_t number() const noexcept { return schema_->number; }
  std::uint32_t leaves() const noexcept { return levels_[0].nodes; }
  std::uint32_t countOf(std::uint32_t leaf) const noexcept { return levels_[0].counts[leaf]; }
  const std::vector<Level>& levels() const noexcept { return levels_; }
  const Numbers& keys() const noexcept { return keys_; }
  const std::uint32_t* ids(std::uint32_t leaf) const noexcept { return ids_.as<std::uint32_t>() + slot(leaf); }
  // Codes of a number; null of the tree's own, which are not kept: its rows are in order.
  const std::uint8_t* codes(std::uint32_t number, std::uint32_t leaf) const noexcept {
    return number == schema_->number ? nullptr : codes_[number].as<std::uint8_t>() + slot(leaf);
  }
  // Rows of a leaf that have a value of the tree's number: the first ones.
  std::uint32_t validOf(std::uint32_t leaf) const noexcept { return levels_[0].measures[0][leaf].valid; }
  // The first row of a leaf with at least that key.
  std::uint32_t lowerIn(std::uint32_t leaf, double key) const noexcept;
  // No row of the leaf before has a greater value, none of this or a later one a lesser.
  double firstKey(std::uint32_t leaf) const noexcept {
    return leaf < leaves() ? firstKey_[leaf] : std::numeric_limits<double>::infinity();
  }
  FacetCodes facets(std::uint32_t facet, std::uint32_t leaf) const noexcept { return facets_[facet].codes(slot(leaf)); }
  static std::size_t slot(std::uint32_t leaf) noexcept { return std::size_t{leaf} * kLeaf; }
  // The measure that an attribute is, or -1.
  int measureOf(std::uint32_t number) const noexcept;
  // Sums of rows of a leaf.
  Summary summarise(std::uint32_t m, std::uint32_t leaf, std::uint32_t from, std::uint32_t to) const noexcept;

  // Rows in `order` (by value, then id), `fill` a leaf. False when cancelled.
  bool fill(const std::vector<std::uint32_t>& order, std::uint32_t fill, const RowImage& image, const JobControl& control);
  std::vector<std::uint32_t> order() const;
  // False, and nothing is changed, when every leaf is full: then all trees are to be filled anew.
  bool insert(std::uint32_t id) { return insert(id, placeOf(keyOf(id), id)); }
  // The same where its place is known.
  bool insert(std::uint32_t id, Point place);
  // The table still has the row.
  void erase(std::uint32_t id) noexcept {
    take(id, placeOf(keyOf(id), id));
    sumUp(taken_, taken_);
  }
  // The same for a row that is inserted again next: sums are made then.
  void take(std::uint32_t id, Point place) noexcept;
  // Only codes of rows have changed: brings those up to date that name the tree with `bit`.
  void recode(const Recoded* rows, std::uint32_t size, std::uint32_t bit) noexcept;
  // Begins to fetch what a search in the leaf of a row compares; returns the leaf.
  std::uint32_t fetchLeaf(double key, std::uint32_t id) const noexcept;
  // Where a row is in that leaf, or would be: begins to fetch what moves when it comes or leaves.
  Point fetchMoved(std::uint32_t leaf, double key, std::uint32_t id) const noexcept;
  // Begins to fetch the keys that a search in a leaf compares first.
  void fetchKeys(std::uint32_t leaf) const noexcept;
  // The facet has more values than before.
  void restride(std::uint32_t facet);
  // Stores the values of a number where it had codes of few.
  void widen(std::uint32_t number);

  Point lower(double key) const noexcept;  // before the first row with at least that key
  Point upper(double key) const noexcept;  // behind the last with at most that key
  Point placeOf(double key, std::uint32_t id) const noexcept;
  std::uint32_t before(Point point) const noexcept;
  Point select(std::uint32_t rank) const noexcept;

  // Calls nodes(level, begin, end) and edge(leaf, from, to) for pieces that make up the rows from a to b.
  template <class Nodes, class Edge>
  void cover(Point a, Point b, Nodes&& nodes, Edge&& edge) const;
  // The same with fewer nodes: nodes(level, begin, end, less) also for some that are to be taken away again.
  template <class Nodes, class Edge>
  void coverLess(Point a, Point b, Nodes&& nodes, Edge&& edge) const;

  std::size_t bytes() const noexcept;

 private:
  friend class TreeNodes;
  std::uint32_t locate(double key, std::uint32_t id) const noexcept;
  std::uint32_t placeIn(std::uint32_t leaf, double key, std::uint32_t id) const noexcept;
  void layOut(std::uint32_t leaves);
  const Numbers& columnOf(std::uint32_t m) const noexcept { return m == 0 ? keys_ : carried_[m - 1]; }
  // Whether sums of the measure are exact, in whatever order its values are added up.
  bool isExact(std::uint32_t m) const noexcept { return columnOf(m).exactRows() >= table_->rows; }
  std::uint32_t measures() const noexcept { return static_cast<std::uint32_t>(carried_.size()) + 1; }
  double keyOf(std::uint32_t id) const noexcept { return table_->numbers[schema_->number].get(id); }
  // The slots of rows that the tree has, at most kMostRecoded.
  void slotsOf(const std::uint32_t* rows, std::uint32_t size, std::size_t* slots) const noexcept;
  void writeRow(std::size_t slot, std::uint32_t id) noexcept;
  void writeRows(std::size_t slot, const std::uint32_t* ids, std::size_t size, std::size_t left, const RowImage& image) noexcept;
  bool makeRoom(std::uint32_t leaf);
  void spread(std::uint32_t first, std::uint32_t last, std::uint32_t total);
  void setFirst(std::uint32_t leaf) noexcept;
  template <class Body>
  void eachColumn(Body&& body);
  template <class Body>
  void eachColumn(Body&& body) const {
    const_cast<Tree*>(this)->eachColumn([&](Column& column) { body(static_cast<const Column&>(column)); });
  }

  // tree_nodes.cpp
  bool keeps(std::size_t level, std::uint32_t facet) const noexcept;
  void refresh(std::size_t level, std::uint32_t node, bool tops = true) noexcept;
  void layOutHistograms(std::size_t level, std::uint32_t facet);
  void refreshMeasure(std::size_t level, std::uint32_t node, std::uint32_t m) noexcept;
  void refreshBounds(std::size_t level, std::uint32_t node, std::uint32_t m) noexcept;
  void addUp(std::uint32_t leaf, std::uint32_t id, std::int32_t by) noexcept;
  // The list of a leaf from the scores of its rows.
  void listTop(std::uint32_t leaf, std::uint32_t score, const double* scores) noexcept;
  void refreshTop(std::size_t level, std::uint32_t node, std::uint32_t score) noexcept;
  void refreshHistogram(std::size_t level, std::uint32_t node, std::uint32_t facet) noexcept;
  void climb(std::uint32_t leaf, std::uint32_t id, std::int32_t by) noexcept;
  void sumUp(std::uint32_t leaf, std::uint32_t other) noexcept;
  void addTops(std::uint32_t leaf, std::uint32_t id) noexcept;
  void dropTops(std::uint32_t leaf, std::uint32_t id) noexcept;
  void refill(std::uint32_t leaf, std::uint32_t score) noexcept;
  // Calls edge for the rows of the leaves of a and b, and between(begin, end) for the leaves between these, which may be none.
  template <class Edge, class Between>
  void coverEnds(Point a, Point b, Edge&& edge, Between&& between) const;

  const Table* table_;
  const RangeTreeSchema* schema_;
  Numbers keys_;
  Column ids_{4};
  std::vector<Numbers> carried_;  // without elements where they are codes: those below are the same
  std::vector<Column> codes_;     // by number, but the tree's own
  std::vector<FacetColumn> facets_;
  std::vector<double> firstKey_;  // a leaf has rows from (firstKey, firstId) on, up to those of the next
  std::vector<std::uint32_t> firstId_;
  std::vector<Level> levels_;
  static constexpr std::uint32_t kNone = 0xffffffff;
  std::uint32_t taken_ = kNone;  // the leaf whose sums still have a row that was taken
};

template <class Body>
void Tree::eachColumn(Body&& body) {
  body(static_cast<Column&>(keys_));
  body(ids_);
  for (Numbers& column : carried_)
    if (!column.coded()) body(static_cast<Column&>(column));
  for (std::uint32_t n = 0; n < codes_.size(); ++n)
    if (n != schema_->number) body(codes_[n]);
  for (FacetColumn& column : facets_) body(static_cast<Column&>(column));
}

template <class Edge, class Between>
void Tree::coverEnds(Point a, Point b, Edge&& edge, Between&& between) const {
  if (a.leaf > b.leaf || (a.leaf == b.leaf && a.at >= b.at)) return;
  if (a.leaf == b.leaf) {
    edge(a.leaf, a.at, b.at);
    return;
  }
  edge(a.leaf, a.at, countOf(a.leaf));
  between(a.leaf + 1, b.leaf);
  edge(b.leaf, 0, b.at);
}

template <class Nodes, class Edge>
void Tree::cover(Point a, Point b, Nodes&& nodes, Edge&& edge) const {
  coverEnds(a, b, edge, [&](std::uint32_t begin, std::uint32_t end) {
    for (std::size_t level = 0; begin < end; ++level) {
      if (level + 1 == levels_.size()) {
        nodes(level, begin, end);
        break;
      }
      const std::uint32_t left = std::min(end, (begin + kFan - 1) / kFan * kFan);
      if (begin < left) nodes(level, begin, left);
      begin = left;
      const std::uint32_t right = std::max(begin, end / kFan * kFan);
      if (right < end) nodes(level, right, end);
      end = right;
      begin /= kFan;
      end /= kFan;
    }
  });
}

template <class Nodes, class Edge>
void Tree::coverLess(Point a, Point b, Nodes&& nodes, Edge&& edge) const {
  coverEnds(a, b, edge, [&](std::uint32_t begin, std::uint32_t end) {
    for (std::size_t level = 0; begin < end; ++level) {
      const std::uint32_t all = levels_[level].nodes;
      if (level + 1 == levels_.size() || end - begin <= kFan / 2) {
        nodes(level, begin, end, false);
        break;
      }
      // The end of a parent's children that is the shorter one: those inside are added, or those outside taken away.
      const std::uint32_t low = begin / kFan * kFan, high = (begin + kFan - 1) / kFan * kFan;
      if (begin - low < high - begin) {
        if (low < begin) nodes(level, low, begin, true);
        begin = low;
      } else {
        if (begin < high) nodes(level, begin, high, false);
        begin = high;
      }
      const std::uint32_t under = end / kFan * kFan, over = std::min(all, (end + kFan - 1) / kFan * kFan);
      if (over - end < end - under) {
        if (end < over) nodes(level, end, over, true);
        end = (over + kFan - 1) / kFan;
      } else {
        if (under < end) nodes(level, under, end, false);
        end = under / kFan;
      }
      begin /= kFan;
    }
  });
}

}  // namespace easy11::range
