#pragma once
// Upper bounds of what rows share with a query, summed up by place of a window: 16 bits each, so that eight or more are looked at
// at once.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "window.hpp"

#if defined(__SSE2__) || defined(_M_X64)
#define EASY11_SUMS_SSE2
#include <emmintrin.h>
#endif

namespace easy11::vectors {

// What a row's sum must be: at least `bar`, which is above 0; and, with `left` added, its length times `factor` / 65,536.
struct SumBar {
  std::int32_t bar, left;
  std::uint32_t factor;
  bool isMet(std::int32_t sum, std::uint32_t length) const noexcept {
    return sum >= std::max(bar, static_cast<std::int32_t>(length * factor >> 16) - left);
  }
};

class Sums {
 public:
  static constexpr std::int32_t kMost = 32767;

  // Adds to the sums of a list of places. Whoever calls knows that none comes above kMost.
  void add(const std::uint16_t* list, std::uint32_t length, std::int16_t most) noexcept {
    std::int16_t* const sums = sums_.data();
    for (std::uint32_t k = 0; k < length; ++k) sums[list[k]] = static_cast<std::int16_t>(sums[list[k]] + most);
  }
  std::int32_t at(std::uint32_t place) const noexcept { return sums_[place]; }

  // The places below `places` whose sums meet the bar, ascending, into `out`, which has room for a window; how many. `lengths`
  // has a number for each place of the window.
  std::uint32_t reach(const SumBar& what, const std::uint16_t* lengths, std::uint32_t places, std::uint16_t* out) const noexcept {
    std::uint32_t size = 0;
#if defined(EASY11_SUMS_SSE2)
    const __m128i bar = _mm_set1_epi16(static_cast<short>(what.bar - 1));
    const __m128i less = _mm_set1_epi16(static_cast<short>(what.left + 1));
    const __m128i factor = _mm_set1_epi16(static_cast<short>(what.factor));
    const auto met = [&](std::uint32_t at) noexcept {
      const __m128i sums = _mm_loadu_si128(reinterpret_cast<const __m128i*>(sums_.data() + at));
      const __m128i length = _mm_loadu_si128(reinterpret_cast<const __m128i*>(lengths + at));
      const __m128i needed = _mm_subs_epi16(_mm_mulhi_epu16(length, factor), less);
      return _mm_cmpgt_epi16(sums, _mm_max_epi16(bar, needed));
    };
    for (std::uint32_t from = 0; from < places; from += 16) {
      auto bits = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(met(from), met(from + 8))));
      for (; bits != 0; bits &= bits - 1) out[size++] = static_cast<std::uint16_t>(from + lowestBit(bits));
    }
#else
    for (std::uint32_t from = 0; from < places; from += 16) {
      std::int16_t most = 0;
      for (std::uint32_t i = from; i < from + 16; ++i) most = std::max(most, sums_[i]);
      if (most < what.bar) continue;
      for (std::uint32_t i = from; i < from + 16; ++i)
        if (what.isMet(sums_[i], lengths[i])) out[size++] = static_cast<std::uint16_t>(i);
    }
#endif
    return size;
  }
  void clear(std::uint32_t places) noexcept {
    std::fill(sums_.begin(), sums_.begin() + std::min((places + 15) / 16 * 16, kWindow), std::int16_t{0});
  }
  std::size_t bytes() const noexcept { return sums_.capacity() * 2; }

 private:
  std::vector<std::int16_t> sums_ = std::vector<std::int16_t>(kWindow);
};

}  // namespace easy11::vectors
