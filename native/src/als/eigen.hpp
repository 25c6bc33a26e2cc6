#pragma once
// Eigenvalues and eigenvectors of a small dense symmetric matrix.
#include <atomic>
#include <cstddef>
#include <vector>

#include "easy11/status.hpp"

namespace easy11::als {

struct Eigen {
  std::vector<double> values;   // descending
  std::vector<double> vectors;  // row i (of `stride` doubles) is the unit eigenvector of values[i]
  std::size_t stride = 0;
};

// matrix: size × size, row-major, symmetric; it is overwritten. O(size³) in double precision: Householder tridiagonalisation,
// then the implicit QL algorithm (Golub and Van Loan, Matrix Computations, 8.3). The rotations of many sweeps are kept and
// applied together, a panel of columns at a time, so that the panel stays in the cache. Throws std::bad_alloc.
Status symmetricEigen(std::vector<double>& matrix, std::size_t size, const std::atomic<bool>& cancel, Eigen& out);

}  // namespace easy11::als
