#include <type_traits>

#include "easy11/bits.hpp"
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

void orEqual(const std::uint16_t* codes, std::uint32_t words, std::uint16_t value, std::uint64_t* masks) noexcept {
  for (std::uint32_t w = 0; w < words; ++w, codes += 64)
    for (unsigned i = 0; i < 64; ++i) masks[w] |= static_cast<std::uint64_t>(codes[i] == value) << i;
}

void andMembers(const std::uint8_t* codes, std::uint32_t words, const ByteSet& set, std::uint64_t* masks) noexcept {
  for (std::uint32_t w = 0; w < words; ++w, codes += 64) {
    if (masks[w] == 0) continue;
    std::uint64_t in = 0;
    for (unsigned i = 0; i < 64; ++i) in |= static_cast<std::uint64_t>(set.has(codes[i])) << i;
    masks[w] &= in;
  }
}

std::uint32_t countEqual(const std::uint8_t* codes, std::uint32_t words, std::uint8_t value,
                         const std::uint64_t* masks) noexcept {
  std::uint32_t total = 0;
  for (std::uint32_t w = 0; w < words; ++w, codes += 64) {
    std::uint64_t in = 0;
    for (unsigned i = 0; i < 64; ++i) in |= static_cast<std::uint64_t>(codes[i] == value) << i;
    total += easy11::countBits(in & masks[w]);
  }
  return total;
}

std::uint32_t countBits(const std::uint64_t* masks, std::uint32_t words) noexcept {
  std::uint32_t total = 0;
  for (std::uint32_t w = 0; w < words; ++w) total += easy11::countBits(masks[w]);
  return total;
}

std::uint32_t positions(const std::uint64_t* masks, std::uint32_t words, std::uint16_t* at) noexcept {
  std::uint32_t count = 0;
  for (std::uint32_t w = 0; w < words; ++w)
    for (std::uint64_t bits = masks[w]; bits != 0; bits &= bits - 1)
      at[count++] = static_cast<std::uint16_t>(w * 64 + lowestBit(bits));
  return count;
}

void addCounts(const std::uint32_t* from, std::uint32_t size, std::uint32_t* counts) noexcept {
  for (std::uint32_t i = 0; i < size; ++i) counts[i] += from[i];
}
void subtractCounts(const std::uint32_t* from, std::uint32_t size, std::uint32_t* counts) noexcept {
  for (std::uint32_t i = 0; i < size; ++i) counts[i] -= from[i];
}

void addNarrow(const std::uint16_t* from, std::uint32_t size, std::uint32_t* counts) noexcept {
  for (std::uint32_t i = 0; i < size; ++i) counts[i] += from[i];
}
void subtractNarrow(const std::uint16_t* from, std::uint32_t size, std::uint32_t* counts) noexcept {
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
    orEqual,
    andMembers,
    countEqual,
    countBits,
    positions,
    nullptr,
    addCounts,
    subtractCounts,
    addNarrow,
    subtractNarrow,
    {summarise<std::int32_t>, summarise<float>, summarise<double>}};

// A code of 0, no value, adds nothing: lanes begin at +0, which neither zero changes.
Summary summariseCodes(const std::uint8_t* codes, std::uint32_t size, const Meanings& meanings) noexcept {
  const double* const addends = meanings.addends.data();
  double lane[8] = {};
  std::uint32_t i = 0;
  for (; i + 8 <= size; i += 8)
    for (unsigned k = 0; k < 8; ++k) lane[k] += addends[codes[i + k]];
  for (; i < size; ++i) lane[i % 8] += addends[codes[i]];
  Summary out;
  out.sum = addLanes(lane);
  std::uint8_t most = 0, before = 255;  // the least code but one, so that 0 comes last
  for (i = 0; i < size; ++i) {
    const auto code = codes[i], down = static_cast<std::uint8_t>(code - 1);
    out.valid += code != 0;
    most = code > most ? code : most;
    before = down < before ? down : before;
  }
  if (most == 0) return out;
  out.min = meanings.values[before + 1u];
  out.max = meanings.values[most];
  return out;
}

namespace {

const Kernels& choose() noexcept {
#if defined(EASY11_X86)
  if (hasVbmi2()) return kVbmi2Kernels;
  if (isa() == Isa::kAvx512) return kAvx512Kernels;
  if (isa() == Isa::kAvx2) return kAvx2Kernels;
#elif defined(EASY11_ARM64)
  if (isa() == Isa::kNeon) return kNeonKernels;
#endif
  return kScalarKernels;
}

}  // namespace

const Kernels& kernels() noexcept {
  static const Kernels& chosen = choose();
  return chosen;
}

}  // namespace easy11::range
