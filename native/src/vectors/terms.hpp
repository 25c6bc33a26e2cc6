#pragma once
// What is known of each term: its factor, how many rows have it, and the greatest weight that one had.
#include <algorithm>
#include <cstdint>
#include <vector>

namespace easy11::vectors {

class Terms {
 public:
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(counts.size()); }
  // May throw, and then changed nothing that counts.
  void reserve(std::uint32_t size) {
    if (size <= this->size()) return;
    const std::size_t room = std::max<std::size_t>(size, counts.size() + counts.size() / 2);
    factors.resize(room, 1);
    nextFactors.resize(room, 1);
    greatest.resize(room, 0);
    counts.resize(room, 0);
  }
  void add(std::uint32_t term, float weight) noexcept {
    if (counts[term]++ == 0) ++used;
    greatest[term] = std::max(greatest[term], weight);
  }
  void remove(std::uint32_t term) noexcept {
    if (--counts[term] == 0) --used;
  }
  std::size_t bytes() const noexcept { return counts.capacity() * 24; }

  // Squares of the factors, which is how they come into products of two weights: those that count, and those to come.
  std::vector<double> factors, nextFactors;
  std::vector<float> greatest;
  std::vector<std::uint32_t> counts;
  std::uint32_t used = 0;  // terms that some row has
  double longest = 0;      // of the lengths of rows that are listed, about: for the units of sums
};

// Counters by term that are 0 between uses.
struct TermCounts {
  std::vector<std::uint32_t> counts;
  std::vector<std::uint32_t> met;
};

}  // namespace easy11::vectors
