#pragma once
// Counts, aggregates, top lists, facets and order statistics of rows by ranges of their numbers, over a set that changes.
//
// Data structure
//   A table of typed columns by row id, and for every attribute with a tree a blocked B+-segment tree: leaves of 512 rows
//   in (value, id) order, 16 children a node. A node holds the count of its rows; count, sum, min and max of the measures;
//   the 32 best rows by every score; and, from the level where it pays, a count per value of every facet.
//   Leaves lie one behind the other as in a packed-memory array: a full leaf spreads its rows over the 16, 256, … leaves
//   around it, whichever has room, and when none has, all trees are laid out anew with a quarter of free places.
//   A conjunction is driven from the tree whose range has the fewest rows; the other conditions are compared, 64 rows at a
//   time, on one-byte order-preserving codes that lie in leaf order, and exactly only where a code is cut by a bound. Rows
//   that the caller names (a set of ids) are one more condition, as a bitmap: where there is no range, or they are at
//   most a quarter of its rows, they drive, in blocks of 512 neighbouring ids whose columns lie one behind the other in the table.
//   Top lists are searched best-first by the greatest score of a node.
//
// Sources
//   Bayer, McCreight: "Organization and maintenance of large ordered indices", 1972. Aggregates in nodes: Overmars, "The
//   design of dynamic data structures", 1983. Itai, Konheim, Rodeh: "A sparse table implementation of priority queues",
//   ICALP 1981, and Bender, Demaine, Farach-Colton: "Cache-oblivious B-trees", FOCS 2000 (the packed-memory array).
//   Weber, Schek, Blott, VLDB 1998 (VA-file: scans over small approximations). Hjaltason, Samet: "Distance browsing in
//   spatial databases", TODS 1999 (best-first search).
//
// Complexity (n rows, r in the range that drives, v values of a facet)
//   one range: count, aggregate O(log n + 512); top k O((k + log n) log log n); facet O(v log n); rank, select O(log n).
//   several conditions: O(r / 64) words a condition, and O(1) a match for facets. An update: O(512 + log n) a tree.
//   a set of s ids: O(s) or O(greatest id / 32) words to take it, then as several conditions with r the lesser of both; a page
//   of a list walks over at most max(8,192, s) rows of its order before it goes through the set instead.
//
// Threads: every member function is called by one owner; a Task's `run` may be called on any one thread, and until
// `finish` nothing else is called. Nothing is thrown: errors are statuses, and after one the index is as it was.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "easy11/status.hpp"
#include "easy11/task.hpp"

namespace easy11 {

// Numbers shared with NumberType in src/core/range/engine.ts.
enum class NumberType : std::uint8_t { kInt32 = 0, kFloat32 = 1, kFloat64 = 2 };

struct RangeTreeSchema {
  std::uint32_t number = 0;               // the attribute in whose order the tree is
  std::vector<std::uint32_t> aggregates;  // further attributes summed in its nodes
};

struct RangeSchema {
  std::vector<NumberType> numbers;
  std::uint32_t facets = 0;
  std::vector<std::uint32_t> scores;  // attributes with top lists
  std::vector<RangeTreeSchema> trees;
};

// The caller's memory for arguments and results; sizes shared with src/core/range/engine.ts.
struct RangeScratch {
  static constexpr std::size_t kConditions = 128, kValues = 1024, kIds = 1024, kCounts = 65536;
  // Four numbers a condition: 0, attribute, least, most; or 1, facet, begin and count of codes in `ids`; or 2: the rows of
  // `takeIds` or `takeIdBits`, at most once.
  double* conditions;
  double* values;
  std::uint32_t* ids;
  std::uint32_t* counts;
};

class RangeIndex {
 public:
  static constexpr std::uint32_t kNoColumn = 0xffffffff;
  static constexpr std::uint32_t kMaxId = (1u << 27) - 1;
  static constexpr std::uint32_t kMaxFacetValues = 16384;
  static constexpr std::uint32_t kMaxLimit = 1000;

  // Null when there is no memory or the schema makes no sense.
  static std::shared_ptr<RangeIndex> create(const RangeSchema& schema) noexcept;
  ~RangeIndex();
  RangeIndex(const RangeIndex&) = delete;
  RangeIndex& operator=(const RangeIndex&) = delete;

  // The row in scratch: numbers in `values` (NaN for none), facet codes in `counts` (0 for none).
  Status set(std::uint32_t id, const RangeScratch& scratch, bool& isNew) noexcept;
  bool remove(std::uint32_t id) noexcept;
  bool has(std::uint32_t id) const noexcept;
  bool read(std::uint32_t id, const RangeScratch& scratch) const noexcept;

  // Bulk build of an empty index: `ids` and every column, row by row, then the task.
  Status beginBulk(const std::uint32_t* ids, std::size_t rows) noexcept;
  Status bulkNumbers(std::uint32_t number, const double* values, std::size_t rows) noexcept;
  Status bulkFacets(std::uint32_t facet, const std::uint16_t* codes, std::size_t rows) noexcept;
  std::unique_ptr<Task> build() noexcept;
  // Copies of all rows in order of id, for a snapshot: each writes rows() elements.
  void exportIds(std::uint32_t* out) const noexcept;
  void exportNumbers(std::uint32_t number, double* out) const noexcept;
  void exportFacets(std::uint32_t facet, std::uint16_t* out) const noexcept;

  // The rows that a condition on ids names, for the queries until the next change or the next set: ids that ascend, or a bit
  // for each id (bit i % 32 of word i / 32). Ids that no row has are passed over. kInvalidArgument when ids do not ascend.
  Status takeIds(const std::uint32_t* ids, std::size_t size) noexcept;
  Status takeIdBits(const std::uint32_t* words, std::size_t size) noexcept;

  // Queries: `conditions` of them in scratch. Every function leaves its result in scratch.
  double count(std::uint32_t conditions, const RangeScratch& scratch) noexcept;
  // values: rows, rows with a value, sum, min, max.
  void aggregate(std::uint32_t conditions, std::uint32_t number, const RangeScratch& scratch) noexcept;
  // ids and values of the best by a score; returns how many.
  std::uint32_t top(std::uint32_t conditions, std::uint32_t score, std::uint32_t limit,
                    const RangeScratch& scratch) noexcept;
  // counts by code; returns how many codes there are.
  std::uint32_t facet(std::uint32_t conditions, std::uint32_t facet, const RangeScratch& scratch) noexcept;
  // Edges, one more than bins, in `values`; counts: a bin each, the last one with its upper edge.
  void histogram(std::uint32_t conditions, std::uint32_t number, std::uint32_t bins,
                 const RangeScratch& scratch) noexcept;
  // Shares in 0..1 in `values`, replaced by the value at that share of the matching rows in order; false when none match.
  bool quantiles(std::uint32_t conditions, std::uint32_t number, std::uint32_t shares,
                 const RangeScratch& scratch) noexcept;
  // One pass, or two, for many results: counts of `facets` (bits), one after the other, then of the bins of `histograms`; ids:
  // how long the counts of each facet are; returns the rows. Before the call `counts` tells, facet by facet, which condition
  // does not count for it: its place and one more, or 0; then, histogram by histogram, its number, its bins, and the same.
  // `values` has the edges of each, one more than bins, one behind the other. Where the rows are at most `most` (kMostNamed),
  // their ids stand, ascending, in `ids` from kNamedAt on.
  static constexpr std::uint32_t kNamedAt = 32, kMostNamed = RangeScratch::kIds - kNamedAt, kMostHistograms = 16;
  double page(std::uint32_t conditions, std::uint32_t facets, std::uint32_t histograms, std::uint32_t most,
              const RangeScratch& scratch) noexcept;
  struct ListStart {
    double offset = 0;
    bool after = false;  // begin behind the row (value, id)
    double value = 0;
    std::uint32_t id = 0;
  };
  // ids and values in order of an attribute with a tree; returns how many.
  std::uint32_t list(std::uint32_t conditions, std::uint32_t number, bool descending, std::uint32_t limit,
                     const ListStart& start, const RangeScratch& scratch) noexcept;
  // values: the attribute that drives (-1: the set of ids), its rows, conditions compared row by row, blocks touched.
  void explain(std::uint32_t conditions, const RangeScratch& scratch) noexcept;

  std::uint32_t rows() const noexcept;
  std::size_t bytes() const noexcept;
  void close() noexcept;

  class Core;

 private:
  explicit RangeIndex(std::shared_ptr<Core> core) noexcept;
  std::shared_ptr<Core> core_;
};

}  // namespace easy11
