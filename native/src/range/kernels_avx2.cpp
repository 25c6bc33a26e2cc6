#include "kernels.hpp"

#if defined(EASY11_X86)
#include <immintrin.h>

#include <type_traits>

namespace easy11::range {
namespace {

// Bytes in lo..hi: max(lo, min(hi, x)) == x.
EASY11_TARGET_AVX2 std::uint32_t inRange(const std::uint8_t* codes, __m256i lo, __m256i hi) noexcept {
  const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes));
  return static_cast<std::uint32_t>(
      _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(lo, _mm256_min_epu8(hi, x)), x)));
}

EASY11_TARGET_AVX2 void andCodes(const std::uint8_t* codes, std::uint32_t words, std::uint8_t lo, std::uint8_t hi,
                                 std::uint64_t* masks) noexcept {
  const __m256i least = _mm256_set1_epi8(static_cast<char>(lo)), most = _mm256_set1_epi8(static_cast<char>(hi));
  for (std::uint32_t w = 0; w < words; ++w, codes += 64)
    masks[w] &= inRange(codes, least, most) | static_cast<std::uint64_t>(inRange(codes + 32, least, most)) << 32;
}

EASY11_TARGET_AVX2 inline __m256d load(const std::int32_t* at) noexcept {
  return _mm256_cvtepi32_pd(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
}
EASY11_TARGET_AVX2 inline __m256d load(const float* at) noexcept { return _mm256_cvtps_pd(_mm_loadu_ps(at)); }
EASY11_TARGET_AVX2 inline __m256d load(const double* at) noexcept { return _mm256_loadu_pd(at); }

template <class T>
EASY11_TARGET_AVX2 void andBetween(const void* data, std::uint32_t words, double least, double most,
                                   std::uint64_t* masks) noexcept {
  const T* values = static_cast<const T*>(data);
  const __m256d low = _mm256_set1_pd(least), high = _mm256_set1_pd(most);
  for (std::uint32_t w = 0; w < words; ++w, values += 64) {
    if (masks[w] == 0) continue;
    std::uint64_t in = 0;
    for (unsigned i = 0; i < 64; i += 4) {
      const __m256d x = load(values + i);
      const __m256d both = _mm256_and_pd(_mm256_cmp_pd(x, low, _CMP_GE_OQ), _mm256_cmp_pd(x, high, _CMP_LE_OQ));
      in |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm256_movemask_pd(both))) << i;
    }
    masks[w] &= in;
  }
}

EASY11_TARGET_AVX2 void orEqual(const std::uint16_t* codes, std::uint32_t words, std::uint16_t value,
                                std::uint64_t* masks) noexcept {
  const __m256i wanted = _mm256_set1_epi16(static_cast<short>(value));
  const auto equal = [&](const std::uint16_t* at) EASY11_TARGET_AVX2 {
    return _mm256_cmpeq_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)), wanted);
  };
  for (std::uint32_t w = 0; w < words; ++w, codes += 64) {
    for (unsigned half = 0; half < 2; ++half) {
      // Packing works within halves of the register: the permutation puts the rows back in order.
      const __m256i packed = _mm256_packs_epi16(equal(codes + 32 * half), equal(codes + 32 * half + 16));
      const auto bits = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_permute4x64_epi64(packed, 0xd8)));
      masks[w] |= static_cast<std::uint64_t>(bits) << (32 * half);
    }
  }
}

template <bool kAdd>
EASY11_TARGET_AVX2 void changeCounts(const std::uint32_t* from, std::uint32_t size, std::uint32_t* counts) noexcept {
  for (std::uint32_t i = 0; i < size; i += 8) {
    auto* const to = reinterpret_cast<__m256i*>(counts + i);
    const __m256i by = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i));
    const __m256i now = _mm256_loadu_si256(to);
    _mm256_storeu_si256(to, kAdd ? _mm256_add_epi32(now, by) : _mm256_sub_epi32(now, by));
  }
}

template <class T>
EASY11_TARGET_AVX2 Summary summarise(const void* data, std::uint32_t size) noexcept {
  constexpr double kNone = std::is_same_v<T, std::int32_t> ? 2147483647.0 : std::numeric_limits<double>::infinity();
  const T* const values = static_cast<const T*>(data);
  const __m256d none = _mm256_set1_pd(kNone);
  const __m256d high = _mm256_set1_pd(std::numeric_limits<double>::infinity());
  const __m256d low = _mm256_set1_pd(-std::numeric_limits<double>::infinity());
  __m256d sum[2] = {_mm256_setzero_pd(), _mm256_setzero_pd()}, min[2] = {high, high}, max[2] = {low, low};
  __m256i valid[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
  std::uint32_t i = 0;
  for (; i + 8 <= size; i += 8) {
    for (unsigned half = 0; half < 2; ++half) {
      const __m256d x = load(values + i + 4 * half);
      const __m256d in = _mm256_cmp_pd(x, none, _CMP_LT_OQ);
      sum[half] = _mm256_add_pd(sum[half], _mm256_and_pd(in, x));
      min[half] = _mm256_min_pd(min[half], _mm256_blendv_pd(high, x, in));
      max[half] = _mm256_max_pd(max[half], _mm256_blendv_pd(low, x, in));
      valid[half] = _mm256_sub_epi64(valid[half], _mm256_castpd_si256(in));
    }
  }
  double lane[8], least[4], most[4];
  std::uint64_t counts[4];
  _mm256_storeu_pd(lane, sum[0]);
  _mm256_storeu_pd(lane + 4, sum[1]);
  _mm256_storeu_pd(least, _mm256_min_pd(min[0], min[1]));
  _mm256_storeu_pd(most, _mm256_max_pd(max[0], max[1]));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(counts), _mm256_add_epi64(valid[0], valid[1]));
  Summary out;
  for (unsigned k = 0; k < 4; ++k) {
    out.valid += static_cast<std::uint32_t>(counts[k]);
    out.min = least[k] < out.min ? least[k] : out.min;
    out.max = most[k] > out.max ? most[k] : out.max;
  }
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

const Kernels kAvx2Kernels = {andCodes,
                              {andBetween<std::int32_t>, andBetween<float>, andBetween<double>},
                              orEqual,
                              changeCounts<true>,
                              changeCounts<false>,
                              {summarise<std::int32_t>, summarise<float>, summarise<double>}};

}  // namespace easy11::range
#endif
