#pragma once
// Rows of blocks, counted by bins of a number attribute.
#include "core.hpp"
#include "counting.hpp"

namespace easy11::range {

// Which bin holds a value: its edges decide, whatever the arithmetic that leads to it.
class Bins {
 public:
  Bins(const double* edges, std::uint32_t bins) noexcept
      : edges_(edges), bins_(bins), scale_(bins / (edges[bins] - edges[0])) {}
  double least() const noexcept { return edges_[0]; }
  double greatest() const noexcept { return edges_[bins_]; }
  bool holds(double value) const noexcept { return value >= edges_[0] && value <= edges_[bins_]; }
  std::uint32_t of(double value) const noexcept {
    const double guess = (value - edges_[0]) * scale_;
    std::uint32_t bin = guess >= 1 ? std::min(bins_ - 1, static_cast<std::uint32_t>(std::min(guess, 1e9))) : 0;
    while (bin > 0 && value < edges_[bin]) --bin;
    while (bin + 1 < bins_ && value >= edges_[bin + 1]) ++bin;
    return bin;
  }
  double edge(std::uint32_t i) const noexcept { return edges_[i]; }
  // Whether a value that is not below a bin is not above it either.
  bool reaches(std::uint32_t bin, double value) const noexcept {
    return bin + 1 == bins_ ? value <= edges_[bins_] : value < edges_[bin + 1];
  }

 private:
  const double* edges_;
  std::uint32_t bins_;
  double scale_;
};

// Counts rows by their one-byte codes, which a bin mostly holds whole; values are looked at where an edge cuts a code. In
// the tree of the attribute itself a leaf is a few bins, each a run of rows.
class BinCounter {
 public:
  BinCounter(const RangeIndex::Core& core, std::uint32_t number, const double* edges, std::uint32_t bins,
             std::uint32_t* counts) noexcept;
  void add(const Block& block, const Masks& masks, BlockRows& rows) noexcept;
  // Once all rows have been added.
  void finish() noexcept;

 private:
  static constexpr std::uint16_t kNowhere = 0xffff;
  void prepare() noexcept;
  void addRuns(const Block& block, const Masks& masks, BlockRows& rows) noexcept;
  void addCut(std::uint32_t leaf, const Masks& masks, const BlockRows& rows) noexcept;

  const RangeIndex::Core& core_;
  std::uint32_t number_;
  Bins bins_;
  std::uint32_t* counts_;
  // In the tree of the attribute: the bin that the leaf before ended in.
  std::uint32_t bin_ = 0;
  double binBegin_ = std::numeric_limits<double>::infinity(), binEnd_ = 0;
  bool ready_ = false;  // whether what follows has been worked out: where a tree tells bins by itself it is not needed
  std::uint16_t binOf_[256];
  std::uint32_t byCode_[2][256];
  ByteSet cut_;
  bool cuts_ = false;
};

}  // namespace easy11::range
