#include "kernels.hpp"

#if defined(EASY11_ARM64)
#include <arm_neon.h>

#include <type_traits>

#include "easy11/bits.hpp"

namespace easy11::range {
namespace {

constexpr std::uint8_t kBits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};

// One bit for each of 64 bytes that are all ones or none: neighbours are added until eight bytes hold them.
inline std::uint64_t bitsOf(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d) noexcept {
  const uint8x16_t bits = vld1q_u8(kBits);
  const uint8x16_t low = vpaddq_u8(vandq_u8(a, bits), vandq_u8(b, bits));
  const uint8x16_t high = vpaddq_u8(vandq_u8(c, bits), vandq_u8(d, bits));
  const uint8x16_t halves = vpaddq_u8(low, high);
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(halves, halves)), 0);
}

// The same of what a test says of each sixteen of 64 codes.
template <class Test>
inline std::uint64_t bitsWhere(const std::uint8_t* codes, const Test& test) noexcept {
  return bitsOf(test(vld1q_u8(codes)), test(vld1q_u8(codes + 16)), test(vld1q_u8(codes + 32)),
                test(vld1q_u8(codes + 48)));
}

void andCodes(const std::uint8_t* codes, std::uint32_t words, std::uint8_t lo, std::uint8_t hi,
              std::uint64_t* masks) noexcept {
  const uint8x16_t least = vdupq_n_u8(lo), most = vdupq_n_u8(hi);
  const auto in = [&](uint8x16_t x) { return vandq_u8(vcgeq_u8(x, least), vcleq_u8(x, most)); };
  for (std::uint32_t w = 0; w < words; ++w, codes += 64) masks[w] &= bitsWhere(codes, in);
}

void orEqual(const std::uint16_t* codes, std::uint32_t words, std::uint16_t value, std::uint64_t* masks) noexcept {
  const uint16x8_t wanted = vdupq_n_u16(value);
  const auto equal = [&](const std::uint16_t* at) {
    return vcombine_u8(vmovn_u16(vceqq_u16(vld1q_u16(at), wanted)), vmovn_u16(vceqq_u16(vld1q_u16(at + 8), wanted)));
  };
  for (std::uint32_t w = 0; w < words; ++w, codes += 64)
    masks[w] |= bitsOf(equal(codes), equal(codes + 16), equal(codes + 32), equal(codes + 48));
}

// The set is one table of 32 bytes here: the lower four bits of a code and its highest say which byte answers for it.
void andMembers(const std::uint8_t* codes, std::uint32_t words, const ByteSet& set, std::uint64_t* masks) noexcept {
  const uint8x16x2_t table = {{vld1q_u8(set.bits), vld1q_u8(set.bits + 16)}};
  const uint8x16_t powers = vld1q_u8(kBits), nibble = vdupq_n_u8(15), seven = vdupq_n_u8(7);
  const auto in = [&](uint8x16_t x) {
    const uint8x16_t place = vorrq_u8(vandq_u8(x, nibble), vshlq_n_u8(vshrq_n_u8(x, 7), 4));
    return vtstq_u8(vqtbl2q_u8(table, place), vqtbl1q_u8(powers, vandq_u8(vshrq_n_u8(x, 4), seven)));
  };
  for (std::uint32_t w = 0; w < words; ++w, codes += 64) masks[w] &= bitsWhere(codes, in);
}

std::uint32_t countEqual(const std::uint8_t* codes, std::uint32_t words, std::uint8_t value,
                         const std::uint64_t* masks) noexcept {
  const uint8x16_t wanted = vdupq_n_u8(value);
  const auto equal = [&](uint8x16_t x) { return vceqq_u8(x, wanted); };
  std::uint32_t total = 0;
  for (std::uint32_t w = 0; w < words; ++w, codes += 64) total += easy11::countBits(bitsWhere(codes, equal) & masks[w]);
  return total;
}

std::uint32_t countBits(const std::uint64_t* masks, std::uint32_t words) noexcept {
  uint64x2_t total = vdupq_n_u64(0);
  std::uint32_t w = 0;
  for (; w + 2 <= words; w += 2) {
    const uint8x16_t counts = vcntq_u8(vreinterpretq_u8_u64(vld1q_u64(masks + w)));
    total = vpadalq_u32(total, vpaddlq_u16(vpaddlq_u8(counts)));
  }
  return static_cast<std::uint32_t>(vaddvq_u64(total)) + (w < words ? easy11::countBits(masks[w]) : 0);
}

std::uint32_t positions(const std::uint64_t* masks, std::uint32_t words, std::uint16_t* at) noexcept {
  std::uint16_t* next = at;
  for (std::uint32_t w = 0; w < words; ++w)
    for (std::uint64_t bits = masks[w]; bits != 0; bits &= bits - 1)
      *next++ = static_cast<std::uint16_t>(w * 64 + lowestBit(bits));
  return static_cast<std::uint32_t>(next - at);
}

template <bool kAdd>
void changeCounts(const std::uint32_t* from, std::uint32_t size, std::uint32_t* counts) noexcept {
  for (std::uint32_t i = 0; i < size; i += 4) {
    const uint32x4_t now = vld1q_u32(counts + i), by = vld1q_u32(from + i);
    vst1q_u32(counts + i, kAdd ? vaddq_u32(now, by) : vsubq_u32(now, by));
  }
}

template <bool kAdd>
void changeNarrow(const std::uint16_t* from, std::uint32_t size, std::uint32_t* counts) noexcept {
  for (std::uint32_t i = 0; i < size; i += 4) {
    const uint32x4_t now = vld1q_u32(counts + i);
    const uint16x4_t by = vld1_u16(from + i);
    vst1q_u32(counts + i, kAdd ? vaddw_u16(now, by) : vsubw_u16(now, by));
  }
}

inline float64x2_t load(const std::int32_t* at) noexcept { return vcvtq_f64_s64(vmovl_s32(vld1_s32(at))); }
inline float64x2_t load(const float* at) noexcept { return vcvt_f64_f32(vld1_f32(at)); }
inline float64x2_t load(const double* at) noexcept { return vld1q_f64(at); }

template <class T>
Summary summarise(const void* data, std::uint32_t size) noexcept {
  constexpr double kNone = std::is_same_v<T, std::int32_t> ? 2147483647.0 : std::numeric_limits<double>::infinity();
  const T* const values = static_cast<const T*>(data);
  const float64x2_t none = vdupq_n_f64(kNone);
  const float64x2_t high = vdupq_n_f64(std::numeric_limits<double>::infinity());
  const float64x2_t low = vnegq_f64(high);
  float64x2_t sum[4], min[4], max[4];
  uint64x2_t valid = vdupq_n_u64(0);
  for (unsigned k = 0; k < 4; ++k) {
    sum[k] = vdupq_n_f64(0);
    min[k] = high;
    max[k] = low;
  }
  std::uint32_t i = 0;
  for (; i + 8 <= size; i += 8) {
    for (unsigned k = 0; k < 4; ++k) {
      const float64x2_t x = load(values + i + 2 * k);
      const uint64x2_t in = vcltq_f64(x, none);
      sum[k] = vaddq_f64(sum[k], vreinterpretq_f64_u64(vandq_u64(in, vreinterpretq_u64_f64(x))));
      min[k] = vminq_f64(min[k], vbslq_f64(in, x, high));
      max[k] = vmaxq_f64(max[k], vbslq_f64(in, x, low));
      valid = vsubq_u64(valid, in);
    }
  }
  double lane[8];
  for (unsigned k = 0; k < 4; ++k) vst1q_f64(lane + 2 * k, sum[k]);
  Summary out;
  out.valid = static_cast<std::uint32_t>(vaddvq_u64(valid));
  out.min = vminvq_f64(vminq_f64(vminq_f64(min[0], min[1]), vminq_f64(min[2], min[3])));
  out.max = vmaxvq_f64(vmaxq_f64(vmaxq_f64(max[0], max[1]), vmaxq_f64(max[2], max[3])));
  for (; i < size; ++i) {
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

const Kernels kNeonKernels = {andCodes,
                              orEqual,
                              andMembers,
                              countEqual,
                              countBits,
                              positions,
                              nullptr,
                              changeCounts<true>,
                              changeCounts<false>,
                              changeNarrow<true>,
                              changeNarrow<false>,
                              {summarise<std::int32_t>, summarise<float>, summarise<double>}};

}  // namespace easy11::range
#endif
