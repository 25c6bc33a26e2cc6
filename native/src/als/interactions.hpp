#pragma once
#include "../common/job_control.hpp"
#include "easy11/status.hpp"
#include "factors.hpp"

namespace easy11::als {

// Entry e is (rows[e], columns[e], weights[e]). Pairs that come several times become one with the sum of their weights; then
// weights of zero are dropped. O(entries + rows + columns). The entries' memory is given up on the way.
struct Entries {
  std::vector<std::uint32_t> rows, columns;
  std::vector<float> weights;
};
Status compress(Entries& entries, std::size_t rows, std::size_t columns, const JobControl& control, Interactions& out);

// The same interactions by column. O(entries).
Status transpose(const Interactions& from, std::size_t columns, const JobControl& control, Interactions& out);

// Row numbers, those with most interactions first: so that no thread begins a long row when the others are done.
std::vector<std::uint32_t> longestFirst(const Interactions& interactions);

}  // namespace easy11::als
