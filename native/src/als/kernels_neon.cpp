#include "easy11/isa.hpp"

#if defined(EASY11_ARM64)
#include <arm_neon.h>

#include "kernels.hpp"

#define EASY11_KERNEL
#define EASY11_ISA neon

namespace easy11::als::neon {
namespace {

struct Lanes {
  using V = float32x4_t;
  static constexpr std::size_t kWidth = 4;
  static constexpr std::size_t kTile = 4;
  static V load(const float* p) { return vld1q_f32(p); }
  static void store(float* p, V a) { vst1q_f32(p, a); }
  static V set(float x) { return vdupq_n_f32(x); }
  static V add(V a, V b) { return vaddq_f32(a, b); }
  static V mul(V a, V b) { return vmulq_f32(a, b); }
  static V div(V a, V b) { return vdivq_f32(a, b); }
  static V root(V a) { return vsqrtq_f32(a); }
  static V fma(V a, V b, V c) { return vfmaq_f32(c, a, b); }
  static V fnma(V a, V b, V c) { return vfmsq_f32(c, a, b); }
  static V ints(const std::int32_t* p) { return vcvtq_f32_s32(vld1q_s32(p)); }
  static std::uint32_t reaching(V a, V bar) {
    const std::uint32_t bits[4] = {1, 2, 4, 8};
    return vaddvq_u32(vbicq_u32(vld1q_u32(bits), vcltq_f32(a, bar)));
  }
  static float sum(V a) { return vaddvq_f32(a); }
  static void sum4(V a, V b, V c, V d, float* out) {
    vst1q_f32(out, vpaddq_f32(vpaddq_f32(a, b), vpaddq_f32(c, d)));
  }
  static void prefetch(const float* p) {
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(p);
#else
    (void)p;
#endif
  }
};

// Items are below 128, so that they are signed bytes as well.
void scan(const std::uint8_t* block, std::size_t groups, const std::int8_t* query, std::int32_t* out) {
  int32x4_t sums[4];
  for (int q = 0; q < 4; ++q) sums[q] = vld1q_s32(out + 4 * q);
  for (std::size_t g = 0; g < groups; ++g, block += 64, query += 4) {
    const int8_t bytes[8] = {query[0], query[1], query[2], query[3], query[0], query[1], query[2], query[3]};
    const int8x8_t wanted = vld1_s8(bytes);
    for (int q = 0; q < 4; ++q) {
      const int8x16_t items = vreinterpretq_s8_u8(vld1q_u8(block + 16 * q));
      const int32x4_t low = vpaddlq_s16(vmull_s8(vget_low_s8(items), wanted));
      const int32x4_t high = vpaddlq_s16(vmull_s8(vget_high_s8(items), wanted));
      sums[q] = vaddq_s32(sums[q], vpaddq_s32(low, high));
    }
  }
  for (int q = 0; q < 4; ++q) vst1q_s32(out + 4 * q, sums[q]);
}

void turn(double* a, double* b, std::size_t size, double c, double s) {
  for (std::size_t i = 0; i < size; ++i) {
    const double x = a[i], y = b[i];
    a[i] = c * x + s * y;
    b[i] = c * y - s * x;
  }
}

}  // namespace
}  // namespace easy11::als::neon

#include "kernels_body.hpp"
#endif
