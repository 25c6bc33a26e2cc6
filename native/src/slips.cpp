#include "easy11/slips.hpp"

#include <algorithm>

namespace easy11 {
namespace {

constexpr const char* kNeighbours[26] = {
    "qwsz",   "vghn",  "xdfv", "serfcx", "wrds", "drtgvc", "ftyhbv", "gyujnb", "uokj", "huikmn", "jiolm", "kop", "njk",
    "bhjm",   "iplk",  "ol",   "wa",     "etfd", "awedxz", "rygf",   "yijh",   "cfgb", "qesa",   "zsdc",  "tuhg", "asx",
};
constexpr const char* kAlikeGroups[] = {"aeiouy", "ckqsxz", "fvp", "gj", "mn", "dt", "bp"};

struct Substitutions {
  std::uint8_t cell[26][26];

  constexpr void lower(char a, char b, std::uint16_t cost) {
    std::uint8_t& at = cell[a - 'a'][b - 'a'];
    if (cost < at) at = static_cast<std::uint8_t>(cost);
  }
  constexpr Substitutions() : cell{} {
    for (auto& row : cell)
      for (auto& at : row) at = static_cast<std::uint8_t>(slip::kSubstitution);
    for (const char* group : kAlikeGroups)
      for (const char* a = group; *a; ++a)
        for (const char* b = group; *b; ++b)
          if (*a != *b) lower(*a, *b, slip::kAlike);
    for (int letter = 0; letter < 26; ++letter)
      for (const char* near = kNeighbours[letter]; *near; ++near) {
        lower(static_cast<char>('a' + letter), *near, slip::kNeighbour);
        lower(*near, static_cast<char>('a' + letter), slip::kNeighbour);
      }
  }
};
constexpr Substitutions kSubstitutions;

constexpr std::uint16_t kDead = static_cast<std::uint16_t>(kNoSlip);

}  // namespace

std::uint16_t substitutionCost(std::uint32_t target, std::uint32_t typed) noexcept {
  const std::uint32_t a = target - 'a';
  const std::uint32_t b = typed - 'a';
  return a < 26 && b < 26 ? kSubstitutions.cell[a][b] : slip::kSubstitution;
}

void SlipRows::begin(const std::uint32_t* typed, std::size_t length, bool prefix) noexcept {
  length_ = std::min(length, kMaxWordCodePoints);
  budget_ = slipBudget(length_);
  std::copy(typed, typed + length_, typed_.begin());
  for (std::size_t j = 1; j <= length_; ++j) {
    const bool doubled = j > 1 && typed_[j - 2] == typed_[j - 1];
    extra_[j] = static_cast<std::uint16_t>((doubled ? slip::kExtraDoubled : slip::kExtra) +
                                           (prefix && j == length_ ? slip::kExtraAtEndOfPrefix : 0) +
                                           (j == 1 ? slip::kFirst : 0));
  }
  Row& row = rows_[0];
  least_[0] = 0;
  const std::size_t last = std::min<std::size_t>(length_, budget_ + 1);
  for (std::uint32_t e = 0; e <= budget_; ++e)
    for (std::size_t j = 0; j <= last; ++j)
      row[e][j] = e == 0 ? (j == 0 ? 0 : kDead)
                  : j == 0 || row[e - 1][j - 1] == kDead
                      ? kDead
                      : static_cast<std::uint16_t>(row[e - 1][j - 1] + extra_[j]);
}

std::uint32_t SlipRows::push(std::size_t depth, std::uint32_t letter) noexcept {
  const std::size_t low = depth > budget_ ? depth - budget_ : 0;
  if (low > length_ || depth >= kDepths) return kNoSlip;
  const std::size_t high = std::min(length_, depth + budget_);
  Row& row = rows_[depth];
  const Row& above = rows_[depth - 1];
  target_[depth - 1] = letter;
  const bool doubled = depth > 1 && target_[depth - 2] == letter;
  const std::uint32_t missing =
      (doubled ? slip::kMissingDoubled : slip::kMissing) + (depth == 1 ? std::uint32_t{slip::kFirst} : 0u);

  // The cells beside the band are read by its neighbours, so they must be dead.
  for (std::uint32_t e = 0; e <= budget_; ++e) {
    if (low > 0) row[e][low - 1] = kDead;
    if (high < length_) row[e][high + 1] = kDead;
  }
  std::uint32_t least = kNoSlip;
  for (std::size_t j = low; j <= high; ++j) row[0][j] = kDead;
  if (depth <= length_ && typed_[depth - 1] == letter) {
    row[0][depth] = above[0][depth - 1];
    least = row[0][depth];
  }
  for (std::uint32_t e = 1; e <= budget_; ++e) {
    for (std::size_t j = low; j <= high; ++j) {
      std::uint32_t best = above[e - 1][j] + missing;
      if (j > 0) {
        const std::uint32_t key = typed_[j - 1];
        if (key == letter) {
          best = std::min<std::uint32_t>(best, above[e][j - 1]);
        } else {
          if (above[e - 1][j - 1] != kDead) {
            const std::uint32_t first = depth == 1 || j == 1 ? slip::kFirst : 0u;
            best = std::min<std::uint32_t>(best, above[e - 1][j - 1] + substitutionCost(letter, key) + first);
          }
          if (depth > 1 && j > 1 && letter == typed_[j - 2] && key == target_[depth - 2]) {
            const std::uint32_t first = depth == 2 || j == 2 ? slip::kFirst : 0u;
            best = std::min<std::uint32_t>(best, rows_[depth - 2][e - 1][j - 2] + slip::kTransposition + first);
          }
        }
        best = std::min<std::uint32_t>(best, row[e - 1][j - 1] + extra_[j]);
      }
      row[e][j] = best >= kNoSlip ? kDead : static_cast<std::uint16_t>(best);
      least = std::min(least, best);
    }
  }
  least_[depth] = least;
  // A transposition reaches over this row to the one above, where it may be cheaper than what this row has.
  return least >= kNoSlip ? kNoSlip : std::min<std::uint32_t>(least, least_[depth - 1] + slip::kTransposition);
}

std::uint32_t SlipRows::cost(std::size_t depth) const noexcept {
  if (depth + budget_ < length_ || depth > length_ + budget_) return kNoSlip;
  std::uint32_t best = kNoSlip;
  for (std::uint32_t e = 0; e <= budget_; ++e) best = std::min<std::uint32_t>(best, rows_[depth][e][length_]);
  return best;
}

}  // namespace easy11
