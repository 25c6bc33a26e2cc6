// Finding places in a tree: by value, by row, by rank.
#include "tree.hpp"

namespace easy11::range {
namespace {

// The number of leading elements for which `before` holds; it holds for none behind one for which it does not.
template <class Before>
std::uint32_t partition(std::uint32_t size, Before&& before) noexcept {
  std::uint32_t low = 0;
  while (size > 0) {
    const std::uint32_t half = size / 2;
    const bool right = before(low + half);
    low = right ? low + half + 1 : low;
    size = right ? size - half - 1 : half;
  }
  return low;
}

}  // namespace

std::uint32_t Tree::locate(double key, std::uint32_t id) const noexcept {
  const double* const keys = firstKey_.data();
  const std::uint32_t* const ids = firstId_.data();
  return partition(leaves() - 1,
                   [&](std::uint32_t i) { return keys[i + 1] < key || (keys[i + 1] == key && ids[i + 1] <= id); });
}

std::uint32_t Tree::placeIn(std::uint32_t leaf, double key, std::uint32_t id) const noexcept {
  const std::uint32_t* const row = ids(leaf);
  return keys_.visit([&](auto all) {
    const auto values = all + slot(leaf);
    return partition(countOf(leaf), [&](std::uint32_t i) {
      const double value = static_cast<double>(values[i]);
      return value < key || (value == key && row[i] < id);
    });
  });
}

std::uint32_t Tree::lowerIn(std::uint32_t leaf, double key) const noexcept {
  return keys_.visit([&](auto all) {
    const auto values = all + slot(leaf);
    return partition(countOf(leaf), [&](std::uint32_t i) { return static_cast<double>(values[i]) < key; });
  });
}

std::uint32_t Tree::fetchLeaf(double key, std::uint32_t id) const noexcept {
  const std::uint32_t leaf = locate(key, id);
  const unsigned char* const begin = keys_.at(slot(leaf));
  const std::size_t bytes = std::size_t{countOf(leaf)} * keys_.width();
  for (std::size_t i = 0; i < bytes; i += 64) easy11::prefetch(begin + i);
  return leaf;
}

Point Tree::fetchMoved(std::uint32_t leaf, double key, std::uint32_t id) const noexcept {
  const std::uint32_t at = placeIn(leaf, key, id);
  eachColumn([&](const Column& column) {
    if (&column == &keys_) return;
    const unsigned char* const end = column.at(slot(leaf) + countOf(leaf));
    for (const unsigned char* from = column.at(slot(leaf) + at); from < end; from += 64) easy11::prefetch(from);
  });
  return {leaf, at};
}

// Step by step for all rows, without a branch: so that they wait for memory together.
void Tree::slotsOf(const std::uint32_t* rows, std::uint32_t size, std::size_t* slots) const noexcept {
  double keys[kMostRecoded];
  std::uint32_t low[kMostRecoded] = {}, counts[kMostRecoded];
  for (std::uint32_t i = 0; i < size; ++i) keys[i] = keyOf(rows[i]);
  const auto add = [](std::uint32_t& to, std::uint32_t step, bool when) { to += step & (0u - static_cast<std::uint32_t>(when)); };
  std::uint32_t step = 1;
  while (step * 2 < leaves()) step *= 2;
  for (; step > 0; step /= 2) {
    for (std::uint32_t i = 0; i < size; ++i) {
      const std::uint32_t next = std::min(low[i] + step, leaves() - 1);
      const bool reached = firstKey_[next] < keys[i] || (firstKey_[next] == keys[i] && firstId_[next] <= rows[i]);
      add(low[i], step, low[i] + step < leaves() && reached);
    }
  }
  for (std::uint32_t i = 0; i < size; ++i) {
    counts[i] = countOf(low[i]);
    slots[i] = slot(low[i]);
    low[i] = 0;
  }
  // The first row with the key; then, where rows tie, the id.
  keys_.visit([&](auto all) {
    for (step = kLeaf; step > 0; step /= 2)
      for (std::uint32_t i = 0; i < size; ++i) {
        const std::uint32_t last = std::min(low[i] + step, kLeaf) - 1;
        const double value = static_cast<double>(all[slots[i] + last]);
        add(low[i], step, (low[i] + step <= counts[i]) & (value < keys[i]));
      }
  });
  const std::uint32_t* const ids = ids_.as<std::uint32_t>();
  for (std::uint32_t i = 0; i < size; ++i) {
    slots[i] += low[i];
    counts[i] -= low[i];
    low[i] = 0;
    easy11::prefetch(ids + slots[i]);
  }
  bool tied = false;
  for (std::uint32_t i = 0; i < size; ++i) tied |= ids[slots[i]] != rows[i];
  if (!tied) return;
  keys_.visit([&](auto all) {
    for (step = kLeaf; step > 0; step /= 2)
      for (std::uint32_t i = 0; i < size; ++i) {
        const std::uint32_t last = low[i] + step - 1;
        if (low[i] + step > counts[i] || ids[slots[i] + last] >= rows[i]) continue;
        add(low[i], step, static_cast<double>(all[slots[i] + last]) == keys[i]);
      }
  });
  for (std::uint32_t i = 0; i < size; ++i) slots[i] += low[i];
}

void Tree::fetchKeys(std::uint32_t leaf) const noexcept {
  if (leaf >= leaves()) return;
  constexpr std::uint32_t kStep = kLeaf / 16;
  for (std::uint32_t i = 0; i < countOf(leaf); i += kStep) easy11::prefetch(keys_.at(slot(leaf) + i));
}

Point Tree::lower(double key) const noexcept {
  const double* const first = firstKey_.data();
  const std::uint32_t leaf = partition(leaves() - 1, [&](std::uint32_t i) { return first[i + 1] < key; });
  return {leaf, lowerIn(leaf, key)};
}

Point Tree::upper(double key) const noexcept {
  const double* const first = firstKey_.data();
  const std::uint32_t leaf = partition(leaves() - 1, [&](std::uint32_t i) { return first[i + 1] <= key; });
  return {leaf, keys_.visit([&](auto all) {
            const auto values = all + slot(leaf);
            return partition(countOf(leaf), [&](std::uint32_t i) { return static_cast<double>(values[i]) <= key; });
          })};
}

Point Tree::placeOf(double key, std::uint32_t id) const noexcept {
  const std::uint32_t leaf = locate(key, id);
  return {leaf, placeIn(leaf, key, id)};
}

std::uint32_t Tree::before(Point point) const noexcept {
  std::uint32_t total = point.at, node = point.leaf;
  for (const Level& level : levels_) {
    total += level.ahead[node];
    node /= kFan;
  }
  return total;
}

Point Tree::select(std::uint32_t rank) const noexcept {
  std::uint32_t node = 0;
  for (std::size_t level = levels_.size() - 1; level-- > 0;) {
    const Level& here = levels_[level];
    const std::uint32_t first = node * kFan;
    const std::uint32_t* const ahead = here.ahead.data() + first;
    std::uint32_t reached = 0;
    for (std::uint32_t i = 0; i < kFan; ++i) reached += ahead[i] <= rank;
    node = std::min(here.nodes, first + reached) - 1;
    rank -= here.ahead[node];
  }
  return {node, std::min(rank, countOf(node))};
}

}  // namespace easy11::range
