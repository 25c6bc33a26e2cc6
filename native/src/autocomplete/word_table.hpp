#pragma once
// Numbers for distinct words in the order they are first seen, while a segment is built.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../common/hash.hpp"

namespace easy11 {

class WordTable {
 public:
  WordTable() : seed_(newHashSeed(this)), cells_(1024) {}

  std::uint32_t intern(std::string_view word) {
    const std::uint64_t hash = hashString(word, seed_);
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    for (std::size_t at = hash & (cells_.size() - 1);; at = (at + 1) & (cells_.size() - 1)) {
      Cell& cell = cells_[at];
      if (cell.number == 0) {
        letters_.append(word);
        ends_.push_back(letters_.size());
        cell = {tag, static_cast<std::uint32_t>(ends_.size())};
        if (ends_.size() * 2 > cells_.size()) grow();
        return static_cast<std::uint32_t>(ends_.size() - 1);
      }
      if (cell.tag == tag && this->word(cell.number - 1) == word) return cell.number - 1;
    }
  }
  std::string_view word(std::uint32_t number) const noexcept {
    const std::size_t begin = number == 0 ? 0 : ends_[number - 1];
    return {letters_.data() + begin, ends_[number] - begin};
  }
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(ends_.size()); }
  std::size_t letterBytes() const noexcept { return letters_.size(); }

 private:
  struct Cell {
    std::uint32_t tag = 0;
    std::uint32_t number = 0;  // plus one; 0 is free
  };
  void grow() {
    cells_.assign(cells_.size() * 2, {});
    for (std::uint32_t number = 0; number < size(); ++number) {
      const std::uint64_t hash = hashString(word(number), seed_);
      std::size_t at = hash & (cells_.size() - 1);
      while (cells_[at].number != 0) at = (at + 1) & (cells_.size() - 1);
      cells_[at] = {static_cast<std::uint32_t>(hash >> 32), number + 1};
    }
  }

  std::uint64_t seed_;
  std::string letters_;
  std::vector<std::size_t> ends_;
  std::vector<Cell> cells_;
};

}  // namespace easy11
