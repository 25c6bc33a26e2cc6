#pragma once
// Ranks brought into order: a bitmap, and a second one of which words of the first are not 0, so that adding and taking
// out cost what the ranks are and not what the index is. All is 0 between two uses.
#include <cstddef>
#include <cstdint>

#include "easy11/bits.hpp"

namespace easy11 {

class RankMarks {
 public:
  // Room for ranks below `entries`.
  void fit(std::uint32_t entries) {
    const std::size_t words = bitmapWords(entries);
    if (bits_.size() >= words) return;
    bits_.resize(words, 0);
    used_.resize(bitmapWords(words), 0);
  }
  void add(std::uint32_t rank) noexcept {
    setBit(bits_.data(), rank);
    setBit(used_.data(), rank >> 6);
  }
  // Takes all out, and calls each(rank), ascending, until it returns true.
  template <class Each>
  void drain(Each&& each) {
    bool over = false;
    for (std::size_t block = 0; block < used_.size(); ++block) {
      for (std::uint64_t words = used_[block]; words != 0; words &= words - 1) {
        const std::size_t at = block * 64 + lowestBit(words);
        std::uint64_t left = bits_[at];
        bits_[at] = 0;
        for (; left != 0 && !over; left &= left - 1) over = each(static_cast<std::uint32_t>(at * 64) + lowestBit(left));
      }
      used_[block] = 0;
    }
  }

 private:
  Bitmap bits_, used_;
};

}  // namespace easy11
