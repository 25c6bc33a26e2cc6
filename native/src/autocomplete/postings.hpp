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
#include "../common/packed_column.hpp"

namespace easy11 {

// Ranks, ascending unless said otherwise.
using RankSpan = PackedSpan;

// The entries with a word of a range.
struct WordSet {
  std::uint32_t low = 0, high = 0;
  std::uint32_t node = kNoNode;
  std::uint32_t count = 0;  // of postings: an upper bound of the entries
  const std::uint64_t* bitmap = nullptr;
  RankSpan ranks;  // of a single word without bitmap
  bool list() const noexcept { return ranks.there(); }
};

constexpr std::uint32_t kExtraWord = 0x80000000;  // beside the number of a word: not a word of the start

// The words of an entry. A number is kept with its flag in the lowest bit, so that it takes few bytes.
class WordSpan {
 public:
  explicit WordSpan(PackedSpan kept) noexcept : kept_(kept) {}
  static std::uint32_t keep(std::uint32_t word) noexcept { return word << 1 | word >> 31; }
  std::uint32_t operator[](std::size_t i) const noexcept { return kept_[i] >> 1 | kept_[i] << 31; }
  std::uint32_t size() const noexcept { return kept_.size(); }
  // Whether one of them is in [low, high), extra or not.
  bool anyIn(std::uint32_t low, std::uint32_t high) const noexcept {
    for (const std::uint32_t word : kept_)
      if ((word >> 1) - low < high - low) return true;
    return false;
  }

 private:
  PackedSpan kept_;
};

class Postings {
 public:
  static constexpr std::uint32_t kExtra = kExtraWord;
  static constexpr std::uint32_t kCachedTop = 32;

  // `words` are the word numbers of the entries, in text order, start words first; those of entry r end at ends[r].
  bool build(std::vector<std::uint32_t>&& ends, std::vector<std::uint32_t>&& words, const Dictionary& dictionary,
             const JobControl& control);

  WordSet set(WordRange range) const noexcept;
  // The words of an entry with kExtra flags, in text order.
  WordSpan wordsOf(std::uint32_t rank) const noexcept {
    return WordSpan(words_.span(static_cast<std::size_t>(wordStarts_[rank]), static_cast<std::size_t>(wordStarts_[rank + 1])));
  }
  bool hasWordIn(std::uint32_t rank, std::uint32_t low, std::uint32_t high) const noexcept {
    return wordsOf(rank).anyIn(low, high);
  }
  void fetchWords(std::uint32_t rank) const noexcept {
    prefetch(words_.raw().data() + static_cast<std::size_t>(wordStarts_[rank]) * words_.width());
  }
  // Postings of the words [low, high).
  std::uint32_t count(std::uint32_t low, std::uint32_t high) const noexcept { return counts_[high] - counts_[low]; }
  // The best entries of a node, at most kCachedTop; empty when not cached.
  RankSpan top(std::uint32_t node) const noexcept {
    if (node >= topOf_.size() || topOf_[node] == kNoNode) return {};
    const std::uint32_t at = topOf_[node];
    return tops_.span(topStarts_[at], topStarts_[at + 1]);
  }
  // The list of one word, or its bitmap.
  RankSpan list(std::uint32_t word) const noexcept {
    return ranks_.span(starts_[word], starts_[word + 1]);
  }
  const std::uint64_t* denseWord(std::uint32_t word) const noexcept;
  std::uint32_t size() const noexcept { return size_; }
  std::size_t bytes() const noexcept;
  // Reads how wide the packed columns are, after they were lent memory. False when they are none.
  bool adopt() noexcept;
  // Whether every rank, word and bitmap that is named is there. O(postings).
  bool valid(const Dictionary& dictionary, std::uint32_t entries) const noexcept;
  template <class Self, class Each>
  static void columns(Self& self, Each&& each) {
    PackedOffsets::columns(self.wordStarts_, each), each(self.words_.raw()), each(self.counts_), each(self.starts_);
    each(self.ranks_.raw()), each(self.denseWords_), each(self.denseNodes_), each(self.bitmaps_), each(self.topOf_);
    each(self.topStarts_), each(self.tops_.raw());
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
  void cacheTop(const Dictionary& dictionary, std::uint32_t node, const std::vector<std::uint32_t>& tops,
                std::vector<std::uint32_t>& found);

  std::uint32_t size_ = 0;
  PackedOffsets wordStarts_;  // where the words of an entry begin; one more at the end
  PackedColumn words_;
  Column<std::uint32_t> counts_;  // cumulative numbers of postings by word
  Column<std::uint32_t> starts_;  // where a word's list begins in ranks_
  PackedColumn ranks_;
  Column<Dense> denseWords_, denseNodes_;
  Column<std::uint64_t> bitmaps_;
  Column<std::uint32_t> topOf_, topStarts_;
  PackedColumn tops_;
};

}  // namespace easy11
