#pragma once
// Finds the words of a dictionary that a query word may mean.
#include <cstdint>
#include <string_view>
#include <vector>

#include "dictionary.hpp"
#include "easy11/slips.hpp"

namespace easy11 {

// Words of a dictionary that a query word may mean, and the slip that takes.
struct SlipRange {
  std::uint32_t slip;
  std::uint32_t low, high;
  std::uint32_t node;  // or kNoNode
};

// Tries slips rather than filling rows of a table: what was typed is followed down the trie letter by letter, and at each
// node on the way every possible edit goes on from there with one edit less. Two things make that quick. A branch is only
// entered if the letters of its words (`Dictionary::mask`) lack no more of those still to come than edits are left: one AND
// per child once they are spent. And then there is nothing left to try: the rest is looked up. A table has to be filled
// for each letter of each word that is near.
class SlipWalk {
 public:
  // The ranges that `word` may mean (as a prefix or whole) within its budget, ascending by slip. Ranges may nest: the inner
  // one is then the cheaper one.
  void find(const Dictionary& dictionary, std::string_view word, bool prefix, std::vector<SlipRange>& out);

 private:
  // Where a walk stands: below `node`, which is reached by `depth` letters of `bytes` bytes.
  struct Place {
    std::uint32_t node, depth, bytes;
  };
  // With how little a place was reached, so that it is not left again by dearer ways.
  struct Seen {
    std::uint32_t node, cost;
  };
  static constexpr std::uint32_t kMostEdits = 2;
  static constexpr std::uint32_t kDepths = kMaxWordCodePoints + kMostEdits + 2;
  static constexpr std::uint32_t kBand = 2 * kMostEdits + 1;

  void begin(std::string_view word, bool prefix);
  void follow(Place place, std::uint32_t typed, std::uint32_t edits, std::uint32_t cost);
  void followTail(Place place, std::uint32_t typed, std::uint32_t edits, std::uint32_t cost);
  void lookUp(Place place, std::uint32_t typed, std::uint32_t cost);
  bool seenCheaper(const Place& place, std::uint32_t typed, std::uint32_t edits, std::uint32_t cost) noexcept;
  void foundNode(std::uint32_t node, std::uint32_t cost);
  void settle();
  bool leaf(std::uint32_t node) const noexcept {
    return node > 0 && dictionary_->high(node) - dictionary_->low(node) == 1;
  }
  Place below(const Place& place, std::uint32_t child) const noexcept;
  // Whether words with the letters of `mask` can have the letters from `typed` on, but for `edits`: each of those that it
  // lacks costs one. (A transposition needs both its letters.) With none left the first letter must follow at once.
  bool fits(std::uint64_t mask, std::uint32_t typed, std::uint32_t edits) const noexcept {
    if (edits == 0) return (letters_[typed] & ~mask) == 0;
    std::uint32_t lacking = static_cast<std::uint32_t>(letters_[typed] & ~mask);
    for (; edits > 0; --edits) lacking &= lacking - 1;
    return lacking == 0;
  }
  // What letters cost at their places, as in the table of slips.ts.
  std::uint32_t missing(const Place& place, std::uint32_t before, std::uint32_t letter) const noexcept {
    return (place.depth > 0 && before == letter ? slip::kMissingDoubled : slip::kMissing) +
           (place.depth == 0 ? std::uint32_t{slip::kFirst} : 0u);
  }
  static std::uint32_t first(const Place& place, std::uint32_t typed) noexcept {
    return place.depth == 0 || typed == 0 ? std::uint32_t{slip::kFirst} : 0u;
  }

  const Dictionary* dictionary_ = nullptr;
  std::vector<SlipRange>* out_ = nullptr;
  std::string_view word_;
  bool prefix_ = false;
  std::uint32_t length_ = 0;
  std::uint32_t typed_[kMaxWordCodePoints] = {};
  std::uint32_t bytes_[kMaxWordCodePoints + 1] = {};    // where in word_ a letter begins
  std::uint32_t extra_[kMaxWordCodePoints] = {};        // what a letter costs if it is one too many
  std::uint64_t letters_[kMaxWordCodePoints + 1] = {};  // from a letter on, as in a mask: all in the low half, it in the high
  Seen seen_[kMostEdits][kDepths][kBand] = {};
  std::vector<std::uint32_t> open_;
};

}  // namespace easy11
