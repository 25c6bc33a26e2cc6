// The walk down a trie finds each word at the cost of the reference table, for words long enough for two slips.
#include <set>

#include "../src/autocomplete/slip_walk.hpp"
#include "check.hpp"
#include "oracle.hpp"

using check::Random;

namespace {

std::string randomWord(Random& random, std::uint32_t letters, std::uint32_t longest) {
  static const char* const all[] = {"a", "b", "e", "n", "é", "茶", "𝒳", "s"};
  std::string word;
  for (std::uint32_t length = 1 + random.below(longest); length > 0; --length) word += all[random.below(letters)];
  return word;
}

void compare(const easy11::Dictionary& dictionary, const std::string& typed, bool prefix) {
  easy11::SlipWalk walk;
  std::vector<easy11::SlipRange> ranges;
  walk.find(dictionary, typed, prefix, ranges);
  const oracle::Letters letters = oracle::lettersOf(typed);
  for (std::uint32_t word = 0; word < dictionary.size(); ++word) {
    std::uint32_t found = oracle::kNoMatch;
    for (const easy11::SlipRange& range : ranges)
      if (range.low <= word && word < range.high) found = std::min(found, range.slip);
    const std::uint32_t right = oracle::slipCost(letters, oracle::lettersOf(dictionary.word(word)),
                                                 easy11::slipBudget(letters.size()), prefix);
    if (found == right) continue;
    check::fail(__FILE__, __LINE__, typed + (prefix ? "* " : " ") + std::string(dictionary.word(word)) + ": found " +
                                        std::to_string(found) + ", right " + std::to_string(right));
  }
  for (std::size_t i = 1; i < ranges.size(); ++i) CHECK(ranges[i - 1].slip <= ranges[i].slip);
}

}  // namespace

TEST("each word is found at what its slips cost") {
  for (std::uint64_t seed = 1; seed <= check::share(200); ++seed) {
    Random random(seed);
    const std::uint32_t letters = 1 + random.below(8);
    const std::uint32_t longest = random.chance(10) ? 64 : 13;
    std::set<std::string> words;
    for (std::uint32_t i = 1 + random.below(120); i > 0; --i) words.insert(randomWord(random, letters, longest));
    easy11::Dictionary dictionary;
    for (const std::string& word : words) dictionary.add(word);
    const std::atomic<bool> cancel{false};
    CHECK(dictionary.finish(easy11::JobControl{cancel}));
    for (std::uint32_t i = 0; i < 60; ++i)
      compare(dictionary, randomWord(random, letters, longest == 64 ? 64 : 12), random.chance(2));
  }
} END_TEST

CHECK_MAIN
