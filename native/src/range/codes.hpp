#pragma once
// One-byte codes of a number attribute that keep its order, so that 64 rows are compared at a time: 0 for no value, else 1 +
// the number of separators that are not greater. Separators are every distinct value of a sample, or its quantiles. Where they
// are all values that there are, codes tell values, and stand in their place.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "easy11/bits.hpp"
#include "numbers.hpp"

namespace easy11::range {

class Codes {
 public:
  Codes() noexcept { forget(); }
  static constexpr std::uint32_t kMost = 254;  // separators
  // From a sample in ascending order, without rows that have no value.
  void separate(const std::vector<double>& sample);
  // After `separate` from all values that there are, at most kMost, of that type.
  void mean(NumberType type) noexcept;
  const Meanings& meanings() const noexcept { return meanings_; }
  // Whether a code means this value, to the bit.
  bool knows(double stored, double none) const noexcept {
    return meanings_.values[of(stored, none)] == stored && !(stored == 0 && std::signbit(stored));
  }
  std::uint8_t of(double stored, double none) const noexcept {
    if (!(stored < none)) return 0;
    // Eight steps without a branch: of many values one waits for none of the others.
    std::uint32_t low = 0;
    for (std::uint32_t half = 128; half > 0; half /= 2)
      low += half & (0u - static_cast<std::uint32_t>(separators_[low + half - 1] <= stored));
    return static_cast<std::uint8_t>(low + 1);
  }
  // Remembers how far the values of a code reach: only a code that a bound cuts is compared exactly.
  void note(std::uint8_t code, double value) noexcept {
    if (value < first_[code]) first_[code] = value;
    if (value > last_[code]) last_[code] = value;
  }
  double first(std::uint8_t code) const noexcept { return first_[code]; }
  double last(std::uint8_t code) const noexcept { return last_[code]; }

 private:
  void forget() noexcept {
    separators_.fill(std::numeric_limits<double>::infinity());
    first_.fill(std::numeric_limits<double>::infinity());
    last_.fill(-std::numeric_limits<double>::infinity());
  }
  std::array<double, 255> separators_{};  // behind the last: infinity
  std::uint32_t count_ = 0;
  std::array<double, 256> first_{}, last_{};
  Meanings meanings_;
};

// Sums are exact while all values are multiples of one power of two and none reaches the first multiple of it that a double does
// not hold.
inline void Codes::mean(NumberType type) noexcept {
  constexpr double kMostSum = 9007199254740992.0;
  meanings_.values.fill(noneOf(type));
  meanings_.addends.fill(0);
  double greatest = 0;
  int least = std::numeric_limits<int>::max();  // the exponent of the lowest bit of all values
  for (std::uint32_t i = 0; i < count_; ++i) {
    const double value = separators_[i];
    meanings_.values[i + 2] = meanings_.addends[i + 2] = value;
    if (value == 0) continue;
    greatest = std::max(greatest, std::fabs(value));
    int exponent = 0;
    const double fraction = std::frexp(value, &exponent);
    const auto bits = static_cast<std::uint64_t>(std::fabs(std::ldexp(fraction, 53)));
    least = std::min(least, exponent - 53 + static_cast<int>(lowestBit(bits)));
  }
  meanings_.exactRows = greatest == 0 ? kMostSum : kMostSum / std::ldexp(greatest, -least);
}

inline void Codes::separate(const std::vector<double>& sample) {
  forget();
  count_ = 0;
  std::uint32_t distinct = 0;
  for (std::size_t i = 0; i < sample.size() && distinct <= kMost; ++i) distinct += i == 0 || sample[i] != sample[i - 1];
  const std::size_t steps = distinct <= kMost ? sample.size() : kMost;
  for (std::size_t i = 0; i < steps; ++i) {
    const double value = distinct <= kMost ? sample[i] : sample[(i + 1) * sample.size() / (kMost + 1)];
    if (count_ == 0 || value != separators_[count_ - 1]) separators_[count_++] = value;
  }
}

}  // namespace easy11::range
