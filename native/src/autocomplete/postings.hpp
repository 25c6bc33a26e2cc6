#pragma once
// Who has which word, both ways round, and the answers to short prefixes.
//
// Inverted lists hold ascending ranks, so the first k accepted are the best k (Gog, Pibiri and Venturini, SIGIR 2020,
// "Efficient and effective query auto-completion", which also gives the forward index its use: testing a candidate against
// a range of words without touching that range's lists). A word that 1/32 of the entries have is kept as a bitmap, where
// both take the same space; the words below a trie node that 1/16 have together, too. Nodes with many postings carry
// their best 32.
#include <cstdint>
#include <vector>

#include "dictionary.hpp"
#include "easy11/bits.hpp"
#include "../common/job_control.hpp"

namespace easy11 {

// The entries with a word of a range.
struct WordSet {
  std::uint32_t low = 0, high = 0;
  std::uint32_t node = kNoNode;
  std::uint32_t count = 0;  // of postings: an upper bound of the entries
  const std::uint64_t* bitmap = nullptr;
  const std::uint32_t* begin = nullptr;  // the list, of a single word without bitmap
  const std::uint32_t* end = nullptr;
  bool list() const noexcept { return begin != nullptr; }
};

struct RankSpan {
  const std::uint32_t* begin = nullptr;
  const std::uint32_t* end = nullptr;
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(end - begin); }
};

class Postings {
 public:
  static constexpr std::uint32_t kExtra = 0x80000000;  // in the forward index: not a word of the start
  static constexpr std::uint32_t kCachedTop = 32;

  // `words` are the word numbers of the entries, in text order, start words first; those of entry r end at ends[r].
  bool build(std::vector<std::uint32_t>&& ends, std::vector<std::uint32_t>&& words, const Dictionary& dictionary,
             const JobControl& control);

  WordSet set(WordRange range) const noexcept;
  // The words of an entry with kExtra flags, in text order.
  RankSpan wordsOf(std::uint32_t rank) const noexcept {
    return {words_.data() + (rank == 0 ? 0 : wordEnds_[rank - 1]), words_.data() + wordEnds_[rank]};
  }
  bool hasWordIn(std::uint32_t rank, std::uint32_t low, std::uint32_t high) const noexcept {
    const RankSpan words = wordsOf(rank);
    for (const std::uint32_t* at = words.begin; at != words.end; ++at)
      if ((*at & ~kExtra) - low < high - low) return true;
    return false;
  }
  // Postings of the words [low, high).
  std::uint32_t count(std::uint32_t low, std::uint32_t high) const noexcept { return counts_[high] - counts_[low]; }
  // The best entries of a node, at most kCachedTop; empty when not cached.
  RankSpan top(std::uint32_t node) const noexcept {
    if (node >= topOf_.size() || topOf_[node] == kNoNode) return {};
    const std::uint32_t at = topOf_[node];
    return {tops_.data() + topStarts_[at], tops_.data() + topStarts_[at + 1]};
  }
  // The list of one word, or its bitmap.
  RankSpan list(std::uint32_t word) const noexcept {
    return {ranks_.data() + starts_[word], ranks_.data() + starts_[word + 1]};
  }
  const std::uint64_t* denseWord(std::uint32_t word) const noexcept;
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(wordEnds_.size()); }
  std::size_t bytes() const noexcept;
  // Whether every rank, word and bitmap that is named is there. O(postings).
  bool valid(const Dictionary& dictionary, std::uint32_t entries) const noexcept;
  template <class Self, class Each>
  static void columns(Self& self, Each&& each) {
    each(self.wordEnds_), each(self.words_), each(self.counts_), each(self.starts_), each(self.ranks_);
    each(self.denseWords_), each(self.denseNodes_), each(self.bitmaps_), each(self.topOf_), each(self.topStarts_);
    each(self.tops_);
  }

 private:
  struct Dense {
    std::uint32_t key;  // word or node
    std::uint32_t bitmap;
  };
  bool isDense(std::uint32_t count) const noexcept { return count >= 64 && std::uint64_t{count} * 32 >= size(); }
  const std::uint64_t* find(const Column<Dense>& table, std::uint32_t key) const noexcept;
  std::uint32_t newBitmap();
  bool invert(const JobControl& control);
  bool cacheNodes(const Dictionary& dictionary, const JobControl& control);
  void cacheTop(const Dictionary& dictionary, std::uint32_t node, std::vector<std::uint32_t>& found);

  Column<std::uint32_t> wordEnds_, words_;
  Column<std::uint32_t> counts_;  // cumulative numbers of postings by word
  Column<std::uint32_t> starts_;  // where a word's list begins in ranks_
  Column<std::uint32_t> ranks_;
  Column<Dense> denseWords_, denseNodes_;
  Column<std::uint64_t> bitmaps_;
  Column<std::uint32_t> topOf_, topStarts_, tops_;
};

}  // namespace easy11
