#include "words.hpp"

namespace easy11 {
namespace {

struct Fold {
  unsigned char cell[256];
  constexpr Fold() : cell{} {
    for (int c = 'a'; c <= 'z'; ++c) cell[c] = static_cast<unsigned char>(c);
    for (int c = '0'; c <= '9'; ++c) cell[c] = static_cast<unsigned char>(c);
    for (int c = 'A'; c <= 'Z'; ++c) cell[c] = static_cast<unsigned char>(c - 'A' + 'a');
  }
};
constexpr Fold kFold;

constexpr std::size_t kMaxCodePoints = 64;

bool needsAnalysis(unsigned char c) noexcept { return c > 0x7e || c == '\'' || c == '`' || c == '-'; }

}  // namespace

const unsigned char (&kPlainFold)[256] = kFold.cell;

std::string_view cutWord(std::string_view word) noexcept {
  if (word.size() <= kMaxCodePoints) return word;
  std::size_t codePoints = 0;
  for (std::size_t at = 0; at < word.size(); ++at)
    if ((static_cast<unsigned char>(word[at]) & 0xc0) != 0x80 && codePoints++ == kMaxCodePoints)
      return word.substr(0, at);
  return word;
}

void Plan::readPlan(std::string_view plan, bool wholePrefix) {
  words.clear();
  ends.clear();
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= plan.size(); ++at) {
    const bool end = at == plan.size() || plan[at] == '\x01';
    if (!end && plan[at] != ' ') continue;
    std::string_view word = plan.substr(begin, at - begin);
    const bool prefix = !word.empty() && word.back() == '*';
    if (prefix) word.remove_suffix(1);
    if (!word.empty()) words.push_back({cutWord(word), prefix});
    begin = at + 1;
    const std::size_t before = ends.empty() ? 0 : ends.back();
    if (end && words.size() > before) {
      if (wholePrefix) words.back().prefix = true;
      ends.push_back(static_cast<std::uint32_t>(words.size()));
    }
  }
}

bool Plan::readQuery(std::string_view query) {
  words.clear();
  ends.clear();
  letters.resize(query.size());
  char* const out = letters.data();
  std::size_t begin = 0;
  std::size_t at = 0;
  for (; at < query.size(); ++at) {
    const auto c = static_cast<unsigned char>(query[at]);
    if (needsAnalysis(c)) return false;
    const unsigned char folded = kPlainFold[c];
    if (folded != 0) {
      out[at] = static_cast<char>(folded);
      continue;
    }
    if (at > begin) words.push_back({cutWord({out + begin, at - begin}), false});
    begin = at + 1;
  }
  if (at > begin) words.push_back({cutWord({out + begin, at - begin}), false});
  if (!words.empty()) {
    words.back().prefix = true;
    ends.push_back(static_cast<std::uint32_t>(words.size()));
  }
  return true;
}

}  // namespace easy11
