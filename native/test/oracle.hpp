#pragma once
// What every answer is compared with: the contract in its plainest form, one loop over all entries.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "easy11/slips.hpp"
#include "easy11/utf8.hpp"

namespace oracle {

constexpr std::uint32_t kNoMatch = 0xffffffff;
using Letters = std::vector<std::uint32_t>;

inline Letters lettersOf(std::string_view word) {
  Letters out;
  const char* at = word.data();
  const char* const end = at + word.size();
  while (at < end && out.size() < 64) out.push_back(easy11::nextCodePoint(at, end));
  return out;
}

// The reference measure of src/core/autocomplete/slips.ts, line by line: the full table, no pruning.
inline std::uint32_t slipCost(const Letters& typed, const Letters& target, std::uint32_t budget, bool prefix) {
  namespace slip = easy11::slip;
  const std::uint32_t none = kNoMatch;
  const auto plus = [](std::uint32_t a, std::uint32_t b) { return a == kNoMatch ? a : a + b; };
  const std::size_t L = typed.size();
  static std::vector<std::uint32_t> table;  // kept: the tests spend most of their time here
  table.resize((target.size() + 1) * (L + 1) * (budget + 1));
  const auto cell = [&](std::size_t i, std::size_t j, std::uint32_t e) -> std::uint32_t& {
    return table.data()[(i * (L + 1) + j) * (budget + 1) + e];
  };
  std::uint32_t best = none;
  for (std::size_t i = 0; i <= target.size(); ++i) {
    for (std::size_t j = 0; j <= L; ++j)
      for (std::uint32_t e = 0; e <= budget; ++e) {
        std::uint32_t cost = i == 0 && j == 0 && e == 0 ? 0 : none;
        const std::uint32_t t = i > 0 ? target[i - 1] : kNoMatch;
        const std::uint32_t q = j > 0 ? typed[j - 1] : kNoMatch - 1;
        if (i > 0 && j > 0 && t == q) cost = std::min(cost, cell(i - 1, j - 1, e));
        if (e > 0) {
          const auto first = [](bool involved) { return involved ? std::uint32_t{slip::kFirst} : 0u; };
          if (i > 0 && j > 0 && t != q)
            cost = std::min(cost, plus(cell(i - 1, j - 1, e - 1),
                                       easy11::substitutionCost(t, q) + first(i == 1 || j == 1)));
          if (j > 0) {
            const bool doubled = j > 1 && typed[j - 2] == q;
            const std::uint32_t extra = (doubled ? slip::kExtraDoubled : slip::kExtra) +
                                        (prefix && j == L ? std::uint32_t{slip::kExtraAtEndOfPrefix} : 0u);
            cost = std::min(cost, plus(cell(i, j - 1, e - 1), extra + first(j == 1)));
          }
          if (i > 0) {
            const bool doubled = i > 1 && target[i - 2] == t;
            cost = std::min(cost, plus(cell(i - 1, j, e - 1),
                                       (doubled ? slip::kMissingDoubled : slip::kMissing) + first(i == 1)));
          }
          if (i > 1 && j > 1 && t != q && t == typed[j - 2] && q == target[i - 2])
            cost = std::min(cost, plus(cell(i - 2, j - 2, e - 1), slip::kTransposition + first(i == 2 || j == 2)));
        }
        cell(i, j, e) = cost;
      }
    if (prefix || i == target.size())
      for (std::uint32_t e = 0; e <= budget; ++e) best = std::min(best, cell(i, L, e));
  }
  return best;
}

struct Entry {
  std::string id, text, analysis;
  bool analysed = false;
  double weight = 0;
  double price = std::numeric_limits<double>::quiet_NaN();
  bool inStock = false;
  std::vector<std::string> categories;

  std::string joined() const {
    std::string out;
    for (const std::string& category : categories) out += (out.empty() ? "" : "\x01") + category;
    return out;
  }
};

struct Filter {
  bool on = false;
  std::vector<std::string> categories;
  double atLeast = -std::numeric_limits<double>::infinity();
  double atMost = std::numeric_limits<double>::infinity();
  int stock = -1;

  bool accepts(const Entry& entry) const {
    if (!on) return true;
    const bool byPrice = std::isfinite(atLeast) || std::isfinite(atMost);
    if (byPrice && !(entry.price >= atLeast && entry.price <= atMost)) return false;
    if (stock >= 0 && entry.inStock != (stock == 1)) return false;
    if (categories.empty()) return true;
    for (const std::string& category : categories)
      if (std::count(entry.categories.begin(), entry.categories.end(), category) > 0) return true;
    return false;
  }
};

inline std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == at)
      out.emplace_back();
    else
      out.back().push_back(c);
  }
  out.erase(std::remove(out.begin(), out.end(), std::string()), out.end());
  return out;
}

struct Words {
  std::vector<std::string> start, extra;
};

inline Words wordsOf(const Entry& entry) {
  Words words;
  if (entry.analysed) {
    const std::size_t at = entry.analysis.find('\x01');
    words.start = split(std::string_view(entry.analysis).substr(0, at), ' ');
    if (at != std::string::npos) words.extra = split(std::string_view(entry.analysis).substr(at + 1), ' ');
    return words;
  }
  std::string plain;
  for (const char c : entry.text) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool word = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    plain.push_back(!word ? ' ' : upper ? static_cast<char>(c - 'A' + 'a') : c);
  }
  words.start = split(plain, ' ');
  for (std::string& word : words.start) word = word.substr(0, 64);
  return words;
}

struct Hit {
  std::string id;
  std::uint32_t slip;
  bool operator==(const Hit& other) const { return id == other.id && slip == other.slip; }
};

class Index {
 public:
  std::map<std::string, Entry> entries;

  // As searchPlan: alternatives by \x01, words by spaces, '*' for a prefix.
  std::vector<Hit> search(const std::string& plan, std::size_t limit, bool fuzzy, bool wholePrefix,
                          const Filter& filter) const {
    struct Ranked {
      std::uint32_t slip;
      const Entry* entry;
    };
    std::vector<Ranked> found;
    for (const auto& pair : entries) {
      const Entry& entry = pair.second;
      if (!filter.accepts(entry)) continue;
      std::uint32_t least = kNoMatch;
      for (const std::string& alternative : split(plan, '\x01'))
        least = std::min(least, wholePrefix ? startsWith(entry, alternative) : match(entry, alternative, fuzzy));
      if (least != kNoMatch) found.push_back({least, &entry});
    }
    std::sort(found.begin(), found.end(), [](const Ranked& a, const Ranked& b) {
      if (a.slip != b.slip) return a.slip < b.slip;
      return a.entry->weight != b.entry->weight ? a.entry->weight > b.entry->weight : a.entry->id < b.entry->id;
    });
    if (found.size() > limit) found.resize(limit);
    std::vector<Hit> hits;
    for (const Ranked& ranked : found) hits.push_back({ranked.entry->id, ranked.slip});
    return hits;
  }

 private:
  static std::uint32_t startsWith(const Entry& entry, const std::string& plan) {
    std::string start;
    for (const std::string& word : wordsOf(entry).start) start += (start.empty() ? "" : " ") + word;
    std::string wanted = plan;
    if (!wanted.empty() && wanted.back() == '*') wanted.pop_back();
    return start.compare(0, wanted.size(), wanted) == 0 ? 0 : kNoMatch;
  }
  static std::uint32_t match(const Entry& entry, const std::string& plan, bool fuzzy) {
    Words words = wordsOf(entry);
    words.start.insert(words.start.end(), words.extra.begin(), words.extra.end());
    std::uint32_t sum = 0;
    for (std::string wanted : split(plan, ' ')) {
      const bool prefix = wanted.back() == '*';
      if (prefix) wanted.pop_back();
      const Letters typed = lettersOf(wanted);
      const std::uint32_t budget = fuzzy ? easy11::slipBudget(typed.size()) : 0;
      std::uint32_t least = kNoMatch;
      for (const std::string& word : words.start)
        least = std::min(least, slipCost(typed, lettersOf(word), budget, prefix));
      if (least == kNoMatch) return kNoMatch;
      sum += least;
    }
    return sum;
  }
};

}  // namespace oracle
