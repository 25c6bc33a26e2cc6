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

EASY11_TARGET_AVX2 inline __m256i loadBytes(const void* at) noexcept {
  return _mm256_loadu_si256(static_cast<const __m256i*>(at));
}
EASY11_TARGET_AVX2 inline std::uint64_t bitsOf(__m256i low, __m256i high) noexcept {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(low)) |
         static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(high))) << 32;
}

// A shuffle gives 0 where the highest bit of a code is set: each half of the set answers for its codes.
EASY11_TARGET_AVX2 void andMembers(const std::uint8_t* codes, std::uint32_t words, const ByteSet& set,
                                   std::uint64_t* masks) noexcept {
  const __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(set.bits)));
  const __m256i high = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(set.bits + 16)));
  const __m256i top = _mm256_set1_epi8(static_cast<char>(0x80)), nibble = _mm256_set1_epi8(15);
  const __m256i powers = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201u));
  const auto in = [&](const std::uint8_t* at) EASY11_TARGET_AVX2 {
    const __m256i x = loadBytes(at);
    const __m256i bits = _mm256_or_si256(_mm256_shuffle_epi8(low, x), _mm256_shuffle_epi8(high, _mm256_xor_si256(x, top)));
    const __m256i bit = _mm256_shuffle_epi8(powers, _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble));
    return _mm256_cmpeq_epi8(_mm256_and_si256(bits, bit), bit);
  };
  for (std::uint32_t w = 0; w < words; ++w, codes += 64) masks[w] &= bitsOf(in(codes), in(codes + 32));
}

EASY11_TARGET_AVX2 std::uint32_t countEqual(const std::uint8_t* codes, std::uint32_t words, std::uint8_t value,
                                            const std::uint64_t* masks) noexcept {
  const __m256i wanted = _mm256_set1_epi8(static_cast<char>(value));
  std::uint64_t total = 0;
  for (std::uint32_t w = 0; w < words; ++w, codes += 64) {
    const std::uint64_t equal =
        bitsOf(_mm256_cmpeq_epi8(loadBytes(codes), wanted), _mm256_cmpeq_epi8(loadBytes(codes + 32), wanted));
    total += static_cast<std::uint64_t>(__builtin_popcountll(equal & masks[w]));
  }
  return static_cast<std::uint32_t>(total);
}

EASY11_TARGET_AVX2 std::uint32_t countBits(const std::uint64_t* masks, std::uint32_t words) noexcept {
  std::uint64_t total = 0;
  for (std::uint32_t w = 0; w < words; ++w) total += static_cast<std::uint64_t>(__builtin_popcountll(masks[w]));
  return static_cast<std::uint32_t>(total);
}

// Eight at a time, whether there are as many or not: what is written too much is written over.
EASY11_TARGET_AVX2 std::uint32_t positions(const std::uint64_t* masks, std::uint32_t words, std::uint16_t* at) noexcept {
  std::uint16_t* next = at;
  for (std::uint32_t w = 0; w < words; ++w) {
    std::uint64_t bits = masks[w];
    const auto here = static_cast<std::uint32_t>(__builtin_popcountll(bits));
    for (std::uint32_t i = 0; i < here; i += 8) {
      for (unsigned k = 0; k < 8; ++k, bits &= bits - 1) next[i + k] = static_cast<std::uint16_t>(w * 64 + _tzcnt_u64(bits));
    }
    next += here;
  }
  return static_cast<std::uint32_t>(next - at);
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

template <bool kAdd>
EASY11_TARGET_AVX2 void changeNarrow(const std::uint16_t* from, std::uint32_t size, std::uint32_t* counts) noexcept {
  for (std::uint32_t i = 0; i < size; i += 8) {
    auto* const to = reinterpret_cast<__m256i*>(counts + i);
    const __m256i by = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i)));
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
