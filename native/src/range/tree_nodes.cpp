// What nodes know of the rows below them, made anew or kept up to date.
#include "tree.hpp"

namespace easy11::range {
namespace {

bool better(double value, std::uint32_t id, double otherValue, std::uint32_t otherId) noexcept {
  return value > otherValue || (value == otherValue && id < otherId);
}

// Puts a row in its place in a list of at most kTop. False when it is not good enough.
bool offer(double* values, std::uint32_t* ids, std::uint8_t& size, double value, std::uint32_t id) noexcept {
  if (size == kTop && !better(value, id, values[kTop - 1], ids[kTop - 1])) return false;
  std::uint32_t at = size < kTop ? size++ : kTop - 1;
  for (; at > 0 && better(value, id, values[at - 1], ids[at - 1]); --at) {
    values[at] = values[at - 1];
    ids[at] = ids[at - 1];
  }
  values[at] = value;
  ids[at] = id;
  return true;
}

}  // namespace

bool Tree::keeps(std::size_t level, std::uint32_t facet) const noexcept {
  return table_->facetSize[facet] <= std::uint64_t{kLeaf} << (4 * level);
}

void Tree::refreshMeasures(std::size_t level, std::uint32_t node) noexcept {
  for (std::uint32_t m = 0; m <= carried_.size(); ++m) {
    Summary& summary = levels_[level].measures[m][node];
    if (level == 0) {
      const Numbers& column = measure(m);
      summary = column.visit([&](const auto* values) {
        return kernels().summarise[static_cast<int>(column.type())](values + slot(node), countOf(node));
      });
      continue;
    }
    const Summary* const below = levels_[level - 1].measures[m].data() + std::size_t{node} * kFan;
    summary = {};
    for (std::uint32_t i = 0; i < kFan; ++i) summary.add(below[i]);
  }
}

void Tree::listTop(std::uint32_t leaf, std::uint32_t score, const double* scores) noexcept {
  TopLists& top = levels_[0].tops[score];
  const double none = noneOf(table_->numbers[table_->schema.scores[score]].type());
  const std::uint32_t* const rows = ids(leaf);
  std::uint8_t size = 0;
  for (std::uint32_t i = 0; i < countOf(leaf); ++i) {
    if (!(scores[i] < none)) continue;
    offer(top.values.data() + std::size_t{leaf} * kTop, top.ids.data() + std::size_t{leaf} * kTop, size, scores[i], rows[i]);
  }
  top.size[leaf] = size;
}

void Tree::refreshTop(std::size_t level, std::uint32_t node, std::uint32_t score) noexcept {
  if (level == 0) {
    double scores[kLeaf];
    const Numbers& column = table_->numbers[table_->schema.scores[score]];
    const std::uint32_t* const rows = this->ids(node);
    for (std::uint32_t i = 0; i < countOf(node); ++i) scores[i] = column.get(rows[i]);
    return listTop(node, score, scores);
  }
  TopLists& top = levels_[level].tops[score];
  double* const values = top.values.data() + std::size_t{node} * kTop;
  std::uint32_t* const ids = top.ids.data() + std::size_t{node} * kTop;
  std::uint8_t size = 0;
  const TopLists& below = levels_[level - 1].tops[score];
  const std::uint32_t end = std::min(levels_[level - 1].nodes, (node + 1) * kFan);
  for (std::uint32_t child = node * kFan; child < end; ++child) {
    const std::size_t first = std::size_t{child} * kTop;
    for (std::uint32_t i = 0; i < below.size[child]; ++i)
      if (!offer(values, ids, size, below.values[first + i], below.ids[first + i])) break;
  }
  top.size[node] = size;
}

void Tree::refreshHistogram(std::size_t level, std::uint32_t node, std::uint32_t facet) noexcept {
  if (!keeps(level, facet)) return;
  const std::uint32_t stride = table_->facetSize[facet];
  std::uint32_t* const counts = levels_[level].histograms[facet].data() + std::size_t{node} * stride;
  std::fill(counts, counts + stride, 0u);
  if (level > 0 && keeps(level - 1, facet)) {
    const std::uint32_t* const below = levels_[level - 1].histograms[facet].data();
    const std::uint32_t end = std::min(levels_[level - 1].nodes, (node + 1) * kFan);
    for (std::uint32_t child = node * kFan; child < end; ++child)
      kernels().addCounts(below + std::size_t{child} * stride, stride, counts);
    return;
  }
  const std::uint32_t first = node << (4 * level);
  const std::uint32_t last = std::min(leaves(), (node + 1) << (4 * level));
  for (std::uint32_t leaf = first; leaf < last; ++leaf) {
    facets(facet, leaf).visit([&](const auto* codes) {
      for (std::uint32_t i = 0; i < countOf(leaf); ++i) ++counts[codes[i]];
    });
  }
}

void Tree::refresh(std::size_t level, std::uint32_t node, bool tops) noexcept {
  if (level > 0) {
    const std::uint32_t* const below = levels_[level - 1].counts.data() + std::size_t{node} * kFan;
    std::uint32_t* const ahead = levels_[level - 1].ahead.data() + std::size_t{node} * kFan;
    std::uint32_t count = 0;
    for (std::uint32_t i = 0; i < kFan; ++i) {
      ahead[i] = count;
      count += below[i];
    }
    levels_[level].counts[node] = count;
  }
  refreshMeasures(level, node);
  for (std::uint32_t score = 0; tops && score < table_->schema.scores.size(); ++score) refreshTop(level, node, score);
  for (std::uint32_t facet = 0; facet < table_->facets.size(); ++facet) refreshHistogram(level, node, facet);
}

void Tree::restride(std::uint32_t facet) {
  facets_[facet].widen(table_->facetSize[facet], std::size_t{leaves()} * kLeaf);
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    Level& here = levels_[level];
    here.histograms[facet].clear();
    here.histograms[facet].shrink_to_fit();
    if (keeps(level, facet)) here.histograms[facet].resize(std::size_t{here.nodes} * table_->facetSize[facet]);
    for (std::uint32_t node = 0; node < here.nodes; ++node) refreshHistogram(level, node, facet);
  }
}

// Counts on the way up from a leaf that a row came to or left.
void Tree::climb(std::uint32_t leaf, std::uint32_t id, std::int32_t by) noexcept {
  std::uint32_t node = leaf;
  for (std::size_t level = 0; level < levels_.size(); ++level, node /= kFan) {
    levels_[level].counts[node] += static_cast<std::uint32_t>(by);
    for (std::uint32_t next = node + 1; next % kFan != 0; ++next) levels_[level].ahead[next] += static_cast<std::uint32_t>(by);
    for (std::uint32_t facet = 0; facet < table_->facets.size(); ++facet) {
      if (!keeps(level, facet)) continue;
      const std::size_t first = std::size_t{node} * table_->facetSize[facet];
      levels_[level].histograms[facet][first + table_->facets[facet].get(id)] += static_cast<std::uint32_t>(by);
    }
  }
}

// Sums on the way up from two leaves, or one.
void Tree::sumUp(std::uint32_t leaf, std::uint32_t other) noexcept {
  for (std::size_t level = 0; level < levels_.size(); ++level, leaf /= kFan, other /= kFan) {
    refreshMeasures(level, leaf);
    if (other != leaf) refreshMeasures(level, other);
  }
  taken_ = kNone;
}

void Tree::addTops(std::uint32_t leaf, std::uint32_t id) noexcept {
  for (std::uint32_t score = 0; score < table_->schema.scores.size(); ++score) {
    const Numbers& scores = table_->numbers[table_->schema.scores[score]];
    if (!scores.has(id)) continue;
    std::uint32_t node = leaf;
    for (Level& level : levels_) {
      TopLists& top = level.tops[score];
      const std::size_t first = std::size_t{node} * kTop;
      if (!offer(top.values.data() + first, top.ids.data() + first, top.size[node], scores.get(id), id)) break;
      node /= kFan;
    }
  }
}

// The row behind the last one of a list that was full is not in it: it is looked for.
void Tree::dropTops(std::uint32_t leaf, std::uint32_t id) noexcept {
  for (std::uint32_t score = 0; score < table_->schema.scores.size(); ++score) {
    const Numbers& scores = table_->numbers[table_->schema.scores[score]];
    std::uint32_t node = leaf;
    for (std::size_t level = 0; level < levels_.size(); ++level, node /= kFan) {
      TopLists& top = levels_[level].tops[score];
      double* const values = top.values.data() + std::size_t{node} * kTop;
      std::uint32_t* const ids = top.ids.data() + std::size_t{node} * kTop;
      const std::uint8_t size = top.size[node];
      const double value = scores.get(id);
      if (size == kTop && better(values[kTop - 1], ids[kTop - 1], value, id)) break;
      const auto at = static_cast<std::uint8_t>(std::find(ids, ids + size, id) - ids);
      if (at == size) break;
      if (size == kTop && level > 0) {
        refreshTop(level, node, score);
        continue;
      }
      std::move(values + at + 1, values + size, values + at);
      std::move(ids + at + 1, ids + size, ids + at);
      top.size[node] = static_cast<std::uint8_t>(size - 1);
      if (size == kTop) refill(node, score);
    }
  }
}

// Puts the best row behind the last of a leaf's list at its end. Codes, which lie in the leaf, rule out nearly all: scores lie
// far apart.
void Tree::refill(std::uint32_t leaf, std::uint32_t score) noexcept {
  TopLists& top = levels_[0].tops[score];
  const std::uint32_t number = table_->schema.scores[score];
  const Numbers& scores = table_->numbers[number];
  std::uint8_t& size = top.size[leaf];
  double* const values = top.values.data() + std::size_t{leaf} * kTop + size;
  std::uint32_t* const best = top.ids.data() + std::size_t{leaf} * kTop + size;
  const std::uint8_t* const codes = this->codes(number, leaf);
  const std::uint32_t* const rows = ids(leaf);
  const std::uint8_t most = table_->codes[number].of(values[-1], noneOf(scores.type()));
  std::uint8_t least = 1;
  bool found = false;
  for (std::uint32_t i = 0; i < countOf(leaf); ++i) {
    if (codes[i] < least || codes[i] > most) continue;
    const double value = scores.get(rows[i]);
    if (!better(values[-1], best[-1], value, rows[i]) || (found && !better(value, rows[i], *values, *best))) continue;
    *values = value;
    *best = rows[i];
    least = codes[i];
    found = true;
  }
  size = static_cast<std::uint8_t>(size + found);
}

}  // namespace easy11::range
