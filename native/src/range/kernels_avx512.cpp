#include "kernels.hpp"

#if defined(EASY11_X86)
#include <immintrin.h>

#include <type_traits>

namespace easy11::range {
namespace {

EASY11_TARGET_AVX512 void andCodes(const std::uint8_t* codes, std::uint32_t words, std::uint8_t lo, std::uint8_t hi,
                                   std::uint64_t* masks) noexcept {
  const __m512i least = _mm512_set1_epi8(static_cast<char>(lo));
  const __m512i span = _mm512_set1_epi8(static_cast<char>(hi - lo));
  for (std::uint32_t w = 0; w < words; ++w, codes += 64)
    masks[w] &= _mm512_cmple_epu8_mask(_mm512_sub_epi8(_mm512_loadu_si512(codes), least), span);
}

EASY11_TARGET_AVX512 inline __m512d load(const std::int32_t* at, __mmask8 mask) noexcept {
  return _mm512_maskz_cvtepi32_pd(0xff, _mm256_maskz_loadu_epi32(mask, at));
}
EASY11_TARGET_AVX512 inline __m512d load(const float* at, __mmask8 mask) noexcept {
  return _mm512_maskz_cvtps_pd(0xff, _mm256_maskz_loadu_ps(mask, at));
}
EASY11_TARGET_AVX512 inline __m512d load(const double* at, __mmask8 mask) noexcept {
  return _mm512_maskz_loadu_pd(mask, at);
}

EASY11_TARGET_AVX512 void orEqual(const std::uint16_t* codes, std::uint32_t words, std::uint16_t value,
                                  std::uint64_t* masks) noexcept {
  const __m512i wanted = _mm512_set1_epi16(static_cast<short>(value));
  for (std::uint32_t w = 0; w < words; ++w, codes += 64) {
    const __mmask32 first = _mm512_cmpeq_epi16_mask(_mm512_loadu_si512(codes), wanted);
    const __mmask32 second = _mm512_cmpeq_epi16_mask(_mm512_loadu_si512(codes + 32), wanted);
    // Not by shifting: GCC 12 at -Og with ThreadSanitizer keeps a mask in 32 bits of the stack and reads 64 of them.
    masks[w] |= _mm512_kunpackd(second, first);
  }
}

// A shuffle gives 0 where the highest bit of a code is set: each half of the set answers for its codes.
EASY11_TARGET_AVX512 void andMembers(const std::uint8_t* codes, std::uint32_t words, const ByteSet& set,
                                     std::uint64_t* masks) noexcept {
  const __m512i low = _mm512_maskz_broadcast_i32x4(0xffff, _mm_loadu_si128(reinterpret_cast<const __m128i*>(set.bits)));
  const __m512i high = _mm512_maskz_broadcast_i32x4(0xffff, _mm_loadu_si128(reinterpret_cast<const __m128i*>(set.bits + 16)));
  const __m512i top = _mm512_set1_epi8(static_cast<char>(0x80)), nibble = _mm512_set1_epi8(15);
  const __m512i powers = _mm512_set1_epi64(static_cast<long long>(0x8040201008040201u));
  for (std::uint32_t w = 0; w < words; ++w, codes += 64) {
    const __m512i x = _mm512_loadu_si512(codes);
    const __m512i bits = _mm512_or_si512(_mm512_shuffle_epi8(low, x), _mm512_shuffle_epi8(high, _mm512_xor_si512(x, top)));
    masks[w] &= _mm512_test_epi8_mask(bits, _mm512_shuffle_epi8(powers, _mm512_and_si512(_mm512_srli_epi16(x, 4), nibble)));
  }
}

EASY11_TARGET_AVX512 std::uint32_t countEqual(const std::uint8_t* codes, std::uint32_t words, std::uint8_t value,
                                              const std::uint64_t* masks) noexcept {
  const __m512i wanted = _mm512_set1_epi8(static_cast<char>(value));
  std::uint64_t total = 0;
  for (std::uint32_t w = 0; w < words; ++w, codes += 64) {
    const __mmask64 equal = _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(codes), wanted);
    total += static_cast<std::uint64_t>(__builtin_popcountll(equal & masks[w]));
  }
  return static_cast<std::uint32_t>(total);
}

EASY11_TARGET_AVX512 std::uint32_t countBits(const std::uint64_t* masks, std::uint32_t words) noexcept {
  std::uint64_t total = 0;
  for (std::uint32_t w = 0; w < words; ++w) total += static_cast<std::uint64_t>(__builtin_popcountll(masks[w]));
  return static_cast<std::uint32_t>(total);
}

// Sixteen at a time, of which those of the bits are pushed together.
EASY11_TARGET_AVX512 std::uint32_t positions(const std::uint64_t* masks, std::uint32_t words,
                                             std::uint16_t* at) noexcept {
  std::uint16_t* next = at;
  const __m512i first = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (std::uint32_t w = 0; w < words; ++w) {
    if (masks[w] == 0) continue;
    for (unsigned i = 0; i < 64; i += 16) {
      const auto some = static_cast<__mmask16>(masks[w] >> i);
      const __m512i all = _mm512_add_epi32(first, _mm512_set1_epi32(static_cast<int>(w * 64 + i)));
      const __m256i packed = _mm512_maskz_cvtepi32_epi16(0xffff, _mm512_maskz_compress_epi32(some, all));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(next), packed);
      next += __builtin_popcount(some);
    }
  }
  return static_cast<std::uint32_t>(next - at);
}

// The register is written whole: a store of just the bytes wanted is slow on Zen 4.
EASY11_TARGET_VBMI2 std::uint32_t pack(const std::uint8_t* codes, std::uint32_t words, const std::uint64_t* masks,
                                       std::uint8_t* out) noexcept {
  std::uint8_t* next = out;
  for (std::uint32_t w = 0; w < words; ++w, codes += 64) {
    _mm512_storeu_si512(next, _mm512_maskz_compress_epi8(masks[w], _mm512_loadu_si512(codes)));
    next += __builtin_popcountll(masks[w]);
  }
  return static_cast<std::uint32_t>(next - out);
}

template <bool kAdd>
EASY11_TARGET_AVX512 void changeCounts(const std::uint32_t* from, std::uint32_t size, std::uint32_t* counts) noexcept {
  for (std::uint32_t i = 0; i < size; i += 16) {
    const __m512i by = _mm512_loadu_si512(from + i);
    const __m512i now = _mm512_loadu_si512(counts + i);
    _mm512_storeu_si512(counts + i, kAdd ? _mm512_add_epi32(now, by) : _mm512_sub_epi32(now, by));
  }
}

template <bool kAdd>
EASY11_TARGET_AVX512 void changeNarrow(const std::uint16_t* from, std::uint32_t size, std::uint32_t* counts) noexcept {
  for (std::uint32_t i = 0; i < size; i += 16) {
    const __m256i narrow = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i));
    const __m512i by = _mm512_maskz_cvtepu16_epi32(0xffff, narrow);
    const __m512i now = _mm512_loadu_si512(counts + i);
    _mm512_storeu_si512(counts + i, kAdd ? _mm512_add_epi32(now, by) : _mm512_sub_epi32(now, by));
  }
}

template <class T>
EASY11_TARGET_AVX512 Summary summarise(const void* data, std::uint32_t size) noexcept {
  constexpr double kNone = std::is_same_v<T, std::int32_t> ? 2147483647.0 : std::numeric_limits<double>::infinity();
  const T* const values = static_cast<const T*>(data);
  const __m512d none = _mm512_set1_pd(kNone);
  __m512d sum = _mm512_setzero_pd();
  __m512d min = _mm512_set1_pd(std::numeric_limits<double>::infinity());
  __m512d max = _mm512_set1_pd(-std::numeric_limits<double>::infinity());
  Summary out;
  for (std::uint32_t i = 0; i < size; i += 8) {
    const __mmask8 here = size - i >= 8 ? 0xff : static_cast<__mmask8>((1u << (size - i)) - 1);
    const __m512d x = load(values + i, here);
    const __mmask8 in = _mm512_mask_cmp_pd_mask(here, x, none, _CMP_LT_OQ);
    sum = _mm512_mask_add_pd(sum, in, sum, x);
    min = _mm512_mask_min_pd(min, in, min, x);
    max = _mm512_mask_max_pd(max, in, max, x);
    out.valid += static_cast<std::uint32_t>(__builtin_popcount(in));
  }
  double lane[8], least[8], most[8];
  _mm512_storeu_pd(lane, sum);
  _mm512_storeu_pd(least, min);
  _mm512_storeu_pd(most, max);
  out.sum = addLanes(lane);
  for (unsigned k = 0; k < 8; ++k) {
    out.min = least[k] < out.min ? least[k] : out.min;
    out.max = most[k] > out.max ? most[k] : out.max;
  }
  return out;
}

}  // namespace

const Kernels kAvx512Kernels = {andCodes,
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

const Kernels kVbmi2Kernels = {andCodes,
                               orEqual,
                               andMembers,
                               countEqual,
                               countBits,
                               positions,
                               pack,
                               changeCounts<true>,
                               changeCounts<false>,
                               changeNarrow<true>,
                               changeNarrow<false>,
                               {summarise<std::int32_t>, summarise<float>, summarise<double>}};

}  // namespace easy11::range
#endif
