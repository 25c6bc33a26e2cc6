#include "eigen.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

#include "kernels.hpp"

namespace easy11::als {
namespace {

struct Rotation {
  std::uint32_t row;  // turns rows `row` and `row + 1`
  double c, s;
};

double product(const double* a, const double* b, std::size_t size) noexcept {
  double sums[4] = {0, 0, 0, 0};
  std::size_t i = 0;
  for (; i + 4 <= size; i += 4)
    for (int lane = 0; lane < 4; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  for (; i < size; ++i) sums[0] += a[i] * b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

void add(double* to, const double* from, double factor, std::size_t size) noexcept {
  for (std::size_t i = 0; i < size; ++i) to[i] += factor * from[i];
}

// Reduces `a` to the tridiagonal matrix (diagonal, below). Row k of `a` keeps the reflector v with H = I − scale[k] v vᵀ in
// its columns past k.
bool tridiagonalise(std::vector<double>& a, std::size_t n, std::vector<double>& diagonal, std::vector<double>& below,
                    std::vector<double>& scale, const std::atomic<bool>& cancel) {
  std::vector<double> v(n), p(n);
  for (std::size_t k = 0; k + 1 < n; ++k) {
    if (cancel.load(std::memory_order_relaxed)) return false;
    double* const row = &a[k * n];
    diagonal[k] = row[k];
    const std::size_t from = k + 1, size = n - from;
    const double norm = std::sqrt(product(row + from, row + from, size));
    below[k] = row[from];
    if (size == 1 || norm == 0 || norm == std::abs(row[from])) continue;
    below[k] = row[from] > 0 ? -norm : norm;
    row[from] -= below[k];
    scale[k] = 2 / product(row + from, row + from, size);
    std::copy(row + from, row + n, v.begin());
    std::fill(p.begin(), p.end(), 0.0);
    for (std::size_t i = 0; i < size; ++i) add(p.data(), &a[(from + i) * n + from], scale[k] * v[i], size);
    add(p.data(), v.data(), -0.5 * scale[k] * product(p.data(), v.data(), size), size);
    for (std::size_t i = 0; i < size; ++i) {
      double* const target = &a[(from + i) * n + from];
      const double x = v[i], y = p[i];
      for (std::size_t j = 0; j < size; ++j) target[j] -= x * p[j] + y * v[j];
    }
  }
  diagonal[n - 1] = a[n * n - 1];
  return true;
}

class Turns {
 public:
  Turns(std::vector<double>& rows, std::size_t stride) : rows_(rows), stride_(stride) { kept_.reserve(kMost); }
  void add(std::size_t row, double c, double s) {
    if (kept_.size() == kMost) apply();
    kept_.push_back({static_cast<std::uint32_t>(row), c, s});
  }
  void apply() {
    constexpr std::size_t kPanel = 64;
    const auto turn = kernels().turn;
    for (std::size_t j = 0; j < stride_; j += kPanel) {
      const std::size_t width = std::min(kPanel, stride_ - j);
      for (const Rotation& rotation : kept_) {
        double* const low = &rows_[rotation.row * stride_ + j];
        turn(low + stride_, low, width, rotation.c, rotation.s);
      }
    }
    kept_.clear();
  }

 private:
  static constexpr std::size_t kMost = 16384;
  std::vector<double>& rows_;
  std::size_t stride_;
  std::vector<Rotation> kept_;
};

// One sweep of implicit QL from row m down to row l, with Wilkinson's shift.
void sweep(std::vector<double>& d, std::vector<double>& e, std::size_t l, std::size_t m, Turns& turns) {
  double g = (d[l + 1] - d[l]) / (2 * e[l]);
  g = d[m] - d[l] + e[l] / (g + std::copysign(std::hypot(g, 1.0), g));
  double s = 1, c = 1, p = 0;
  for (std::size_t i = m; i-- > l;) {
    const double f = s * e[i], b = c * e[i];
    const double r = std::hypot(f, g);
    e[i + 1] = r;
    if (r == 0) {
      d[i + 1] -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1] - p;
    const double t = (d[i] - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    turns.add(i, c, s);
  }
  d[l] -= p;
  e[l] = g;
  e[m] = 0;
}

Status diagonalise(std::vector<double>& d, std::vector<double>& e, std::size_t n, Turns& turns,
                   const std::atomic<bool>& cancel) {
  double norm = 0;
  for (std::size_t i = 0; i < n; ++i) norm = std::max(norm, std::abs(d[i]) + std::abs(e[i]));
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  for (std::size_t l = 0; l < n; ++l) {
    for (int attempt = 0;; ++attempt) {
      std::size_t m = l;
      while (m + 1 < n && std::abs(e[m]) > kEpsilon * std::max(std::abs(d[m]) + std::abs(d[m + 1]), 1e-3 * norm)) ++m;
      if (m == l) break;
      if (attempt == 100) return Status::kInternal;
      if (cancel.load(std::memory_order_relaxed)) return Status::kCancelled;
      sweep(d, e, l, m, turns);
    }
  }
  turns.apply();
  return Status::kOk;
}

}  // namespace

Status symmetricEigen(std::vector<double>& matrix, std::size_t size, const std::atomic<bool>& cancel, Eigen& out) {
  std::vector<double> diagonal(size), below(size), scale(size);
  if (!tridiagonalise(matrix, size, diagonal, below, scale, cancel)) return Status::kCancelled;
  const std::size_t stride = (size + 7) / 8 * 8;
  std::vector<double> rows(size * stride);
  for (std::size_t i = 0; i < size; ++i) rows[i * stride + i] = 1;
  Turns turns(rows, stride);
  const Status status = diagonalise(diagonal, below, size, turns, cancel);
  if (status != Status::kOk) return status;
  // From the basis of the tridiagonal matrix to that of the given one: the reflectors, last first.
  for (std::size_t i = 0; i < size; ++i) {
    if (cancel.load(std::memory_order_relaxed)) return Status::kCancelled;
    for (std::size_t k = size - 1; k-- > 0;) {
      if (scale[k] == 0) continue;
      const double* const v = &matrix[k * size + k + 1];
      double* const row = &rows[i * stride + k + 1];
      add(row, v, -scale[k] * product(row, v, size - k - 1), size - k - 1);
    }
  }
  std::vector<std::size_t> order(size);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return diagonal[a] > diagonal[b]; });
  out.stride = stride;
  out.values.resize(size);
  out.vectors.resize(size * stride);
  for (std::size_t i = 0; i < size; ++i) {
    out.values[i] = diagonal[order[i]];
    std::copy_n(&rows[order[i] * stride], stride, &out.vectors[i * stride]);
  }
  return Status::kOk;
}

}  // namespace easy11::als
