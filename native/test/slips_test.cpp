// The banded rows equal the full table, and the constants are those of slips.ts.
#include "world.hpp"

namespace {

std::uint32_t byRows(const oracle::Letters& typed, const oracle::Letters& target, bool prefix) {
  static easy11::SlipRows rows;
  rows.begin(typed.data(), typed.size(), prefix);
  std::uint32_t best = prefix || target.empty() ? rows.cost(0) : easy11::kNoSlip;
  for (std::size_t depth = 1; depth <= target.size(); ++depth) {
    const std::uint32_t floor = rows.push(depth, target[depth - 1]);
    if (floor >= easy11::kNoSlip) break;
    if (prefix || depth == target.size()) best = std::min(best, rows.cost(depth));
  }
  return best == easy11::kNoSlip ? oracle::kNoMatch : best;
}

oracle::Letters letters(const char* word) { return oracle::lettersOf(word); }

std::uint32_t slip(const char* typed, const char* target, bool prefix = false) {
  return byRows(letters(typed), letters(target), prefix);
}

}  // namespace

TEST("slips cost what the reference table says") {
  check::Random random(11);
  for (int i = 0; i < 200000; ++i) {
    oracle::Letters typed, target;
    for (std::uint32_t n = random.below(14); n > 0; --n) typed.push_back('a' + random.below(4));
    target = typed;
    for (std::uint32_t n = random.below(4); n > 0 && !target.empty(); --n) {
      const std::uint32_t at = random.below(static_cast<std::uint32_t>(target.size()));
      const std::uint32_t kind = random.below(4);
      if (kind == 0) target[at] = 'a' + random.below(5);
      if (kind == 1) target.insert(target.begin() + at, 'a' + random.below(4));
      if (kind == 2) target.erase(target.begin() + at);
      if (kind == 3 && at > 0) std::swap(target[at], target[at - 1]);
    }
    const bool prefix = random.chance(2);
    const std::uint32_t budget = easy11::slipBudget(typed.size());
    CHECK_EQUAL(byRows(typed, target, prefix), oracle::slipCost(typed, target, budget, prefix));
  }
} END_TEST

TEST("known slips have their known costs") {
  CHECK_EQUAL(slip("mugs", "mugs"), 0u);
  CHECK_EQUAL(slip("musg", "mugs"), 4u);        // transposition
  CHECK_EQUAL(slip("umgs", "mugs"), 8u);        // ... of the first letters
  CHECK_EQUAL(slip("mmugs", "mugs"), 3u);       // the second m is one too many, not the first
  CHECK_EQUAL(slip("muggs", "mugs"), 3u);       // doubled
  CHECK_EQUAL(slip("cofee", "coffee"), 3u);     // half of a double missing
  CHECK_EQUAL(slip("migs", "mugs"), 5u);        // i is beside u on the keyboard
  CHECK_EQUAL(slip("mug", "mugs"), oracle::kNoMatch);  // three letters: no slip allowed
  CHECK_EQUAL(slip("shrit", "shirts", true), 4u);
  CHECK_EQUAL(slip("shirtq", "shirts", true), 6u);     // q for s; an extra letter at the end would be 10
} END_TEST

CHECK_MAIN
