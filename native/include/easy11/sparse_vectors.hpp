#pragma once
// Exact nearest neighbours by cosine among sparse vectors (terms with weights) in a set that changes.
//
// Data structure
//   Rows by id, in windows of 16,384 neighbouring ids. A window holds the terms and weights of its rows, the squares of their
//   lengths, and, term by term, which rows have it (two bytes each). Rows that changed since those lists were made are kept
//   beside them, and compared in full; when a sixteenth of a window has changed, its lists are made anew.
//   A query walks over the windows, and sums up for each row an upper bound of what it shares, in 16 bits: a factor of a
//   term times the greatest weight that any row has of it. Lists are taken from those on that say most for their length; the
//   others are left as long as a row that shares nothing else cannot come among the best (MaxScore). Rows whose sum reaches
//   are compared in full, those with the greatest sum first, which raises the bar.
//
// Bounds (a: the query, b: a row, S: the terms that both have; weights are multiplied by the factors of their terms)
//   cos(a, b) <= |a_S| / |a| by Cauchy and Schwarz, and cos(a, b) <= (sum over S of a_t * greatest_t) / (|a| |b|).
//
// Sources
//   Salton, McGill: "Introduction to Modern Information Retrieval", 1983 (vectors of terms, the cosine). Turtle, Flood: "Query
//   evaluation: strategies and optimizations", IPM 1995 (MaxScore). Bounds by lengths: Bayardo, Ma, Srikant: "Scaling up all
//   pairs similarity search", WWW 2007; Anastasiu, Karypis: "L2AP", ICDE 2014. Windows of accumulators: Strohman, Croft:
//   "Efficient document retrieval in main memory", SIGIR 2007; Ding, Suel: "Faster top-k document retrieval using block-max
//   indexes", SIGIR 2011.
//
// Complexity (e entries, w windows, r rows whose sum reaches): a query O(entries of the lists read + w + r terms of a row), at
//   worst O(e). A change: O(terms of the row); one in a thousand makes the lists of a window anew, O(entries of the window).
//
// Scores are doubles, each operation rounded once, terms in ascending order: the same to the bit wherever they are computed.
// Threads: one owner. Nothing is thrown: errors are statuses, and after one the index is as it was.
#include <cstddef>
#include <cstdint>
#include <memory>

#include "easy11/status.hpp"

namespace easy11 {

// The caller's memory for arguments and results; sizes shared with src/core/vectors/engine.ts.
struct VectorScratch {
  static constexpr std::size_t kTerms = 4096, kResults = 1024;
  double* scores;
  std::uint32_t* terms;  // ascending, none twice
  float* weights;        // finite and above 0, none so great or small that its square is not
  std::uint32_t* ids;
};

class SparseVectors {
 public:
  static constexpr std::uint32_t kMaxId = (1u << 27) - 1;
  static constexpr std::uint32_t kMaxTerm = (1u << 27) - 1;
  static constexpr std::uint32_t kMaxLimit = 1000;

  // Null when there is no memory.
  static std::shared_ptr<SparseVectors> create() noexcept;
  ~SparseVectors();
  SparseVectors(const SparseVectors&) = delete;
  SparseVectors& operator=(const SparseVectors&) = delete;

  // Inserts or replaces a row: `count` terms and weights in scratch.
  Status put(std::uint32_t id, std::uint32_t count, const VectorScratch& scratch, bool& isNew) noexcept;
  // Many rows: row i has the entries from starts[i] to starts[i + 1], ascending as those of one. Checks what it reads; those
  // before a row that is refused stay.
  Status putMany(const std::uint32_t* ids, std::size_t rows, const std::uint32_t* starts, const std::uint32_t* terms,
                 const float* weights, std::size_t entries) noexcept;
  bool remove(std::uint32_t id) noexcept;
  bool has(std::uint32_t id) const noexcept;
  // The row into scratch; how many terms, 0 when there is none.
  std::uint32_t read(std::uint32_t id, const VectorScratch& scratch) const noexcept;

  struct Wanted {
    std::uint32_t limit = 0;
    double least = 0;   // no score below this
    double further = 0; // the square of the part of the query's vector that no row has
    const std::uint32_t* excluded = nullptr;  // ascending
    std::size_t exclusions = 0;
    const std::uint32_t* filter = nullptr;  // a bit for each id that may be found: bit i % 32 of word i / 32; null for all
    std::size_t filterWords = 0;
  };
  // The rows most like the `count` terms in scratch, best first, ties by id, none with a score of 0: into `ids` and `scores`.
  Status nearest(std::uint32_t count, const Wanted& wanted, const VectorScratch& scratch, std::uint32_t& found) noexcept;
  // The cosine of two rows; a negative number when one is unknown.
  double similarity(std::uint32_t a, std::uint32_t b) const noexcept;

  // The factor of a term that no row has yet.
  Status setFactor(std::uint32_t term, double factor) noexcept;
  // Of each term below `size`, how many rows have it.
  void counts(std::uint32_t* out, std::size_t size) const noexcept;
  // New factors for all terms, in steps of a window: they count all at once, when `refreshStep` says that it was the last. On
  // the way, lists of rows that changed are made anew. Changes may come between the steps.
  Status beginRefresh(const double* factors, std::size_t size) noexcept;
  Status refreshStep(bool& more) noexcept;
  void cancelRefresh() noexcept;

  std::uint32_t rows() const noexcept;
  std::uint32_t terms() const noexcept;  // that some row has
  double entries() const noexcept;
  double entriesRead() const noexcept;  // by the last query: entries of lists, and of rows compared in full
  std::size_t bytes() const noexcept;
  void close() noexcept;

  class Core;

 private:
  explicit SparseVectors(std::unique_ptr<Core> core) noexcept;
  std::unique_ptr<Core> core_;
};

}  // namespace easy11
