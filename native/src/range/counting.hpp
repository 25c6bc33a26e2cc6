#pragma once
// Rows of a block, counted by code.
#include "filter.hpp"

namespace easy11::range {

// The rows of a block that masks name, taken apart into positions when they are first asked for.
class BlockRows {
 public:
  explicit BlockRows(const Masks& masks) noexcept : masks_(masks), size_(countMasks(masks)) {}
  std::uint32_t size() const noexcept { return size_; }

  // Adds the rows to the counts of a facet whose greatest code is `most`; every other one to `others`, where that is not null:
  // rows that follow each other and have one code then wait for each other less.
  void count(const FacetCodes& codes, std::uint32_t most, std::uint32_t* counts, std::uint32_t* others = nullptr) noexcept {
    if (size_ == 0) return;
    if (!codes.wide && most <= kFew) {
      // A comparison of the whole block is cheaper than an addition for each row.
      std::uint32_t rest = size_;
      for (std::uint32_t code = 1; code <= most; ++code) {
        const std::uint32_t here = kernels().countEqual(static_cast<const std::uint8_t*>(codes.data), kWords,
                                                        static_cast<std::uint8_t>(code), masks_.data());
        counts[code] += here;
        rest -= here;
      }
      counts[0] += rest;
      return;
    }
    const auto pack = kernels().pack;
    if (!codes.wide && pack != nullptr) {
      std::uint8_t packed[kLeaf + 64];
      const std::uint32_t size = pack(static_cast<const std::uint8_t*>(codes.data), kWords, masks_.data(), packed);
      if (others == nullptr) others = counts;
      std::uint32_t i = 0;
      for (; i + 1 < size; i += 2) {
        ++counts[packed[i]];
        ++others[packed[i + 1]];
      }
      if (i < size) ++counts[packed[i]];
      return;
    }
    codes.visit([&](const auto* all) { each([&](std::uint32_t at) { ++counts[all[at]]; }); });
  }
  // Calls body(position) for every row, ascending.
  template <class Body>
  void each(Body&& body) noexcept {
    if (!taken_) kernels().positions(masks_.data(), kWords, at_);
    taken_ = true;
    const std::uint32_t size = size_;  // counts that a body writes might be it, for all the compiler knows
    for (std::uint32_t i = 0; i < size; ++i) body(at_[i]);
  }

 private:
  static constexpr std::uint32_t kFew = 3;
  const Masks& masks_;
  std::uint32_t size_;
  bool taken_ = false;
  std::uint16_t at_[kLeaf + 16];  // see Kernels::positions
};

}  // namespace easy11::range
