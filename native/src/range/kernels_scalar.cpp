#include <type_traits>

#include "kernels.hpp"

namespace easy11::range {
namespace {

void andCodes(const std::uint8_t* codes, std::uint32_t words, std::uint8_t lo, std::uint8_t hi,
              std::uint64_t* masks) noexcept {
  const unsigned span = static_cast<unsigned>(hi) - lo;
  for (std::uint32_t w = 0; w < words; ++w, codes += 64) {
    if (masks[w] == 0) continue;
    std::uint64_t in = 0;
    for (unsigned i = 0; i < 64; ++i)
      in |= static_cast<std::uint64_t>(static_cast<unsigned>(codes[i]) - lo <= span) << i;
    masks[w] &= in;
  }
}

template <class T>
void andBetween(const void* data, std::uint32_t words, double least, double most, std::uint64_t* masks) noexcept {
  const T* values = static_cast<const T*>(data);
  for (std::uint32_t w = 0; w < words; ++w, values += 64) {
    if (masks[w] == 0) continue;
    std::uint64_t in = 0;
    for (unsigned i = 0; i < 64; ++i) {
      const double value = static_cast<double>(values[i]);
      in |= static_cast<std::uint64_t>((value >= least) & (value <= most)) << i;
    }
    masks[w] &= in;
  }
}

void orEqual(const std::uint16_t* codes, std::uint32_t words, std::uint16_t value, std::uint64_t* masks) noexcept {
  for (std::uint32_t w = 0; w < words; ++w, codes += 64)
    for (unsigned i = 0; i < 64; ++i) masks[w] |= static_cast<std::uint64_t>(codes[i] == value) << i;
}

void addCounts(const std::uint32_t* from, std::uint32_t size, std::uint32_t* counts) noexcept {
  for (std::uint32_t i = 0; i < size; ++i) counts[i] += from[i];
}
void subtractCounts(const std::uint32_t* from, std::uint32_t size, std::uint32_t* counts) noexcept {
  for (std::uint32_t i = 0; i < size; ++i) counts[i] -= from[i];
}

template <class T>
Summary summarise(const void* data, std::uint32_t size) noexcept {
  constexpr double kNone = std::is_same_v<T, std::int32_t> ? 2147483647.0 : std::numeric_limits<double>::infinity();
  const T* const values = static_cast<const T*>(data);
  double lane[8] = {};
  Summary out;
  for (std::uint32_t i = 0; i < size; ++i) {
    const double value = static_cast<double>(values[i]);
    if (!(value < kNone)) continue;
    ++out.valid;
    lane[i % 8] += value;
    out.min = value < out.min ? value : out.min;
    out.max = value > out.max ? value : out.max;
  }
  out.sum = addLanes(lane);
  return out;
}

}  // namespace

const Kernels kScalarKernels = {
    andCodes,
    {andBetween<std::int32_t>, andBetween<float>, andBetween<double>},
    orEqual,
    addCounts,
    subtractCounts,
    {summarise<std::int32_t>, summarise<float>, summarise<double>}};

const Kernels& kernels() noexcept {
#if defined(EASY11_X86)
  if (isa() == Isa::kAvx512) return kAvx512Kernels;
  if (isa() == Isa::kAvx2) return kAvx2Kernels;
#endif
  return kScalarKernels;
}

}  // namespace easy11::range
