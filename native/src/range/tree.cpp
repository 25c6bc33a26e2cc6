#include "tree.hpp"

namespace easy11::range {

Tree::Tree(const Table& table, const RangeTreeSchema& schema)
    : table_(&table), schema_(&schema), keys_(table.numbers[schema.number].type()) {
  for (const std::uint32_t number : schema.aggregates) carried_.emplace_back(table.numbers[number].type());
  codes_.assign(table.numbers.size(), Column(1));
  facets_.resize(table.facets.size());
  layOut(1);
}

int Tree::measureOf(std::uint32_t number) const noexcept {
  if (number == schema_->number) return 0;
  for (std::size_t i = 0; i < schema_->aggregates.size(); ++i)
    if (schema_->aggregates[i] == number) return static_cast<int>(i) + 1;
  return -1;
}

template <class Body>
void Tree::eachColumn(Body&& body) {
  body(static_cast<Column&>(keys_));
  body(ids_);
  for (Numbers& column : carried_) body(static_cast<Column&>(column));
  for (Column& column : codes_) body(column);
  for (FacetColumn& column : facets_) body(static_cast<Column&>(column));
}

void Tree::layOut(std::uint32_t leaves) {
  for (std::uint32_t f = 0; f < facets_.size(); ++f) facets_[f].widen(table_->facetSize[f], 0);
  eachColumn([&](Column& column) { column.resize(std::size_t{leaves} * kLeaf); });
  firstKey_.assign(leaves, -std::numeric_limits<double>::infinity());
  firstId_.assign(leaves, 0);
  levels_.clear();
  for (std::uint32_t nodes = leaves;; nodes = (nodes + kFan - 1) / kFan) {
    Level level;
    level.nodes = nodes;
    const std::size_t padded = (std::size_t{nodes} + kFan - 1) / kFan * kFan;
    level.counts.assign(padded, 0);
    level.ahead.assign(padded, 0);
    level.measures.assign(1 + carried_.size(), std::vector<Summary>(padded));
    level.tops.resize(table_->schema.scores.size());
    for (TopLists& top : level.tops) {
      top.size.assign(padded, 0);
      top.ids.assign(std::size_t{nodes} * kTop, 0);
      top.values.assign(std::size_t{nodes} * kTop, 0);
    }
    level.histograms.resize(table_->facets.size());
    levels_.push_back(std::move(level));
    for (std::uint32_t f = 0; f < table_->facets.size(); ++f)
      if (keeps(levels_.size() - 1, f))
        levels_.back().histograms[f].assign(std::size_t{nodes} * table_->facetSize[f], 0);
    if (nodes == 1) break;
  }
}

void Tree::writeRow(std::size_t slot, std::uint32_t id) noexcept {
  keys_.set(slot, table_->numbers[schema_->number].get(id));
  ids_.as<std::uint32_t>()[slot] = id;
  for (std::size_t i = 0; i < carried_.size(); ++i)
    carried_[i].set(slot, table_->numbers[schema_->aggregates[i]].get(id));
  for (std::uint32_t n = 0; n < codes_.size(); ++n) codes_[n].as<std::uint8_t>()[slot] = table_->codeOf(n, id);
  for (std::size_t f = 0; f < facets_.size(); ++f) facets_[f].set(slot, table_->facets[f].get(id));
}

// Columns by id are read in the order of the tree, here and there: all of a row's are fetched at once.
void Tree::fetchRow(std::uint32_t id) const noexcept {
  easy11::prefetch(table_->numbers[schema_->number].at(id));
  for (const std::uint32_t number : schema_->aggregates) easy11::prefetch(table_->numbers[number].at(id));
  for (std::uint32_t n = 0; n < codes_.size(); ++n) easy11::prefetch(table_->encoded[n].data() + id);
  for (const FacetColumn& column : table_->facets) easy11::prefetch(column.at(id));
}

bool Tree::fill(const std::vector<std::uint32_t>& order, std::uint32_t fill, const JobControl& control) {
  const std::uint64_t rows = order.size();
  const auto leaves = static_cast<std::uint32_t>(std::max<std::uint64_t>(1, (rows + fill - 1) / fill));
  layOut(leaves);
  for (std::uint32_t leaf = 0; leaf < leaves; ++leaf) {
    if (control.cancelled()) return false;
    const std::uint64_t begin = rows * leaf / leaves, end = rows * (leaf + 1) / leaves;
    for (std::uint64_t i = begin; i < end; ++i) {
      constexpr std::uint64_t kAhead = 24;
      if (i + kAhead < rows) fetchRow(order[i + kAhead]);
      writeRow(slot(leaf) + (i - begin), order[i]);
    }
    levels_[0].counts[leaf] = static_cast<std::uint32_t>(end - begin);
    setFirst(leaf);
  }
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    for (std::uint32_t node = 0; node < levels_[level].nodes; ++node) {
      if (control.cancelledAt(node)) return false;
      refresh(level, node);
    }
  }
  return true;
}

std::vector<std::uint32_t> Tree::order() const {
  std::vector<std::uint32_t> all;
  all.reserve(table_->rows);
  for (std::uint32_t leaf = 0; leaf < leaves(); ++leaf) all.insert(all.end(), ids(leaf), ids(leaf) + countOf(leaf));
  return all;
}

// The first leaf takes whatever comes before the others.
void Tree::setFirst(std::uint32_t leaf) noexcept {
  if (leaf == 0) return;
  firstKey_[leaf] = keys_.get(slot(leaf));
  firstId_[leaf] = *ids(leaf);
}

bool Tree::makeRoom(std::uint32_t leaf) {
  for (std::uint64_t span = kFan;; span *= kFan) {
    const auto first = static_cast<std::uint32_t>(leaf / span * span);
    const auto last = static_cast<std::uint32_t>(std::min<std::uint64_t>(first + span, leaves()));
    std::uint32_t total = 0;
    for (std::uint32_t i = first; i < last; ++i) total += countOf(i);
    // The wider the window, the more room it must have, so that wide ones are spread seldom.
    const std::uint64_t room = std::uint64_t{last - first} * kLeaf;
    if (std::uint64_t{total} * 32 <= room * (span == kFan ? 31 : 30)) {
      spread(first, last, total);
      return true;
    }
    if (first == 0 && last == leaves()) return false;
  }
}

// Places the rows of leaves first..last evenly: nodes above the window stay as they are.
void Tree::spread(std::uint32_t first, std::uint32_t last, std::uint32_t total) {
  const std::uint32_t window = last - first;
  std::vector<std::uint32_t> counts(window);
  for (std::uint32_t i = 0; i < window; ++i)
    counts[i] = static_cast<std::uint32_t>(std::uint64_t{total} * (i + 1) / window - std::uint64_t{total} * i / window);
  std::vector<unsigned char> rows(std::size_t{total} * 8);
  eachColumn([&](Column& column) {
    unsigned char* at = rows.data();
    for (std::uint32_t i = 0; i < window; ++i) {
      const std::size_t size = std::size_t{countOf(first + i)} * column.width();
      std::memcpy(at, column.at(slot(first + i)), size);
      at += size;
    }
    at = rows.data();
    for (std::uint32_t i = 0; i < window; ++i) {
      const std::size_t size = std::size_t{counts[i]} * column.width();
      std::memcpy(column.at(slot(first + i)), at, size);
      at += size;
    }
  });
  for (std::uint32_t i = 0; i < window; ++i) {
    levels_[0].counts[first + i] = counts[i];
    setFirst(first + i);
  }
  std::uint32_t begin = first, end = last;
  for (std::size_t level = 0; level < levels_.size() && end - begin >= 1; ++level) {
    for (std::uint32_t node = begin; node < end; ++node) refresh(level, node);
    if (end - begin == 1) break;
    begin /= kFan;
    end = (end + kFan - 1) / kFan;
  }
}

bool Tree::insert(std::uint32_t id) {
  const double key = table_->numbers[schema_->number].get(id);
  std::uint32_t leaf = locate(key, id);
  if (countOf(leaf) == kLeaf) {
    if (!makeRoom(leaf)) return false;
    leaf = locate(key, id);
  }
  const std::uint32_t at = placeIn(leaf, key, id);
  const std::uint32_t behind = countOf(leaf) - at;
  eachColumn([&](Column& column) { column.move(slot(leaf) + at + 1, slot(leaf) + at, behind); });
  writeRow(slot(leaf) + at, id);
  climb(leaf, id, 1);
  addTops(leaf, id);
  return true;
}

void Tree::erase(std::uint32_t id) noexcept {
  const double key = table_->numbers[schema_->number].get(id);
  const std::uint32_t leaf = locate(key, id);
  const std::uint32_t at = placeIn(leaf, key, id);
  const std::uint32_t behind = countOf(leaf) - at - 1;
  eachColumn([&](Column& column) { column.move(slot(leaf) + at, slot(leaf) + at + 1, behind); });
  climb(leaf, id, -1);
  dropTops(leaf, id);
}

void Tree::recode(std::uint32_t id, const std::vector<bool>& changed) noexcept {
  const double key = table_->numbers[schema_->number].get(id);
  const std::uint32_t leaf = locate(key, id);
  const std::size_t at = slot(leaf) + placeIn(leaf, key, id);
  for (std::uint32_t n = 0; n < codes_.size(); ++n)
    if (changed[n]) codes_[n].as<std::uint8_t>()[at] = table_->codeOf(n, id);
}

std::size_t Tree::bytes() const noexcept {
  std::size_t total = keys_.bytes() + ids_.bytes() + firstKey_.capacity() * 12;
  for (const Numbers& column : carried_) total += column.bytes();
  for (const Column& column : codes_) total += column.bytes();
  for (const FacetColumn& column : facets_) total += column.bytes();
  for (const Level& level : levels_) {
    total += (level.counts.capacity() + level.ahead.capacity()) * 4;
    for (const auto& measure : level.measures) total += measure.capacity() * sizeof(Summary);
    for (const TopLists& top : level.tops) total += top.size.capacity() + top.ids.capacity() * 4 + top.values.capacity() * 8;
    for (const Histograms& histogram : level.histograms) total += histogram.capacity() * 4;
  }
  return total;
}

}  // namespace easy11::range
