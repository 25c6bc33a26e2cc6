#pragma once
// The hot loops of matrix factorisation, once per instruction set. A row of factors has `stride` floats, a multiple of 16,
// of which those past the number of factors are zero. Derivations are in docs/guides/als-internals.md.
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace easy11::als {

// One row's least-squares problem in the eigenbasis: (diag(base) + λI + Σ w y yᵀ) x = Σ w y.
struct RowProblem {
  const float* factors;           // the other side, rotated into the eigenbasis
  std::size_t stride;
  const std::uint32_t* columns;   // which of its rows
  const float* weights;
  std::size_t size;
  const float* base;              // eigenvalues of α₀ times the Gram matrix
  float lambda;
  const std::atomic<bool>* cancel;
};

// How far the scores of a block's items can lie above what its bytes say. `scale` and `tail` have 16 lanes.
struct SiftBounds {
  const float* scale;
  const float* tail;
  float by, tailBy, more, offset;
};

struct Kernels {
  // gram += Σ rowᵀ row over `count` rows; only the upper triangle (column ≥ row) is meaningful.
  void (*gram)(const float* rows, std::size_t count, std::size_t stride, float* gram);
  // out = rows × basis (stride × stride, row-major).
  void (*rotate)(const float* rows, std::size_t count, std::size_t stride, const float* basis, float* out);
  // `steps` steps of conjugate gradients from `x`, preconditioned by the diagonal. scratch: 5 × stride.
  void (*conjugate)(const RowProblem& problem, std::size_t steps, float* x, float* scratch);
  // Exactly, by the n × n system. scratch: dualScratch(n, stride). False when a pivot is not positive.
  bool (*dual)(const RowProblem& problem, float* x, float* scratch);
  // Exactly, by the f × f system. scratch: primalScratch(stride). False when a pivot is not positive.
  bool (*primal)(const RowProblem& problem, float* x, float* scratch);
  // In place: the upper triangle of a symmetric positive matrix into U with UᵀU = matrix. size need not be a multiple of 16.
  bool (*cholesky)(float* matrix, std::size_t size, std::size_t stride);
  // Solves UᵀU x = b in place.
  void (*substitute)(const float* upper, std::size_t size, std::size_t stride, float* b);
  float (*dot)(const float* a, const float* b, std::size_t stride);
  // out[i] = rows[i] · x
  void (*score)(const float* rows, std::size_t count, std::size_t stride, const float* x, float* out);
  // Over a block of 16 items side by side (topk.hpp): dots[lane] += Σ over four bytes of `groups` groups, then
  // upper[lane] = (dots − offset) scale·by + tail·tailBy + more. Returns a bit for each lane that is not below `bar`.
  std::uint32_t (*sift)(const std::uint8_t* block, std::size_t groups, const std::int8_t* query, std::int32_t* dots,
                        const SiftBounds& bounds, float bar, float* upper);
  // Whether all are finite.
  bool (*finite)(const float* values, std::size_t count);
  // In doubles, for the eigensolver: a = c a + s b, b = c b − s a.
  void (*turn)(double* a, double* b, std::size_t size, double c, double s);
};

// Rows that are padded to this many floats need no remainders anywhere.
constexpr std::size_t kLane = 16;
constexpr std::size_t padded(std::size_t size) noexcept { return (size + kLane - 1) / kLane * kLane; }
// 64 floats more than needed, because tiles of four rows read past the last.
constexpr std::size_t dualScratch(std::size_t size, std::size_t stride) noexcept {
  const std::size_t rows = (size + 3) / 4 * 4;
  return rows * stride + padded(size) * rows + padded(size) + 2 * stride + 64;
}
constexpr std::size_t kPrimalRows = 64;
constexpr std::size_t primalScratch(std::size_t stride) noexcept { return stride * stride + kPrimalRows * stride + 64; }

const Kernels& kernels() noexcept;

namespace scalar { extern const Kernels kKernels; }
namespace neon { extern const Kernels kKernels; }
namespace avx2 { extern const Kernels kKernels; }
namespace avx512 { extern const Kernels kKernels; }

}  // namespace easy11::als
