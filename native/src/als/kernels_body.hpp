// The bodies of the kernels in terms of `Lanes`, which the including file defines in its own namespace together with
// EASY11_KERNEL (the target attribute of every function here) and EASY11_ISA (the namespace). No include guard on purpose.
#include <cmath>
#include <cstring>

namespace easy11::als::EASY11_ISA {
namespace {

using V = Lanes::V;
constexpr std::size_t kW = Lanes::kWidth;

// c[r][j] ±= Σ_t a[r·aRow + t·aStep] b[t·bStep + j] for 4 rows r and kColumns·kW columns j: the one tile of every product here.
template <std::size_t kColumns, bool kSubtract>
EASY11_KERNEL inline void tile(const float* a, std::size_t aRow, std::size_t aStep, const float* b, std::size_t bStep,
                               std::size_t depth, float* c, std::size_t cStep, bool fresh) {
  V sums[4][kColumns];
  for (std::size_t r = 0; r < 4; ++r)
    for (std::size_t j = 0; j < kColumns; ++j) sums[r][j] = fresh ? Lanes::set(0) : Lanes::load(c + r * cStep + j * kW);
  for (std::size_t t = 0; t < depth; ++t, a += aStep, b += bStep) {
    V columns[kColumns];
    for (std::size_t j = 0; j < kColumns; ++j) columns[j] = Lanes::load(b + j * kW);
    for (std::size_t r = 0; r < 4; ++r) {
      const V row = Lanes::set(a[r * aRow]);
      for (std::size_t j = 0; j < kColumns; ++j)
        sums[r][j] = kSubtract ? Lanes::fnma(row, columns[j], sums[r][j]) : Lanes::fma(row, columns[j], sums[r][j]);
    }
  }
  for (std::size_t r = 0; r < 4; ++r)
    for (std::size_t j = 0; j < kColumns; ++j) Lanes::store(c + r * cStep + j * kW, sums[r][j]);
}

// Four rows of c from column `from` to column `to`, both multiples of kW.
template <bool kSubtract>
EASY11_KERNEL inline void tiles(const float* a, std::size_t aRow, std::size_t aStep, const float* b, std::size_t bStep,
                                std::size_t depth, float* c, std::size_t cStep, std::size_t from, std::size_t to,
                                bool fresh) {
  std::size_t j = from;
  for (; j + Lanes::kTile * kW <= to; j += Lanes::kTile * kW)
    tile<Lanes::kTile, kSubtract>(a, aRow, aStep, b + j, bStep, depth, c + j, cStep, fresh);
  for (; j + 2 * kW <= to; j += 2 * kW) tile<2, kSubtract>(a, aRow, aStep, b + j, bStep, depth, c + j, cStep, fresh);
  for (; j < to; j += kW) tile<1, kSubtract>(a, aRow, aStep, b + j, bStep, depth, c + j, cStep, fresh);
}

EASY11_KERNEL void gram(const float* rows, std::size_t count, std::size_t stride, float* out) {
  for (std::size_t i = 0; i < stride; i += 4)
    tiles<false>(rows + i, 1, stride, rows, stride, count, out + i * stride, stride, i / kW * kW, stride, false);
}

EASY11_KERNEL void rotate(const float* rows, std::size_t count, std::size_t stride, const float* basis, float* out) {
  constexpr std::size_t kPanel = Lanes::kTile * kW;
  const std::size_t whole = count / 4 * 4;
  for (std::size_t j = 0; j < stride; j += kPanel) {
    const std::size_t to = j + kPanel < stride ? j + kPanel : stride;
    for (std::size_t i = 0; i < whole; i += 4)
      tiles<false>(rows + i * stride, stride, 1, basis, stride, stride, out + i * stride, stride, j, to, true);
  }
  for (std::size_t i = whole; i < count; ++i) {
    float* const to = out + i * stride;
    for (std::size_t j = 0; j < stride; j += kW) {
      V sum = Lanes::set(0);
      for (std::size_t k = 0; k < stride; ++k)
        sum = Lanes::fma(Lanes::set(rows[i * stride + k]), Lanes::load(basis + k * stride + j), sum);
      Lanes::store(to + j, sum);
    }
  }
}

EASY11_KERNEL float dot(const float* a, const float* b, std::size_t stride) {
  V first = Lanes::set(0), second = Lanes::set(0);
  std::size_t k = 0;
  for (; k + 2 * kW <= stride; k += 2 * kW) {
    first = Lanes::fma(Lanes::load(a + k), Lanes::load(b + k), first);
    second = Lanes::fma(Lanes::load(a + k + kW), Lanes::load(b + k + kW), second);
  }
  for (; k < stride; k += kW) first = Lanes::fma(Lanes::load(a + k), Lanes::load(b + k), first);
  return Lanes::sum(Lanes::add(first, second));
}

EASY11_KERNEL void score(const float* rows, std::size_t count, std::size_t stride, const float* x, float* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = dot(rows + i * stride, x, stride);
}

EASY11_KERNEL inline void fetch(const float* row, std::size_t stride) {
  for (std::size_t k = 0; k < stride; k += 16) Lanes::prefetch(row + k);
}

// Four rows at a time: their products with p, then their sum, weighed by what became of the products, into `sum`. The four
// share the loads of p and `sum`. In the first pass the coefficient is w − w (y·p), and the diagonal Σ w y² comes along.
template <bool kFirst, std::size_t kRows>
EASY11_KERNEL inline void step(const float* const* y, const float* w, std::size_t stride, const float* p, float* sum,
                               float* diagonal) {
  V dots[4] = {Lanes::set(0), Lanes::set(0), Lanes::set(0), Lanes::set(0)};
  for (std::size_t k = 0; k < stride; k += kW) {
    const V at = Lanes::load(p + k);
    for (std::size_t r = 0; r < kRows; ++r) dots[r] = Lanes::fma(Lanes::load(y[r] + k), at, dots[r]);
  }
  float products[4];
  Lanes::sum4(dots[0], dots[1], dots[2], dots[3], products);
  V factor[kRows], weight[kRows];
  for (std::size_t r = 0; r < kRows; ++r) {
    factor[r] = Lanes::set(kFirst ? w[r] - w[r] * products[r] : w[r] * products[r]);
    weight[r] = Lanes::set(w[r]);
  }
  for (std::size_t k = 0; k < stride; k += kW) {
    V total = Lanes::load(sum + k);
    V squares = kFirst ? Lanes::load(diagonal + k) : total;
    for (std::size_t r = 0; r < kRows; ++r) {
      const V row = Lanes::load(y[r] + k);
      total = Lanes::fma(factor[r], row, total);
      if (kFirst) squares = Lanes::fma(Lanes::mul(weight[r], row), row, squares);
    }
    Lanes::store(sum + k, total);
    if (kFirst) Lanes::store(diagonal + k, squares);
  }
}

template <bool kFirst>
EASY11_KERNEL inline void pass(const RowProblem& q, const float* p, float* sum, float* diagonal) {
  const std::size_t stride = q.stride, n = q.size;
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const float* rows[4];
    for (std::size_t r = 0; r < 4; ++r) rows[r] = q.factors + q.columns[i + r] * stride;
    for (std::size_t r = i + 4; r < n && r < i + 8; ++r) fetch(q.factors + q.columns[r] * stride, stride);
    step<kFirst, 4>(rows, q.weights + i, stride, p, sum, diagonal);
  }
  for (; i < n; ++i) {
    const float* const row = q.factors + q.columns[i] * stride;
    step<kFirst, 1>(&row, q.weights + i, stride, p, sum, diagonal);
  }
}

EASY11_KERNEL void conjugate(const RowProblem& q, std::size_t steps, float* x, float* scratch) {
  const std::size_t f = q.stride;
  float *const d = scratch, *const r = d + f, *const inverse = r + f, *const p = inverse + f, *const ap = p + f;
  const V lambda = Lanes::set(q.lambda);
  for (std::size_t k = 0; k < f; k += kW) {
    const V own = Lanes::add(Lanes::load(q.base + k), lambda);
    Lanes::store(d + k, own);
    Lanes::store(inverse + k, own);
    Lanes::store(r + k, Lanes::fnma(own, Lanes::load(x + k), Lanes::set(0)));
  }
  pass<true>(q, x, r, inverse);
  V dots = Lanes::set(0);
  for (std::size_t k = 0; k < f; k += kW) {
    const V by = Lanes::div(Lanes::set(1), Lanes::load(inverse + k)), rest = Lanes::load(r + k), z = Lanes::mul(rest, by);
    Lanes::store(inverse + k, by);
    Lanes::store(p + k, z);
    dots = Lanes::fma(rest, z, dots);
  }
  float rz = Lanes::sum(dots);
  for (std::size_t s = 0; s < steps && rz > 1e-20f; ++s) {
    if (q.cancel->load(std::memory_order_relaxed)) return;
    for (std::size_t k = 0; k < f; k += kW) Lanes::store(ap + k, Lanes::mul(Lanes::load(d + k), Lanes::load(p + k)));
    pass<false>(q, p, ap, nullptr);
    const float alpha = rz / dot(p, ap, f);
    const V by = Lanes::set(alpha);
    dots = Lanes::set(0);
    for (std::size_t k = 0; k < f; k += kW) {
      Lanes::store(x + k, Lanes::fma(by, Lanes::load(p + k), Lanes::load(x + k)));
      const V rest = Lanes::fnma(by, Lanes::load(ap + k), Lanes::load(r + k));
      Lanes::store(r + k, rest);
      dots = Lanes::fma(Lanes::mul(rest, rest), Lanes::load(inverse + k), dots);
    }
    const float next = Lanes::sum(dots);
    const V beta = Lanes::set(next / rz);
    rz = next;
    for (std::size_t k = 0; k < f; k += kW)
      Lanes::store(p + k, Lanes::fma(beta, Lanes::load(p + k), Lanes::mul(Lanes::load(r + k), Lanes::load(inverse + k))));
  }
}

// Rows [first, first + rows) of U once the rows above them are final: pivots, scaled rows, and the rows' effect on each other.
EASY11_KERNEL inline bool factorPanel(float* m, std::size_t first, std::size_t rows, std::size_t to, std::size_t stride) {
  for (std::size_t k = first; k < first + rows; ++k) {
    float* const own = m + k * stride;
    if (!(own[k] > 0)) return false;
    const float root = std::sqrt(own[k]);
    const V by = Lanes::set(1 / root);
    own[k] = root;
    std::size_t j = k + 1;
    for (; j < to && j % kW != 0; ++j) own[j] /= root;
    for (; j < to; j += kW) Lanes::store(own + j, Lanes::mul(Lanes::load(own + j), by));
    for (std::size_t i = k + 1; i < first + rows; ++i) {
      const V factor = Lanes::set(own[i]);
      float* const other = m + i * stride;
      for (j = i / kW * kW; j < to; j += kW)
        Lanes::store(other + j, Lanes::fnma(factor, Lanes::load(own + j), Lanes::load(other + j)));
    }
  }
  return true;
}

EASY11_KERNEL bool cholesky(float* m, std::size_t size, std::size_t stride) {
  constexpr std::size_t kPanel = 16;
  const std::size_t to = (size + kW - 1) / kW * kW;
  for (std::size_t k = 0; k < size; k += kPanel) {
    const std::size_t rows = k + kPanel < size ? kPanel : size - k;
    if (!factorPanel(m, k, rows, to, stride)) return false;
    const float* const panel = m + k * stride;
    // Tiles are four rows high: the last may reach past `size` into rows that nobody reads.
    for (std::size_t i = k + rows; i < size; i += 4)
      tiles<true>(panel + i, 1, stride, panel, stride, rows, m + i * stride, stride, i / kW * kW, to, false);
  }
  return true;
}

EASY11_KERNEL void substitute(const float* u, std::size_t size, std::size_t stride, float* b) {
  const std::size_t to = (size + kW - 1) / kW * kW;
  for (std::size_t i = 0; i < size; ++i) {
    const float* const row = u + i * stride;
    b[i] /= row[i];
    const V by = Lanes::set(b[i]);
    std::size_t j = i + 1;
    for (; j < to && j % kW != 0; ++j) b[j] -= b[i] * row[j];
    for (; j < to; j += kW) Lanes::store(b + j, Lanes::fnma(by, Lanes::load(row + j), Lanes::load(b + j)));
  }
  for (std::size_t j = size; j < to; ++j) b[j] = 0;
  for (std::size_t i = size; i-- > 0;) {
    const float* const row = u + i * stride;
    float rest = b[i];
    std::size_t j = i + 1;
    for (; j < to && j % kW != 0; ++j) rest -= row[j] * b[j];
    V sum = Lanes::set(0);
    for (; j < to; j += kW) sum = Lanes::fma(Lanes::load(row + j), Lanes::load(b + j), sum);
    b[i] = (rest - Lanes::sum(sum)) / row[i];
  }
}

// matrix[i][j] = z_i · z_j for four rows i and four rows j.
EASY11_KERNEL inline void crossTile(const float* a, const float* b, std::size_t stride, float* out, std::size_t step) {
  for (std::size_t r = 0; r < 4; r += 2) {
    V first[4], second[4];
    for (std::size_t c = 0; c < 4; ++c) first[c] = second[c] = Lanes::set(0);
    const float *const upper = a + r * stride, *const lower = upper + stride;
    for (std::size_t k = 0; k < stride; k += kW) {
      const V x = Lanes::load(upper + k), y = Lanes::load(lower + k);
      for (std::size_t c = 0; c < 4; ++c) {
        const V z = Lanes::load(b + c * stride + k);
        first[c] = Lanes::fma(x, z, first[c]);
        second[c] = Lanes::fma(y, z, second[c]);
      }
    }
    Lanes::sum4(first[0], first[1], first[2], first[3], out + r * step);
    Lanes::sum4(second[0], second[1], second[2], second[3], out + (r + 1) * step);
  }
}

EASY11_KERNEL bool dual(const RowProblem& q, float* x, float* scratch) {
  const std::size_t f = q.stride, n = q.size, rows = (n + 3) / 4 * 4, width = padded(n);
  float *const z = scratch, *const m = z + rows * f, *const b = m + width * rows, *const root = b + width;
  const V lambda = Lanes::set(q.lambda);
  for (std::size_t k = 0; k < f; k += kW)
    Lanes::store(root + k, Lanes::div(Lanes::set(1), Lanes::root(Lanes::add(Lanes::load(q.base + k), lambda))));
  for (std::size_t i = 0; i < n; ++i) {
    if (i + 4 < n) fetch(q.factors + q.columns[i + 4] * f, f);
    const float* const y = q.factors + q.columns[i] * f;
    b[i] = std::sqrt(q.weights[i]);
    const V by = Lanes::set(b[i]);
    float* const out = z + i * f;
    for (std::size_t k = 0; k < f; k += kW)
      Lanes::store(out + k, Lanes::mul(Lanes::mul(Lanes::load(y + k), Lanes::load(root + k)), by));
  }
  for (std::size_t i = n; i < rows; ++i) std::memset(z + i * f, 0, f * sizeof(float));
  for (std::size_t i = n; i < width; ++i) b[i] = 0;
  for (std::size_t i = 0; i < rows; i += 4) {
    for (std::size_t j = i / kW * kW; j < rows; j += 4) crossTile(z + i * f, z + j * f, f, m + i * width + j, width);
    for (std::size_t r = i; r < i + 4; ++r) {
      for (std::size_t j = rows; j < width; ++j) m[r * width + j] = 0;
      m[r * width + r] += 1;
    }
  }
  if (!cholesky(m, n, width)) return false;
  substitute(m, n, width, b);
  for (std::size_t k = 0; k < f; k += kW) Lanes::store(x + k, Lanes::set(0));
  for (std::size_t i = 0; i < rows; i += 4) {
    const V by[4] = {Lanes::set(b[i]), Lanes::set(b[i + 1]), Lanes::set(b[i + 2]), Lanes::set(b[i + 3])};
    for (std::size_t k = 0; k < f; k += kW) {
      V sum = Lanes::load(x + k);
      for (std::size_t r = 0; r < 4; ++r) sum = Lanes::fma(by[r], Lanes::load(z + (i + r) * f + k), sum);
      Lanes::store(x + k, sum);
    }
  }
  for (std::size_t k = 0; k < f; k += kW) Lanes::store(x + k, Lanes::mul(Lanes::load(x + k), Lanes::load(root + k)));
  return true;
}

EASY11_KERNEL bool primal(const RowProblem& q, float* x, float* scratch) {
  const std::size_t f = q.stride;
  float *const m = scratch, *const z = m + f * f;
  std::memset(m, 0, f * f * sizeof(float));
  for (std::size_t k = 0; k < f; ++k) m[k * f + k] = q.base[k] + q.lambda;
  std::memset(x, 0, f * sizeof(float));
  for (std::size_t from = 0; from < q.size; from += kPrimalRows) {
    if (q.cancel->load(std::memory_order_relaxed)) return true;
    const std::size_t count = from + kPrimalRows < q.size ? kPrimalRows : q.size - from;
    for (std::size_t i = 0; i < count; ++i) {
      if (from + i + 4 < q.size) fetch(q.factors + q.columns[from + i + 4] * f, f);
      const float* const y = q.factors + q.columns[from + i] * f;
      const float w = q.weights[from + i];
      const V weight = Lanes::set(w), by = Lanes::set(std::sqrt(w));
      for (std::size_t k = 0; k < f; k += kW) {
        const V row = Lanes::load(y + k);
        Lanes::store(z + i * f + k, Lanes::mul(by, row));
        Lanes::store(x + k, Lanes::fma(weight, row, Lanes::load(x + k)));
      }
    }
    gram(z, count, f, m);
  }
  if (!cholesky(m, f, f)) return false;
  substitute(m, f, f, x);
  return true;
}

EASY11_KERNEL std::uint32_t sift(const std::uint8_t* block, std::size_t groups, const std::int8_t* query, std::int32_t* dots,
                                  const SiftBounds& bounds, float bar, float* upper) {
  scan(block, groups, query, dots);
  const V least = Lanes::set(bar), by = Lanes::set(bounds.by), tailBy = Lanes::set(bounds.tailBy);
  std::uint32_t reaching = 0;
  for (std::size_t lane = 0; lane < 16; lane += kW) {
    const V scaled = Lanes::mul(Lanes::load(bounds.scale + lane), by);
    // Σ (64 + step) q = Σ step q + 64 Σ q: whole numbers that a float holds exactly.
    const V whole = Lanes::add(Lanes::ints(dots + lane), Lanes::set(-bounds.offset));
    const V most = Lanes::fma(whole, scaled, Lanes::fma(Lanes::load(bounds.tail + lane), tailBy, Lanes::set(bounds.more)));
    Lanes::store(upper + lane, most);
    reaching |= Lanes::reaching(most, least) << lane;
  }
  return reaching;
}

// 0 times a number is 0 where that is finite, else none.
EASY11_KERNEL bool finite(const float* values, std::size_t count) {
  V sums[4] = {Lanes::set(0), Lanes::set(0), Lanes::set(0), Lanes::set(0)};
  const V zero = Lanes::set(0);
  std::size_t i = 0;
  for (; i + 4 * kW <= count; i += 4 * kW)
    for (std::size_t j = 0; j < 4; ++j) sums[j] = Lanes::fma(zero, Lanes::load(values + i + j * kW), sums[j]);
  float sum = Lanes::sum(Lanes::add(Lanes::add(sums[0], sums[1]), Lanes::add(sums[2], sums[3])));
  for (; i < count; ++i) sum += 0 * values[i];
  return sum == 0;
}

}  // namespace

const Kernels kKernels = {gram, rotate, conjugate, dual, primal, cholesky, substitute, dot, score, sift, finite, turn};

}  // namespace easy11::als::EASY11_ISA
