#pragma once
// How likely a slip of the keyboard is: the native twin of src/core/autocomplete/slips.ts, which explains the measure
// (a weighted optimal string alignment with a bounded number of edits: Damerau 1964, Boytsov 2011).
//
// `SlipRows` fills the table of that measure one target letter at a time, so that a walk over a trie shares the rows of
// common prefixes. With at most b edits only the cells |i - j| <= b can be alive, so a row costs O(b^2), not O(|typed|).
#include <array>
#include <cstddef>
#include <cstdint>

namespace easy11 {

constexpr std::size_t kMaxWordCodePoints = 64;
constexpr std::uint32_t kNoSlip = 0x4000;  // "infinite": no alignment within the budget

// Edits allowed in a query word of `length` code points.
constexpr std::uint32_t slipBudget(std::size_t length) noexcept { return length < 4 ? 0 : length < 8 ? 1 : 2; }

namespace slip {
constexpr std::uint16_t kSubstitution = 8, kAlike = 6, kNeighbour = 5, kTransposition = 4;
constexpr std::uint16_t kExtra = 7, kExtraDoubled = 3, kMissing = 6, kMissingDoubled = 3;
constexpr std::uint16_t kFirst = 4, kExtraAtEndOfPrefix = 3;
}  // namespace slip

// Cost of typing `typed` where the word has `target` (they differ), without kFirst.
std::uint16_t substitutionCost(std::uint32_t target, std::uint32_t typed) noexcept;

class SlipRows {
 public:
  // Begins with the empty target. `length` is at most kMaxWordCodePoints.
  void begin(const std::uint32_t* typed, std::size_t length, bool prefix) noexcept;
  // Computes the row of a target of `depth` letters (1 and up) that ends in `letter`, from the rows before it.
  // Returns a lower bound of the cost of every longer target, or kNoSlip when none can match.
  std::uint32_t push(std::size_t depth, std::uint32_t letter) noexcept;
  // Least cost of the whole typed word against the first `depth` letters of the target, or kNoSlip.
  std::uint32_t cost(std::size_t depth) const noexcept;
  std::uint32_t budget() const noexcept { return budget_; }

 private:
  static constexpr std::size_t kBudgets = 3;
  static constexpr std::size_t kDepths = kMaxWordCodePoints + kBudgets + 2;
  using Row = std::array<std::array<std::uint16_t, kMaxWordCodePoints + 2>, kBudgets>;

  std::array<std::uint32_t, kMaxWordCodePoints> typed_{};
  std::array<std::uint16_t, kMaxWordCodePoints + 1> extra_{};
  std::array<std::uint32_t, kDepths> target_{};
  std::array<Row, kDepths> rows_{};
  std::array<std::uint32_t, kDepths> least_{};  // of each row
  std::size_t length_ = 0;
  std::uint32_t budget_ = 0;
};

}  // namespace easy11
