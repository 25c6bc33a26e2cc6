#pragma once
// The rows of 16,384 neighbouring ids: their vectors, and which of them have a term.
#include <cstdint>
#include <vector>

#include "easy11/bits.hpp"
#include "terms.hpp"

namespace easy11::vectors {

constexpr std::uint32_t kWindowBits = 14;
constexpr std::uint32_t kWindow = 1u << kWindowBits;

struct Entry {
  std::uint32_t term;
  float weight;
};

class Window {
 public:
  // Rows have places, from 0 to kWindow - 1. A row without terms is none.
  std::uint32_t lengthOf(std::uint32_t place) const noexcept { return place < lengths_.size() ? lengths_[place] : 0; }
  const Entry* entriesOf(std::uint32_t place) const noexcept { return entries_.data() + starts_[place]; }
  std::uint32_t startOf(std::uint32_t place) const noexcept { return starts_[place]; }
  const Entry& entryAt(std::uint32_t at) const noexcept { return entries_[at]; }
  // The square of the length of its vector.
  double squareOf(std::uint32_t place) const noexcept { return now_.squares[place]; }
  // Lengths of vectors in units, rounded down: a number for each place, which holds for rows that did not change.
  const std::uint16_t* shortLengths() const noexcept { return now_.lengths.data(); }
  double lengthUnit() const noexcept { return now_.unit; }
  // The greatest that the length of a vector that did not change is, or a little more.
  double longest() const noexcept { return now_.unit * kUnits; }
  // What is read of a row that is compared.
  void prefetchRow(std::uint32_t place) const noexcept { prefetch(entriesOf(place)); }

  // A row's terms, with the square of its length now and, while factors are to come, with those. May throw, and then changed
  // nothing.
  void put(std::uint32_t place, const Entry* entries, std::uint32_t count, double square, const double* next);
  void remove(std::uint32_t place) noexcept;

  // Whether so much has changed that the lists are to be made anew.
  bool isDue() const noexcept { return changes_ > kFewChanges && changes_ > rows_ / 16; }
  bool isChanged() const noexcept { return changes_ > 0; }
  // Makes the lists anew, and leaves out the entries of rows that are gone. May throw, and then changed nothing.
  void list(TermCounts& scratch);

  struct List {
    const std::uint16_t* places;
    std::uint32_t length;
  };
  // The rows listed for a term, by place, ascending: some may have changed since. O(1).
  List listOf(std::uint32_t term) const noexcept {
    for (std::size_t at = slotOf(term);; at = (at + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[at];
      if (slot.length == 0) return {nullptr, 0};
      if (slot.term == term) return {lists_.data() + slot.start, slot.length};
    }
  }
  void prefetchList(std::uint32_t term) const noexcept { prefetch(&slots_[slotOf(term)]); }
  // Rows that changed since the lists were made: some may be gone.
  const std::vector<std::uint16_t>& changed() const noexcept { return changed_; }
  bool hasChanged(std::uint32_t place) const noexcept { return testBit(changedBits_.data(), place); }

  // Squares of lengths with the factors to come, and then in place of those before. `prepareNext` may throw.
  void prepareNext(const Terms& terms);
  void takeNext() noexcept;
  void dropNext() noexcept { next_ = {}; }

  std::uint32_t rows() const noexcept { return rows_; }
  // Places that rows may have had.
  std::uint32_t places() const noexcept { return static_cast<std::uint32_t>(lengths_.size()); }
  std::size_t bytes() const noexcept;

 private:
  static constexpr std::uint32_t kFewChanges = 128;
  static constexpr double kUnits = 65535;
  // Of a hash table with linear probing: where the list of a term is. One without a length is free.
  struct Slot {
    std::uint32_t term = 0, start = 0, length = 0;
  };
  std::size_t slotOf(std::uint32_t term) const noexcept {
    return (term * 0x9e3779b1u) >> shift_;
  }
  void reserve(std::uint32_t place, std::uint32_t count, bool next);
  void note(std::uint32_t place) noexcept;

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> starts_;
  std::vector<std::uint16_t> lengths_;
  // Lengths of vectors, by place: with the factors that count, and with those to come, which have no places but on their way.
  struct Lengths {
    std::vector<double> squares;
    std::vector<std::uint16_t> lengths;  // in units; room for whole sixteens, by which they are looked at
    double unit = 0;
    void resize(std::size_t places) {
      if (places <= squares.size()) return;
      lengths.resize((places + 15) / 16 * 16);
      squares.resize(places);
    }
    void shorten() noexcept;
    std::size_t bytes() const noexcept { return squares.capacity() * 8 + lengths.capacity() * 2; }
  };
  Lengths now_, next_;
  std::vector<Slot> slots_ = std::vector<Slot>(2);  // a power of two, never full
  std::uint32_t shift_ = 31;
  std::vector<std::uint16_t> lists_, changed_;
  Bitmap changedBits_;
  std::uint32_t rows_ = 0, changes_ = 0;
};

}  // namespace easy11::vectors
