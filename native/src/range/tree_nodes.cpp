// What nodes know of the rows below them, made anew or kept up to date.
#include <type_traits>

#include "tree.hpp"

namespace easy11::range {
namespace {

bool better(double value, std::uint32_t id, double otherValue, std::uint32_t otherId) noexcept {
  return value > otherValue || (value == otherValue && id < otherId);
}

// Puts a row in its place in a list of at most kTop. False when it is not good enough.
template <class T>
bool offer(T* values, std::uint32_t* ids, std::uint8_t& size, double value, std::uint32_t id) noexcept {
  if (size == kTop && !better(value, id, values[kTop - 1], ids[kTop - 1])) return false;
  std::uint32_t at = size < kTop ? size++ : kTop - 1;
  for (; at > 0 && better(value, id, values[at - 1], ids[at - 1]); --at) {
    values[at] = values[at - 1];
    ids[at] = ids[at - 1];
  }
  values[at] = static_cast<T>(value);
  ids[at] = id;
  return true;
}

}  // namespace

bool Tree::keeps(std::size_t level, std::uint32_t facet) const noexcept {
  return table_->facetSize[facet] <= std::uint64_t{kLeaf} << (4 * level);
}

void Tree::layOutHistograms(std::size_t level, std::uint32_t facet) {
  Histograms& here = levels_[level].histograms[facet];
  here = {};
  if (!keeps(level, facet)) return;
  const std::size_t size = std::size_t{levels_[level].nodes} * table_->facetStride[facet];
  if (level < kNarrowLevels)
    here.narrow.assign(size, 0);
  else
    here.wide.assign(size, 0);
}

Summary Tree::summarise(std::uint32_t m, std::uint32_t leaf, std::uint32_t from, std::uint32_t to) const noexcept {
  const Numbers& column = columnOf(m);
  if (column.coded()) {
    const std::uint8_t* const codes = m == 0 ? keys_.as<std::uint8_t>() + slot(leaf) : this->codes(schema_->aggregates[m - 1], leaf);
    return summariseCodes(codes + from, to - from, *column.meanings());
  }
  return kernels().summarise[static_cast<int>(column.type())](column.at(slot(leaf) + from), to - from);
}

void Tree::refreshMeasure(std::size_t level, std::uint32_t node, std::uint32_t m) noexcept {
  Summary& summary = levels_[level].measures[m][node];
  if (level == 0) {
    summary = summarise(m, node, 0, countOf(node));
    return;
  }
  const Summary* const below = levels_[level - 1].measures[m].data() + std::size_t{node} * kFan;
  summary = {};
  for (std::uint32_t i = 0; i < kFan; ++i) summary.add(below[i]);
}

void Tree::listTop(std::uint32_t leaf, std::uint32_t score, const double* scores) noexcept {
  TopLists& top = levels_[0].tops[score];
  const double none = noneOf(table_->numbers[table_->schema.scores[score]].type());
  const std::uint32_t* const rows = ids(leaf);
  std::uint8_t size = 0;
  top.values.visitPlain([&](auto* values) {
    values += std::size_t{leaf} * kTop;
    std::uint32_t* const ids = top.ids.data() + std::size_t{leaf} * kTop;
    for (std::uint32_t i = 0; i < countOf(leaf); ++i)
      if (scores[i] < none) offer(values, ids, size, scores[i], rows[i]);
  });
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
  std::uint32_t* const ids = top.ids.data() + std::size_t{node} * kTop;
  std::uint8_t size = 0;
  const TopLists& below = levels_[level - 1].tops[score];
  const std::uint32_t end = std::min(levels_[level - 1].nodes, (node + 1) * kFan);
  top.values.visitPlain([&](auto* values) {
    values += std::size_t{node} * kTop;
    for (std::uint32_t child = node * kFan; child < end; ++child) {
      const std::size_t first = std::size_t{child} * kTop;
      for (std::uint32_t i = 0; i < below.size[child]; ++i)
        if (!offer(values, ids, size, below.values.get(first + i), below.ids[first + i])) break;
    }
  });
  top.size[node] = size;
}

void Tree::refreshHistogram(std::size_t level, std::uint32_t node, std::uint32_t facet) noexcept {
  if (!keeps(level, facet)) return;
  const std::uint32_t stride = table_->facetStride[facet];
  Histograms& here = levels_[level].histograms[facet];
  const auto fill = [&](auto* counts) {
    std::fill(counts, counts + stride, typename std::remove_reference<decltype(*counts)>::type{0});
    if (level > 0 && keeps(level - 1, facet)) {
      const Histograms& below = levels_[level - 1].histograms[facet];
      const std::uint32_t end = std::min(levels_[level - 1].nodes, (node + 1) * kFan);
      for (std::uint32_t child = node * kFan; child < end; ++child) below.addTo(std::size_t{child} * stride, stride, counts);
      return;
    }
    const std::uint32_t first = node << (4 * level);
    const std::uint32_t last = std::min(leaves(), (node + 1) << (4 * level));
    for (std::uint32_t leaf = first; leaf < last; ++leaf) {
      facets(facet, leaf).visit([&](const auto* codes) {
        for (std::uint32_t i = 0; i < countOf(leaf); ++i) ++counts[codes[i]];
      });
    }
  };
  const std::size_t at = std::size_t{node} * stride;
  if (level < kNarrowLevels)
    fill(here.narrow.data() + at);
  else
    fill(here.wide.data() + at);
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
  for (std::uint32_t m = 0; m < measures(); ++m) refreshMeasure(level, node, m);
  for (std::uint32_t score = 0; tops && score < table_->schema.scores.size(); ++score) refreshTop(level, node, score);
  for (std::uint32_t facet = 0; facet < table_->facets.size(); ++facet) refreshHistogram(level, node, facet);
}

void Tree::restride(std::uint32_t facet) {
  facets_[facet].widen(table_->facetSize[facet], std::size_t{leaves()} * kLeaf);
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    layOutHistograms(level, facet);
    for (std::uint32_t node = 0; node < levels_[level].nodes; ++node) refreshHistogram(level, node, facet);
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
      const std::size_t first = std::size_t{node} * table_->facetStride[facet];
      levels_[level].histograms[facet].change(first + table_->facets[facet].get(id), by);
    }
  }
}

// Sums on the way up from a leaf that a row came to (`by` is 1) or left (-1), where they are exact: then they have the bits that they
// would have if they were added up anew.
void Tree::addUp(std::uint32_t leaf, std::uint32_t id, std::int32_t by) noexcept {
  for (std::uint32_t m = 0; m < measures(); ++m) {
    const Numbers& numbers = table_->numbers[m == 0 ? schema_->number : schema_->aggregates[m - 1]];
    if (!isExact(m) || !numbers.has(id)) continue;
    const double value = numbers.get(id);
    std::uint32_t node = leaf;
    for (std::size_t level = 0; level < levels_.size(); ++level, node /= kFan) {
      Summary& here = levels_[level].measures[m][node];
      here.valid += static_cast<std::uint32_t>(by);
      here.sum += by * value;
      if (by > 0) {
        here.min = std::min(here.min, value);
        here.max = std::max(here.max, value);
      } else if (value == here.min || value == here.max) {
        refreshBounds(level, node, m);
      }
    }
  }
}

// The least and the greatest value, which a row that left may have been.
void Tree::refreshBounds(std::size_t level, std::uint32_t node, std::uint32_t m) noexcept {
  if (level > 0 || m > 0) return refreshMeasure(level, node, m);
  Summary& here = levels_[0].measures[0][node];
  here.min = here.valid > 0 ? keys_.get(slot(node)) : Summary{}.min;
  here.max = here.valid > 0 ? keys_.get(slot(node) + here.valid - 1) : Summary{}.max;
}

// The other sums on the way up from two leaves, or one.
void Tree::sumUp(std::uint32_t leaf, std::uint32_t other) noexcept {
  for (std::uint32_t m = 0; m < measures(); ++m) {
    if (isExact(m)) continue;
    std::uint32_t node = leaf, second = other;
    for (std::size_t level = 0; level < levels_.size(); ++level, node /= kFan, second /= kFan) {
      refreshMeasure(level, node, m);
      if (second != node) refreshMeasure(level, second, m);
    }
  }
  taken_ = kNone;
}

void Tree::addTops(std::uint32_t leaf, std::uint32_t id) noexcept {
  for (std::uint32_t score = 0; score < table_->schema.scores.size(); ++score) {
    const Numbers& scores = table_->numbers[table_->schema.scores[score]];
    if (!scores.has(id)) continue;
    const double value = scores.get(id);
    std::uint32_t node = leaf;
    for (Level& level : levels_) {
      TopLists& top = level.tops[score];
      const std::size_t first = std::size_t{node} * kTop;
      const bool kept = top.values.visitPlain(
          [&](auto* values) { return offer(values + first, top.ids.data() + first, top.size[node], value, id); });
      if (!kept) break;
      node /= kFan;
    }
  }
}

// The row behind the last one of a list that was full is not in it: it is looked for.
void Tree::dropTops(std::uint32_t leaf, std::uint32_t id) noexcept {
  for (std::uint32_t score = 0; score < table_->schema.scores.size(); ++score) {
    const Numbers& scores = table_->numbers[table_->schema.scores[score]];
    const double value = scores.get(id);
    std::uint32_t node = leaf;
    for (std::size_t level = 0; level < levels_.size(); ++level, node /= kFan) {
      TopLists& top = levels_[level].tops[score];
      const std::size_t first = std::size_t{node} * kTop;
      std::uint32_t* const ids = top.ids.data() + first;
      const std::uint8_t size = top.size[node];
      if (size == kTop && better(top.values.get(first + kTop - 1), ids[kTop - 1], value, id)) break;
      const auto at = static_cast<std::uint8_t>(std::find(ids, ids + size, id) - ids);
      if (at == size) break;
      if (size == kTop && level > 0) {
        refreshTop(level, node, score);
        continue;
      }
      top.values.move(first + at, first + at + 1, size - at - 1u);
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
  const double none = noneOf(scores.type());
  std::uint8_t& size = top.size[leaf];
  const std::size_t end = std::size_t{leaf} * kTop + size;
  const double last = top.values.get(end - 1);
  const std::uint32_t lastId = top.ids[end - 1];
  const std::uint8_t* const codes = this->codes(number, leaf);  // null in the tree of the score, whose keys are in the leaf
  const std::uint32_t* const rows = ids(leaf);
  const std::uint8_t most = table_->codes[number].of(last, none);
  std::uint8_t least = 1;
  double best = 0;
  std::uint32_t bestId = kNone;
  for (std::uint32_t i = 0; i < countOf(leaf); ++i) {
    if (codes != nullptr && (codes[i] < least || codes[i] > most)) continue;
    const double value = codes != nullptr ? scores.get(rows[i]) : keys_.get(slot(leaf) + i);
    if (!(value < none) || !better(last, lastId, value, rows[i])) continue;
    if (bestId != kNone && !better(value, rows[i], best, bestId)) continue;
    best = value;
    bestId = rows[i];
    if (codes != nullptr) least = codes[i];
  }
  if (bestId == kNone) return;
  top.values.set(end, best);
  top.ids[end] = bestId;
  ++size;
}

}  // namespace easy11::range
