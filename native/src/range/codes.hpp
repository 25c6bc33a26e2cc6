#pragma once
// One-byte codes of a number attribute that keep its order, so that 64 rows are compared at a time: 0 for no value, else 1 +
// the number of separators that are not greater. Separators are every distinct value of a sample, or its quantiles.
#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace easy11::range {

class Codes {
 public:
  Codes() noexcept { forget(); }
  // From a sample in ascending order, without rows that have no value.
  void separate(const std::vector<double>& sample);
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
  static constexpr std::uint32_t kMost = 254;
  void forget() noexcept {
    separators_.fill(std::numeric_limits<double>::infinity());
    first_.fill(std::numeric_limits<double>::infinity());
    last_.fill(-std::numeric_limits<double>::infinity());
  }
  std::array<double, 255> separators_{};  // behind the last: infinity
  std::uint32_t count_ = 0;
  std::array<double, 256> first_{}, last_{};
};

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
