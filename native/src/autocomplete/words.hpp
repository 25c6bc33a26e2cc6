#pragma once
// What words a text has, and what words a query asks for. Normalisation itself happens in TypeScript; only texts and
// queries in plain ASCII are split here, because crossing the boundary once is cheaper than an analysis in JavaScript.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace easy11 {

// a-z and 0-9 give themselves, A-Z their lower case, everything else 0.
extern const unsigned char (&kPlainFold)[256];

// The word without what goes beyond 64 code points.
std::string_view cutWord(std::string_view word) noexcept;

// Calls `each(word)` for the words of a plain ASCII text. The word lives until `each` returns.
template <class Each>
void eachPlainWord(std::string_view text, Each&& each) {
  char word[64];
  std::size_t length = 0;
  for (const char c : text) {
    const unsigned char folded = kPlainFold[static_cast<unsigned char>(c)];
    if (folded != 0) {
      if (length < sizeof word) word[length++] = static_cast<char>(folded);
    } else if (length > 0) {
      each(std::string_view(word, length));
      length = 0;
    }
  }
  if (length > 0) each(std::string_view(word, length));
}

// Calls `each(word, extra)` for the words of an analysis: "start words \x01 extra words".
template <class Each>
void eachAnalysedWord(std::string_view analysis, Each&& each) {
  bool extra = false;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= analysis.size(); ++at) {
    const bool end = at == analysis.size();
    if (!end && analysis[at] != ' ' && analysis[at] != '\x01') continue;
    if (at > begin) each(cutWord(analysis.substr(begin, at - begin)), extra);
    if (!end && analysis[at] == '\x01') extra = true;
    begin = at + 1;
  }
}

template <class Each>
void eachWord(std::string_view text, std::string_view analysis, bool analysed, Each&& each) {
  if (analysed)
    eachAnalysedWord(analysis, each);
  else
    eachPlainWord(text, [&](std::string_view word) { each(word, false); });
}

struct PlanWord {
  std::string_view text;
  bool prefix;
};

// A query: alternatives, each a list of words. Views into `letters` or into the caller's plan.
struct Plan {
  std::vector<PlanWord> words;
  std::vector<std::uint32_t> ends;  // ends[i] is where alternative i ends in `words`
  std::string letters;

  // Reads "red tshirt*\x01red t shirt*". With `wholePrefix` the last word of an alternative is a prefix anyway.
  void readPlan(std::string_view plan, bool wholePrefix);
  // Reads what a person typed. False when it needs analysis: something but plain ASCII, or a joiner.
  bool readQuery(std::string_view query);
  bool empty() const noexcept { return words.empty(); }
};

}  // namespace easy11
