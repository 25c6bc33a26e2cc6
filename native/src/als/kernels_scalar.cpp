// The baseline: four floats side by side, which every compiler maps to SSE2 or NEON.
#include <cmath>

#include "kernels.hpp"

#define EASY11_KERNEL
#define EASY11_ISA scalar

namespace easy11::als::scalar {
namespace {

struct Lanes {
  struct V {
    float v[4];
  };
  static constexpr std::size_t kWidth = 4;
  static constexpr std::size_t kTile = 2;
  static V load(const float* p) { return {{p[0], p[1], p[2], p[3]}}; }
  static void store(float* p, V a) {
    for (int i = 0; i < 4; ++i) p[i] = a.v[i];
  }
  static V set(float x) { return {{x, x, x, x}}; }
  static V add(V a, V b) { return {{a.v[0] + b.v[0], a.v[1] + b.v[1], a.v[2] + b.v[2], a.v[3] + b.v[3]}}; }
  static V mul(V a, V b) { return {{a.v[0] * b.v[0], a.v[1] * b.v[1], a.v[2] * b.v[2], a.v[3] * b.v[3]}}; }
  static V div(V a, V b) { return {{a.v[0] / b.v[0], a.v[1] / b.v[1], a.v[2] / b.v[2], a.v[3] / b.v[3]}}; }
  static V root(V a) { return {{std::sqrt(a.v[0]), std::sqrt(a.v[1]), std::sqrt(a.v[2]), std::sqrt(a.v[3])}}; }
  // a b + c, and c − a b
  static V fma(V a, V b, V c) { return add(mul(a, b), c); }
  static V fnma(V a, V b, V c) {
    const V p = mul(a, b);
    return {{c.v[0] - p.v[0], c.v[1] - p.v[1], c.v[2] - p.v[2], c.v[3] - p.v[3]}};
  }
  static V ints(const std::int32_t* p) {
    return {{static_cast<float>(p[0]), static_cast<float>(p[1]), static_cast<float>(p[2]), static_cast<float>(p[3])}};
  }
  static std::uint32_t reaching(V a, V bar) {
    std::uint32_t bits = 0;
    for (int i = 0; i < 4; ++i) bits |= static_cast<std::uint32_t>(!(a.v[i] < bar.v[i])) << i;
    return bits;
  }
  static float sum(V a) { return (a.v[0] + a.v[1]) + (a.v[2] + a.v[3]); }
  static void sum4(V a, V b, V c, V d, float* out) {
    out[0] = sum(a);
    out[1] = sum(b);
    out[2] = sum(c);
    out[3] = sum(d);
  }
  static void prefetch(const float*) {}
};

void scan(const std::uint8_t* block, std::size_t groups, const std::int8_t* query, std::int32_t* out) {
  for (std::size_t g = 0; g < groups; ++g, block += 64, query += 4)
    for (int lane = 0; lane < 16; ++lane) {
      const std::uint8_t* const item = block + 4 * lane;
      out[lane] += item[0] * query[0] + item[1] * query[1] + item[2] * query[2] + item[3] * query[3];
    }
}

void turn(double* a, double* b, std::size_t size, double c, double s) {
  for (std::size_t i = 0; i < size; ++i) {
    const double x = a[i], y = b[i];
    a[i] = c * x + s * y;
    b[i] = c * y - s * x;
  }
}

}  // namespace
}  // namespace easy11::als::scalar

#include "kernels_body.hpp"
