#include "best_rows.hpp"

namespace easy11::range {
namespace {

constexpr std::uint32_t kMostSteps = 4096;
// A set of so few ids is looked at row by row at once; nodes are tried first for a larger one.
constexpr std::uint32_t kFewIds = 16384;

}  // namespace

// Takes the place of the best run with one that is no better.
void BestRows::replaceFirst(const Run& run) noexcept {
  const std::size_t size = heap_.size();
  std::size_t at = 0;
  for (std::size_t child = 1; child < size; child = 2 * at + 1) {
    if (child + 1 < size && worse(heap_[child], heap_[child + 1])) ++child;
    if (!worse(run, heap_[child])) break;
    heap_[at] = heap_[child];
    at = child;
  }
  heap_[at] = run;
}

void BestRows::keep(double value, std::uint32_t id) noexcept {
  std::uint32_t at = size_ < limit_ ? size_++ : limit_ - 1;
  for (; at > 0 && (value > values_[at - 1] || (value == values_[at - 1] && id < ids_[at - 1])); --at) {
    values_[at] = values_[at - 1];
    ids_[at] = ids_[at - 1];
  }
  values_[at] = value;
  ids_[at] = id;
}

void BestRows::enter(const Filter& filter, std::uint8_t level, std::uint32_t node, double value, std::uint32_t id) {
  const Tree& tree = filter.tree();
  const TopLists& top = tree.levels()[level].tops[score_];
  const std::size_t first = std::size_t{node} * kTop;
  const std::uint8_t size = top.size[node];
  const auto valueAt = [&](std::uint8_t at) { return top.values.get(first + at); };
  std::uint8_t at = 0;
  while (at < size && (valueAt(at) > value || (valueAt(at) == value && top.ids[first + at] <= id))) ++at;
  if (at < size) {
    heap_.push_back({valueAt(at), top.ids[first + at], node, level, at});
    if (ordered_) std::push_heap(heap_.begin(), heap_.end(), worse);
    return;
  }
  if (size < kTop) return;
  if (level > 0) {
    const std::uint32_t end = std::min(tree.levels()[level - 1].nodes, (node + 1) * kFan);
    for (std::uint32_t child = node * kFan; child < end; ++child)
      enter(filter, static_cast<std::uint8_t>(level - 1), child, value, id);
    return;
  }
  const Numbers& scores = table_->numbers[table_->schema.scores[score_]];
  const std::uint32_t* const rows = tree.ids(node);
  for (std::uint32_t i = 0; i < tree.countOf(node); ++i) {
    if (!scores.has(rows[i])) continue;
    const double other = scores.get(rows[i]);
    if (!(other < value || (other == value && rows[i] > id)) || !good(other, rows[i])) continue;
    if (filter.others() == 0 || filter.holds(*table_, rows[i])) keep(other, rows[i]);
  }
}

// Part of a leaf: codes rule out most rows once there are enough good ones.
void BestRows::takeLeaf(const Filter& filter, std::uint32_t leaf, std::uint32_t from, std::uint32_t to) noexcept {
  Masks masks;
  if (!filter.matches(*table_, leaf, from, to, masks)) return;
  const std::uint32_t number = table_->schema.scores[score_];
  const Numbers& scores = table_->numbers[number];
  const Tree& tree = filter.tree();
  if (const std::uint8_t* const codes = tree.codes(number, leaf); codes != nullptr) {
    std::uint8_t least = 1;
    if (size_ == limit_) least = table_->codes[number].of(values_[size_ - 1], noneOf(scores.type()));
    kernels().andCodes(codes, (to + 63) / 64, least, 255, masks.data());
  } else {
    // Rows are in order of the score.
    const Masks within = masksOf(size_ == limit_ ? tree.lowerIn(leaf, values_[size_ - 1]) : 0, tree.validOf(leaf));
    for (std::uint32_t w = 0; w < kWords; ++w) masks[w] &= within[w];
  }
  const std::uint32_t* const rows = tree.ids(leaf);
  eachBit(masks, [&](std::uint32_t at) {
    const double value = scores.get(rows[at]);
    if (good(value, rows[at])) keep(value, rows[at]);
  });
}

// False when the rows that match are so few that nodes lead nowhere.
bool BestRows::search(const Filter& filter) {
  const Tree& tree = filter.tree();
  constexpr double kAll = std::numeric_limits<double>::infinity();
  heap_.clear();
  ordered_ = false;
  tree.cover(
      filter.begin(), filter.end(),
      [&](std::size_t level, std::uint32_t begin, std::uint32_t end) {
        for (std::uint32_t node = begin; node < end; ++node) enter(filter, static_cast<std::uint8_t>(level), node, kAll, 0);
      },
      [](std::uint32_t, std::uint32_t, std::uint32_t) {});
  std::make_heap(heap_.begin(), heap_.end(), worse);
  ordered_ = true;
  for (std::uint32_t steps = 0; !heap_.empty(); ++steps) {
    if (steps > kMostSteps + 4 * limit_) return false;
    const Run run = heap_.front();
    if (!good(run.value, run.id)) break;
    if (filter.others() == 0 || filter.holds(*table_, run.id)) keep(run.value, run.id);
    const TopLists& top = tree.levels()[run.level].tops[score_];
    const std::size_t next = std::size_t{run.node} * kTop + run.at + 1;
    if (run.at + 1 < top.size[run.node]) {
      replaceFirst({top.values.get(next), top.ids[next], run.node, run.level, static_cast<std::uint8_t>(run.at + 1)});
    } else {
      std::pop_heap(heap_.begin(), heap_.end(), worse);
      heap_.pop_back();
      enter(filter, run.level, run.node, run.value, run.id);
    }
  }
  tree.cover(
      filter.begin(), filter.end(), [](std::size_t, std::uint32_t, std::uint32_t) {},
      [&](std::uint32_t leaf, std::uint32_t from, std::uint32_t to) { takeLeaf(filter, leaf, from, to); });
  return true;
}

void BestRows::scanAll(const Filter& filter) noexcept {
  size_ = 0;
  for (std::uint32_t leaf = filter.begin().leaf; leaf <= filter.end().leaf; ++leaf) {
    const TopLists& top = filter.tree().levels()[0].tops[score_];
    if (top.size[leaf] == 0 || !(good(top.values.get(std::size_t{leaf} * kTop), top.ids[std::size_t{leaf} * kTop]))) continue;
    takeLeaf(filter, leaf, leaf == filter.begin().leaf ? filter.begin().at : 0,
             leaf == filter.end().leaf ? filter.end().at : filter.tree().countOf(leaf));
  }
}

void BestRows::scanSet(const Filter& filter) noexcept {
  size_ = 0;
  const Numbers& scores = table_->numbers[table_->schema.scores[score_]];
  filter.scan(*table_, [&](const Block& block, const Masks& masks) {
    eachBit(masks, [&](std::uint32_t at) {
      const double value = scores.get(block.id(at));
      if (value < noneOf(scores.type()) && good(value, block.id(at))) keep(value, block.id(at));
    });
  });
}

std::uint32_t BestRows::find(const Table& table, const std::vector<Tree>& trees, Filter& filter, std::uint32_t score,
                             std::uint32_t limit, double* values, std::uint32_t* ids) {
  table_ = &table;
  score_ = score;
  limit_ = limit;
  size_ = 0;
  values_ = values;
  ids_ = ids;
  const IdSet* const set = filter.set();
  if (filter.bySet() && set->size() > kFewIds) filter.driveByTree(trees, table);
  if (filter.bySet()) {
    scanSet(filter);
  } else if (filter.rows() > 0 && !search(filter)) {
    if (set != nullptr && set->size() < filter.rows()) {
      filter.driveBySet(table);
      scanSet(filter);
    } else {
      scanAll(filter);
    }
  }
  return size_;
}

}  // namespace easy11::range
