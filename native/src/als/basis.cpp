#include "basis.hpp"

#include "eigen.hpp"
#include "parallel.hpp"

namespace easy11::als {
namespace {

constexpr std::size_t kSlabs = 16;
constexpr std::size_t kBlock = 256;  // rows that are summed in single precision before they go into the slab's doubles

}  // namespace

Status gramMatrix(const Factors& table, std::size_t factors, std::size_t threads, const JobControl& control,
                  std::vector<double>& out) {
  const std::size_t stride = table.stride(), cells = stride * stride;
  const std::size_t blocks = (table.rows() + kBlock - 1) / kBlock;
  const std::size_t perSlab = (blocks + kSlabs - 1) / kSlabs;
  std::vector<std::vector<double>> slabs(kSlabs);
  for (std::size_t s = 0; s < kSlabs && s * perSlab < blocks; ++s) slabs[s].assign(cells, 0.0);
  std::vector<Floats> scratch(threads);
  for (Floats& block : scratch) block = Floats(cells);
  const bool done = parallel(threads, kSlabs, 1, control, [&](std::size_t worker, std::size_t s, std::size_t) {
    float* const block = scratch[worker].data();
    double* const slab = slabs[s].data();
    for (std::size_t b = s * perSlab; b < std::min(blocks, (s + 1) * perSlab); ++b) {
      if (control.cancelled()) return;
      std::memset(block, 0, cells * sizeof(float));
      const std::size_t from = b * kBlock;
      kernels().gram(table.row(from), std::min(kBlock, table.rows() - from), stride, block);
      for (std::size_t i = 0; i < factors; ++i)
        for (std::size_t j = i; j < factors; ++j) slab[i * stride + j] += block[i * stride + j];
    }
  });
  if (!done) return Status::kCancelled;
  out.assign(factors * factors, 0.0);
  for (std::size_t i = 0; i < factors; ++i)
    for (std::size_t j = i; j < factors; ++j) {
      double sum = 0;
      for (const std::vector<double>& slab : slabs)
        if (!slab.empty()) sum += slab[i * stride + j];
      out[i * factors + j] = out[j * factors + i] = sum;
    }
  return Status::kOk;
}

Status findBasis(const std::vector<double>& gram, std::size_t factors, std::size_t stride, const JobControl& control, Basis& out) {
  std::vector<double> matrix = gram;
  Eigen eigen;
  const Status status = symmetricEigen(matrix, factors, control.cancel, eigen);
  if (status != Status::kOk) return status;
  out.values.assign(stride, 0.0f);
  out.vectors.assign(stride * stride + 64, 0.0f);
  for (std::size_t j = 0; j < factors; ++j) {
    out.values[j] = static_cast<float>(std::max(eigen.values[j], 0.0));
    for (std::size_t k = 0; k < factors; ++k)
      out.vectors[k * stride + j] = static_cast<float>(eigen.vectors[j * eigen.stride + k]);
  }
  return Status::kOk;
}

Status turnInto(const Basis& basis, Factors& table, std::size_t threads, const JobControl& control) {
  constexpr std::size_t kRows = 64;
  const std::size_t stride = table.stride();
  std::vector<Floats> scratch(threads);
  for (Floats& rows : scratch) rows = Floats(kRows * stride);
  const bool done = parallel(threads, table.rows(), kRows, control, [&](std::size_t worker, std::size_t from, std::size_t to) {
    float* const rows = scratch[worker].data();
    std::memcpy(rows, table.row(from), (to - from) * stride * sizeof(float));
    kernels().rotate(rows, to - from, stride, basis.vectors.data(), table.row(from));
  });
  return done ? Status::kOk : Status::kCancelled;
}

}  // namespace easy11::als
