#pragma once
// The newest entries, at most 128, in a form that changes and is copied cheaply: each word has a mask of the entries that
// have it, so a query of several words is an intersection of masks; words are found by binary search, misspelt ones by
// walking the sorted words as if they were a trie. When it is full its entries become a segment. Copies share the entries:
// one costs a few microseconds, and is made for every update while other threads read.
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "documents.hpp"
#include "filter.hpp"
#include "segment_search.hpp"
#include "words.hpp"

namespace easy11 {

struct MemtableHit {
  std::uint32_t slip;
  std::uint32_t position;
};

class Memtable {
 public:
  static constexpr std::uint32_t kCapacity = 128;

  Memtable();
  // Copies an entry in. Must not be full. Returns its position, which is its name until it is removed.
  std::uint32_t add(const DocumentView& entry);
  void remove(std::uint32_t position) noexcept;
  void setWeight(std::uint32_t position, double weight);
  DocumentView view(std::uint32_t position) const noexcept;
  std::string_view id(std::uint32_t position) const noexcept {
    return {entries_[position]->record.data(), entries_[position]->idSize};
  }
  double weight(std::uint32_t position) const noexcept { return entries_[position]->view.weight; }
  std::uint32_t slot(std::uint32_t position) const noexcept { return entries_[position]->view.slot; }
  std::uint32_t size() const noexcept { return size_; }
  // Whether it should become a segment before the next `add`: no place left, or too much left over from removed entries.
  bool full() const noexcept;
  // Positions in rank order.
  const std::uint16_t* begin() const noexcept { return order_.data(); }
  const std::uint16_t* end() const noexcept { return order_.data() + size_; }
  void clear() noexcept;

  // The best `limit` entries, ascending by slip and rank.
  void search(const Plan& plan, SearchMode mode, std::uint32_t limit, const Filter* filter, SlipRows& rows,
              std::vector<MemtableHit>& out) const;
  // Calls each(word) for the distinct words of present entries, ascending.
  template <class Each>
  void eachPresentWord(Each&& each) const {
    for (const std::uint32_t number : sorted_)
      if (words_[number].anyEntry()) each(text(words_[number]));
  }
  std::size_t bytes() const noexcept;

 private:
  using Mask = std::array<std::uint64_t, kCapacity / 64>;
  using Slips = std::array<std::uint16_t, kCapacity>;
  struct Word {
    std::uint32_t offset, size;
    Mask entries;
    bool anyEntry() const noexcept {
      std::uint64_t any = 0;
      for (const std::uint64_t part : entries) any |= part;
      return any != 0;
    }
  };
  struct Entry {
    std::string record;  // id, text, analysis
    std::uint32_t idSize = 0, textSize = 0;
    DocumentView view;  // strings and categories are set when asked for
    std::vector<std::uint32_t> categories;
    std::vector<std::uint32_t> words;  // as in the forward index of a segment
  };

  std::string_view text(const Word& word) const noexcept { return {letters_.data() + word.offset, word.size}; }
  std::uint32_t intern(std::string_view word);
  void insertInOrder(std::uint32_t position) noexcept;
  void removeFromOrder(std::uint32_t position) noexcept;
  bool before(std::uint32_t a, std::uint32_t b) const noexcept;
  // Where in sorted_ the first word is that is not below.
  std::size_t lowerBound(std::string_view word) const noexcept;
  Mask maskOf(const PlanWord& word) const noexcept;
  bool startsWith(const Entry& entry, const PlanWord* words, std::uint32_t count) const noexcept;
  void slipsOf(const PlanWord& word, SlipRows& rows, Slips& slips) const;
  void takeSlips(const Word& word, std::uint32_t slip, Slips& slips) const noexcept;

  std::vector<std::shared_ptr<const Entry>> entries_;
  std::vector<std::uint16_t> free_;
  std::array<std::uint16_t, kCapacity> order_{};
  std::uint32_t size_ = 0;
  std::string letters_;
  std::vector<Word> words_;
  std::vector<std::uint32_t> sorted_;  // word numbers, by word
  std::vector<std::uint64_t> keys_;    // of the same, the first eight bytes: nearly always enough to compare by
  std::array<double, kCapacity> weights_{};  // by position, as in the entries, which lie all over memory
};

}  // namespace easy11
