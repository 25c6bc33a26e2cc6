#include "interactions.hpp"

#include <algorithm>
#include <numeric>

namespace easy11::als {
namespace {

// Sums neighbours of equal column in rows that are sorted by column, in place.
bool mergeEqual(Interactions& all, const JobControl& control) {
  std::uint64_t to = 0;
  for (std::size_t row = 0; row < all.rows(); ++row) {
    if (control.cancelledAt(row)) return false;
    std::uint64_t at = row == 0 ? 0 : all.starts[row];
    const std::uint64_t end = all.starts[row + 1];
    const std::uint64_t first = to;
    while (at < end) {
      const std::uint32_t column = all.columns[at];
      double weight = 0;
      for (; at < end && all.columns[at] == column; ++at) weight += all.weights[at];
      if (weight <= 0) continue;
      all.columns[to] = column;
      all.weights[to++] = static_cast<float>(std::min(weight, 3e38));
    }
    all.starts[row] = first;
  }
  // starts[row + 1] was needed as the old end until the next row was read: shift now.
  all.columns.resize(to);
  all.weights.resize(to);
  all.starts.back() = to;
  return true;
}

}  // namespace

Status transpose(const Interactions& from, std::size_t columns, const JobControl& control, Interactions& out) {
  out.starts.assign(columns + 1, 0);
  const std::size_t entries = from.columns.size();
  for (std::size_t e = 0; e < entries; ++e) {
    if (control.cancelledAt(e)) return Status::kCancelled;
    ++out.starts[from.columns[e] + 1];
  }
  std::partial_sum(out.starts.begin(), out.starts.end(), out.starts.begin());
  out.columns.resize(entries);
  out.weights.resize(entries);
  std::vector<std::uint64_t> next(out.starts.begin(), out.starts.end() - 1);
  for (std::size_t row = 0; row < from.rows(); ++row) {
    if ((row & 0xff) == 0 && control.cancelled()) return Status::kCancelled;
    for (std::uint64_t e = from.starts[row]; e < from.starts[row + 1]; ++e) {
      const std::uint64_t to = next[from.columns[e]]++;
      out.columns[to] = static_cast<std::uint32_t>(row);
      out.weights[to] = from.weights[e];
    }
  }
  return Status::kOk;
}

Status compress(Entries& entries, std::size_t rows, std::size_t columns, const JobControl& control, Interactions& out) {
  // Twice a stable counting sort: by column into rows of columns, then back, leaves each row's columns ascending.
  Interactions byColumn;
  byColumn.starts.assign(columns + 1, 0);
  const std::size_t count = entries.rows.size();
  for (std::size_t e = 0; e < count; ++e) {
    if (control.cancelledAt(e)) return Status::kCancelled;
    ++byColumn.starts[entries.columns[e] + 1];
  }
  std::partial_sum(byColumn.starts.begin(), byColumn.starts.end(), byColumn.starts.begin());
  byColumn.columns.resize(count);
  byColumn.weights.resize(count);
  {
    std::vector<std::uint64_t> next(byColumn.starts.begin(), byColumn.starts.end() - 1);
    for (std::size_t e = 0; e < count; ++e) {
      if (control.cancelledAt(e)) return Status::kCancelled;
      const std::uint64_t to = next[entries.columns[e]]++;
      byColumn.columns[to] = entries.rows[e];
      byColumn.weights[to] = entries.weights[e];
    }
  }
  entries = Entries();
  const Status status = transpose(byColumn, rows, control, out);
  if (status != Status::kOk) return status;
  return mergeEqual(out, control) ? Status::kOk : Status::kCancelled;
}

std::vector<std::uint32_t> longestFirst(const Interactions& interactions) {
  std::vector<std::uint32_t> order(interactions.rows());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return interactions.size(a) > interactions.size(b); });
  return order;
}

}  // namespace easy11::als
