#include "easy11/isa.hpp"

#if defined(EASY11_X86)
#include <immintrin.h>

#include <cstring>

#include "kernels.hpp"

#define EASY11_KERNEL EASY11_TARGET_AVX2
#define EASY11_ISA avx2

namespace easy11::als::avx2 {
namespace {

struct Lanes {
  using V = __m256;
  static constexpr std::size_t kWidth = 8;
  static constexpr std::size_t kTile = 2;
  EASY11_KERNEL static V load(const float* p) { return _mm256_loadu_ps(p); }
  EASY11_KERNEL static void store(float* p, V a) { _mm256_storeu_ps(p, a); }
  EASY11_KERNEL static V set(float x) { return _mm256_set1_ps(x); }
  EASY11_KERNEL static V add(V a, V b) { return _mm256_add_ps(a, b); }
  EASY11_KERNEL static V mul(V a, V b) { return _mm256_mul_ps(a, b); }
  EASY11_KERNEL static V div(V a, V b) { return _mm256_div_ps(a, b); }
  EASY11_KERNEL static V root(V a) { return _mm256_sqrt_ps(a); }
  EASY11_KERNEL static V fma(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
  EASY11_KERNEL static V fnma(V a, V b, V c) { return _mm256_fnmadd_ps(a, b, c); }
  EASY11_KERNEL static V ints(const std::int32_t* p) {
    return _mm256_cvtepi32_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  }
  EASY11_KERNEL static std::uint32_t reaching(V a, V bar) {
    return static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(a, bar, _CMP_NLT_UQ)));
  }
  EASY11_KERNEL static __m128 half(V a) { return _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1)); }
  EASY11_KERNEL static float sum(V a) {
    __m128 s = half(a);
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
  }
  EASY11_KERNEL static void sum4(V a, V b, V c, V d, float* out) {
    const __m256 pairs = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
    _mm_storeu_ps(out, half(pairs));
  }
  EASY11_KERNEL static void prefetch(const float* p) { _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T0); }
};

// Items are at most 127 and queries within ±127: the sum of two products fits 16 bits.
EASY11_KERNEL void scan(const std::uint8_t* block, std::size_t groups, const std::int8_t* query, std::int32_t* out) {
  __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(out));
  __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(out + 8));
  const __m256i ones = _mm256_set1_epi16(1);
  for (std::size_t g = 0; g < groups; ++g, block += 64, query += 4) {
    std::int32_t four;
    std::memcpy(&four, query, 4);
    const __m256i wanted = _mm256_set1_epi32(four);
    const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block));
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block + 32));
    low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_maddubs_epi16(a, wanted), ones));
    high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_maddubs_epi16(b, wanted), ones));
  }
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), low);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 8), high);
}

EASY11_KERNEL void turn(double* a, double* b, std::size_t size, double c, double s) {
  const __m256d cosine = _mm256_set1_pd(c), sine = _mm256_set1_pd(s);
  for (std::size_t i = 0; i < size; i += 4) {
    const __m256d x = _mm256_loadu_pd(a + i), y = _mm256_loadu_pd(b + i);
    _mm256_storeu_pd(a + i, _mm256_fmadd_pd(cosine, x, _mm256_mul_pd(sine, y)));
    _mm256_storeu_pd(b + i, _mm256_fmsub_pd(cosine, y, _mm256_mul_pd(sine, x)));
  }
}

}  // namespace
}  // namespace easy11::als::avx2

#include "kernels_body.hpp"
#endif
