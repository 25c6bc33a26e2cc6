#pragma once
// Bits and bitmaps: the few operations that the portable language of C++17 lacks.
#include <cstddef>
#include <cstdint>
#include <vector>
#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif

namespace easy11 {

// Position of the lowest set bit; `value` must not be 0.
inline std::uint32_t lowestBit(std::uint64_t value) noexcept {
#if defined(_MSC_VER) && !defined(__clang__)
  unsigned long position = 0;
#if defined(_M_X64) || defined(_M_ARM64)
  _BitScanForward64(&position, value);
#else
  if (!_BitScanForward(&position, static_cast<unsigned long>(value))) {
    _BitScanForward(&position, static_cast<unsigned long>(value >> 32));
    position += 32;
  }
#endif
  return static_cast<std::uint32_t>(position);
#else
  return static_cast<std::uint32_t>(__builtin_ctzll(value));
#endif
}

// Position of the highest set bit; `value` must not be 0.
inline std::uint32_t highestBit(std::uint32_t value) noexcept {
#if defined(_MSC_VER) && !defined(__clang__)
  unsigned long position = 0;
  _BitScanReverse(&position, value);
  return static_cast<std::uint32_t>(position);
#else
  return 31u - static_cast<std::uint32_t>(__builtin_clz(value));
#endif
}

// Number of set bits, in plain arithmetic: the baseline x86-64 has no instruction for it.
inline std::uint32_t countBits(std::uint64_t value) noexcept {
  value -= value >> 1 & 0x5555555555555555u;
  value = (value & 0x3333333333333333u) + (value >> 2 & 0x3333333333333333u);
  value = (value + (value >> 4)) & 0x0f0f0f0f0f0f0f0fu;
  return static_cast<std::uint32_t>(value * 0x0101010101010101u >> 56);
}

// Asks for the cache line that `at` is on.
inline void prefetch(const void* at) noexcept {
#if defined(__GNUC__) || defined(__clang__)
  __builtin_prefetch(at);
#else
  (void)at;
#endif
}

using Bitmap = std::vector<std::uint64_t>;

inline std::size_t bitmapWords(std::size_t bits) noexcept { return (bits + 63) / 64; }
inline bool testBit(const std::uint64_t* words, std::uint32_t at) noexcept { return (words[at >> 6] >> (at & 63)) & 1u; }
inline void setBit(std::uint64_t* words, std::uint32_t at) noexcept { words[at >> 6] |= std::uint64_t{1} << (at & 63); }
inline void clearBit(std::uint64_t* words, std::uint32_t at) noexcept {
  words[at >> 6] &= ~(std::uint64_t{1} << (at & 63));
}

}  // namespace easy11
