#pragma once
// The inner loops that profit from wide registers. Each instruction set has a file; all give the same bits, because sums
// go through eight lanes in a fixed order whatever the width of a register is.
#include <cstdint>
#include <limits>

#include "easy11/isa.hpp"
#include "easy11/range_index.hpp"
#include "numbers.hpp"

namespace easy11::range {

struct Summary {
  std::uint32_t valid = 0;  // rows that have a value
  double sum = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();

  void add(double value) noexcept {
    ++valid;
    sum += value;
    min = value < min ? value : min;
    max = value > max ? value : max;
  }
  void add(const Summary& other) noexcept {
    valid += other.valid;
    sum += other.sum;
    min = other.min < min ? other.min : min;
    max = other.max > max ? other.max : max;
  }
};

// Value i goes to lane i % 8; the lanes are added in this order.
inline double addLanes(const double (&lane)[8]) noexcept {
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

// Codes of a byte, by their lower four bits: bit h of the first sixteen for h * 16 and on below 128, of the others from there.
struct ByteSet {
  std::uint8_t bits[32] = {};
  void add(std::uint8_t code) noexcept {
    bits[(code >> 7) * 16 + (code & 15)] |= static_cast<std::uint8_t>(1u << (code >> 4 & 7));
  }
  bool has(std::uint8_t code) const noexcept { return bits[(code >> 7) * 16 + (code & 15)] >> (code >> 4 & 7) & 1; }
};

struct Kernels {
  // Keeps in `masks` (64 rows a word) the rows whose code lies in lo..hi. Reads whole words of 64.
  void (*andCodes)(const std::uint8_t* codes, std::uint32_t words, std::uint8_t lo, std::uint8_t hi,
                   std::uint64_t* masks);
  // Adds to `masks` the rows whose code is `value`.
  void (*orEqual)(const std::uint16_t* codes, std::uint32_t words, std::uint16_t value, std::uint64_t* masks);
  // Keeps in `masks` the rows whose code is one of the set.
  void (*andMembers)(const std::uint8_t* codes, std::uint32_t words, const ByteSet& set, std::uint64_t* masks);
  // How many rows of `masks` have the code.
  std::uint32_t (*countEqual)(const std::uint8_t* codes, std::uint32_t words, std::uint8_t value,
                              const std::uint64_t* masks);
  // How many bits there are.
  std::uint32_t (*countBits)(const std::uint64_t* masks, std::uint32_t words);
  // Writes the positions of the bits of up to 8 words, ascending, and may write 15 further ones; returns how many they are.
  std::uint32_t (*positions)(const std::uint64_t* masks, std::uint32_t words, std::uint16_t* at);
  // Writes the codes of up to 8 words' rows that have a bit, side by side, and may write 63 further bytes; returns how many they
  // are. Null where that costs more than to look at each.
  std::uint32_t (*pack)(const std::uint8_t* codes, std::uint32_t words, const std::uint64_t* masks, std::uint8_t* out);
  // counts[i] += from[i], or -=, for a multiple of 16.
  void (*addCounts)(const std::uint32_t* from, std::uint32_t size, std::uint32_t* counts);
  void (*subtractCounts)(const std::uint32_t* from, std::uint32_t size, std::uint32_t* counts);
  void (*addNarrow)(const std::uint16_t* from, std::uint32_t size, std::uint32_t* counts);
  void (*subtractNarrow)(const std::uint16_t* from, std::uint32_t size, std::uint32_t* counts);
  // By NumberType: `values` points to the elements.
  Summary (*summarise[3])(const void* values, std::uint32_t size);
};

extern const Kernels kScalarKernels;
#if defined(EASY11_X86)
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;
extern const Kernels kVbmi2Kernels;  // those, and `pack`
#endif
#if defined(EASY11_ARM64)
extern const Kernels kNeonKernels;
#endif
// The same as `summarise` of the values that codes mean. Additions of eight lanes and comparisons of bytes: portable.
Summary summariseCodes(const std::uint8_t* codes, std::uint32_t size, const Meanings& meanings) noexcept;
// Those for isa().
const Kernels& kernels() noexcept;

}  // namespace easy11::range
