#pragma once
// The Gram matrix of a table of factors, and the turn into its eigenbasis.
#include "../common/job_control.hpp"
#include "easy11/status.hpp"
#include "factors.hpp"

namespace easy11::als {

struct Basis {
  std::vector<float> values;   // eigenvalues of YᵀY, descending, none negative; `stride` of them
  std::vector<float> vectors;  // stride × stride: rows × vectors are the rows in the eigenbasis
};

// YᵀY in double precision, factors × factors. The rows are cut into slabs whose number does not depend on that of the threads,
// and the slabs' sums are added in order: the result is the same to the bit for any number of threads.
Status gramMatrix(const Factors& table, std::size_t factors, std::size_t threads, const JobControl& control,
                  std::vector<double>& out);

Status findBasis(const std::vector<double>& gram, std::size_t factors, std::size_t stride, const JobControl& control, Basis& out);

// Replaces every row by row × vectors.
Status turnInto(const Basis& basis, Factors& table, std::size_t threads, const JobControl& control);

}  // namespace easy11::als
