#include "easy11/isa.hpp"

#if defined(EASY11_X86)
#if defined(__GNUC__) && !defined(__clang__)
// GCC's own header is what it warns of (its bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include <cstring>

#include "kernels.hpp"

#define EASY11_KERNEL EASY11_TARGET_AVX512
#define EASY11_ISA avx512

namespace easy11::als::avx512 {
namespace {

struct Lanes {
  using V = __m512;
  static constexpr std::size_t kWidth = 16;
  static constexpr std::size_t kTile = 4;
  EASY11_KERNEL static V load(const float* p) { return _mm512_loadu_ps(p); }
  EASY11_KERNEL static void store(float* p, V a) { _mm512_storeu_ps(p, a); }
  EASY11_KERNEL static V set(float x) { return _mm512_set1_ps(x); }
  EASY11_KERNEL static V add(V a, V b) { return _mm512_add_ps(a, b); }
  EASY11_KERNEL static V mul(V a, V b) { return _mm512_mul_ps(a, b); }
  EASY11_KERNEL static V div(V a, V b) { return _mm512_div_ps(a, b); }
  EASY11_KERNEL static V root(V a) { return _mm512_sqrt_ps(a); }
  EASY11_KERNEL static V fma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
  EASY11_KERNEL static V fnma(V a, V b, V c) { return _mm512_fnmadd_ps(a, b, c); }
  EASY11_KERNEL static V ints(const std::int32_t* p) { return _mm512_cvtepi32_ps(_mm512_loadu_si512(p)); }
  EASY11_KERNEL static std::uint32_t reaching(V a, V bar) { return _mm512_cmp_ps_mask(a, bar, _CMP_NLT_UQ); }
  EASY11_KERNEL static __m256 half(V a) {
    return _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
  }
  EASY11_KERNEL static __m128 quarter(__m256 a) {
    return _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  }
  EASY11_KERNEL static float sum(V a) {
    __m128 s = quarter(half(a));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
  }
  EASY11_KERNEL static void sum4(V a, V b, V c, V d, float* out) {
    const __m256 pairs = _mm256_hadd_ps(_mm256_hadd_ps(half(a), half(b)), _mm256_hadd_ps(half(c), half(d)));
    _mm_storeu_ps(out, quarter(pairs));
  }
  EASY11_KERNEL static void prefetch(const float* p) { _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T0); }
};

// Items are at most 127 and queries within ±127: the sum of two products fits 16 bits.
EASY11_KERNEL void scan(const std::uint8_t* block, std::size_t groups, const std::int8_t* query, std::int32_t* out) {
  __m512i sums = _mm512_loadu_si512(out), more = _mm512_setzero_si512();
  const __m512i ones = _mm512_set1_epi16(1);
  for (std::size_t g = 0; g + 2 <= groups; g += 2, block += 128, query += 8) {
    std::int32_t first, second;
    std::memcpy(&first, query, 4);
    std::memcpy(&second, query + 4, 4);
    const __m512i a = _mm512_maddubs_epi16(_mm512_loadu_si512(block), _mm512_set1_epi32(first));
    const __m512i b = _mm512_maddubs_epi16(_mm512_loadu_si512(block + 64), _mm512_set1_epi32(second));
    sums = _mm512_add_epi32(sums, _mm512_madd_epi16(a, ones));
    more = _mm512_add_epi32(more, _mm512_madd_epi16(b, ones));
  }
  _mm512_storeu_si512(out, _mm512_add_epi32(sums, more));
}

EASY11_KERNEL void turn(double* a, double* b, std::size_t size, double c, double s) {
  const __m512d cosine = _mm512_set1_pd(c), sine = _mm512_set1_pd(s);
  for (std::size_t i = 0; i < size; i += 8) {
    const __m512d x = _mm512_loadu_pd(a + i), y = _mm512_loadu_pd(b + i);
    _mm512_storeu_pd(a + i, _mm512_fmadd_pd(cosine, x, _mm512_mul_pd(sine, y)));
    _mm512_storeu_pd(b + i, _mm512_fmsub_pd(cosine, y, _mm512_mul_pd(sine, x)));
  }
}

}  // namespace
}  // namespace easy11::als::avx512

#include "kernels_body.hpp"
#endif
