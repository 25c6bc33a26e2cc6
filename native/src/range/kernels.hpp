#pragma once
// The inner loops that profit from wide registers. Each instruction set has a file; all give the same bits, because sums
// go through eight lanes in a fixed order whatever the width of a register is.
#include <cstdint>
#include <limits>

#include "easy11/isa.hpp"
#include "easy11/range_index.hpp"

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

struct Kernels {
  // Keeps in `masks` (64 rows a word) the rows whose code lies in lo..hi. Reads whole words of 64.
  void (*andCodes)(const std::uint8_t* codes, std::uint32_t words, std::uint8_t lo, std::uint8_t hi,
                   std::uint64_t* masks);
  // By NumberType: keeps in `masks` the rows whose value lies in least..most. Reads whole words of 64 that have a row.
  void (*andBetween[3])(const void* values, std::uint32_t words, double least, double most, std::uint64_t* masks);
  // Adds to `masks` the rows whose code is `value`.
  void (*orEqual)(const std::uint16_t* codes, std::uint32_t words, std::uint16_t value, std::uint64_t* masks);
  // counts[i] += from[i], or -=, for a multiple of 16.
  void (*addCounts)(const std::uint32_t* from, std::uint32_t size, std::uint32_t* counts);
  void (*subtractCounts)(const std::uint32_t* from, std::uint32_t size, std::uint32_t* counts);
  // By NumberType: `values` points to the elements.
  Summary (*summarise[3])(const void* values, std::uint32_t size);
};

extern const Kernels kScalarKernels;
#if defined(EASY11_X86)
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;
#endif
// Those for isa().
const Kernels& kernels() noexcept;

}  // namespace easy11::range
