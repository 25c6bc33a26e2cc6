#pragma once
// The entries sorted by the words they start with, for completion of whole texts (Hsu and Ottaviano, WWW 2013, show the
// scheme: a lexicographic range, then range-minimum queries over ranks).
//
// Texts are compared as sequences of word numbers: every character of a word is above the space that joins words, so that
// order is the order of the joined texts, and no string is touched. Where the texts with a given first word begin is a
// table; only further words need a binary search. The best 32 of every trie node with many texts are kept, for queries that
// are still in the first word. The k best of another long range come from a heap of sub-ranges, each with its minimum:
// O(k log k) after O(1) minima (a sparse table over blocks of 32).
#include <cstdint>
#include <vector>

#include "../common/job_control.hpp"
#include "postings.hpp"

namespace easy11 {

class PrefixOrder {
 public:
  // Ranges shorter than this are gone through: that takes less time than a heap, or a cache would take memory.
  static constexpr std::uint32_t kScan = 512;
  static constexpr std::uint32_t kCachedTop = 32;

  bool build(const Postings& postings, const Dictionary& dictionary, const JobControl& control);
  // The best texts whose first word is below a trie node, at most kCachedTop; empty when not kept.
  RankSpan top(std::uint32_t node) const noexcept {
    if (node >= topOf_.size() || topOf_[node] == kNoNode) return {};
    const std::size_t begin = std::size_t{topOf_[node]} * kCachedTop;
    return tops_.span(begin, begin + kCachedTop);
  }

  struct Range {
    std::uint32_t begin = 0, end = 0;
    std::uint32_t size() const noexcept { return end - begin; }
  };
  // The texts that start with exactly the words `whole` and then a word of [low, high).
  Range find(const Postings& postings, const std::uint32_t* whole, std::uint32_t count, std::uint32_t low,
             std::uint32_t high) const noexcept;
  std::uint32_t rankAt(std::uint32_t position) const noexcept { return order_[position]; }
  // Where in [begin, end), which must not be empty, the best rank is.
  std::uint32_t best(std::uint32_t begin, std::uint32_t end) const noexcept;
  std::size_t bytes() const noexcept;
  // Reads how wide the packed columns are, after they were lent memory. False when they are none.
  bool adopt() noexcept { return order_.adopt() && tops_.adopt() && levels_.adopt(); }
  // Whether every position and rank that is named is there. O(n).
  bool valid(std::uint32_t dictionarySize, std::uint32_t entries) const noexcept;
  template <class Self, class Each>
  static void columns(Self& self, Each&& each) {
    each(self.order_.raw()), each(self.firsts_), each(self.topOf_), each(self.tops_.raw()), each(self.levels_.raw());
  }

 private:
  static constexpr std::uint32_t kBlock = 32;
  bool sort(const Postings& postings, std::uint32_t dictionarySize, const JobControl& control);
  void cacheTops(const Dictionary& dictionary);
  std::uint32_t scan(std::uint32_t begin, std::uint32_t end) const noexcept;
  std::uint32_t lesser(std::uint32_t a, std::uint32_t b) const noexcept { return order_[a] < order_[b] ? a : b; }

  std::uint32_t blocks() const noexcept { return static_cast<std::uint32_t>((order_.size() + kBlock - 1) / kBlock); }
  // Where level l begins in levels_: it has one place fewer per block that it spans more than one.
  std::size_t levelStart(std::uint32_t level) const noexcept {
    return std::size_t{blocks() + 1} * level - ((std::size_t{1} << level) - 1);
  }

  PackedColumn order_;            // ranks by text
  Column<std::uint32_t> firsts_;  // where the texts that start with a word begin in order_
  Column<std::uint32_t> topOf_;   // by trie node: where in tops_, kCachedTop each
  PackedColumn tops_;
  PackedColumn levels_;  // of level l, place b: position of the least rank of blocks [b, b + 2^l)
};

}  // namespace easy11
