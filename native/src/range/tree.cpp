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

void Tree::layOut(std::uint32_t leaves) {
  for (std::uint32_t f = 0; f < facets_.size(); ++f) facets_[f].widen(table_->facetSize[f], 0);
  keys_ = table_->numbers[schema_->number].emptied();
  for (std::size_t i = 0; i < carried_.size(); ++i) carried_[i] = table_->numbers[schema_->aggregates[i]].emptied();
  eachColumn([&](Column& column) { column.resize(std::size_t{leaves} * kLeaf); });
  firstKey_.assign(leaves, -std::numeric_limits<double>::infinity());
  firstId_.assign(leaves, 0);
  levels_.clear();
  taken_ = kNone;
  for (std::uint32_t nodes = leaves;; nodes = (nodes + kFan - 1) / kFan) {
    Level level;
    level.nodes = nodes;
    const std::size_t padded = (std::size_t{nodes} + kFan - 1) / kFan * kFan;
    level.counts.assign(padded, 0);
    level.ahead.assign(padded, 0);
    level.measures.assign(1 + carried_.size(), std::vector<Summary>(padded));
    for (const std::uint32_t number : table_->schema.scores) {
      TopLists top{{}, {}, Numbers(table_->numbers[number].type())};
      top.size.assign(padded, 0);
      top.ids.assign(std::size_t{nodes} * kTop, 0);
      top.values.resize(std::size_t{nodes} * kTop);
      level.tops.push_back(std::move(top));
    }
    level.histograms.resize(table_->facets.size());
    levels_.push_back(std::move(level));
    for (std::uint32_t f = 0; f < table_->facets.size(); ++f) layOutHistograms(levels_.size() - 1, f);
    if (nodes == 1) break;
  }
}

void Tree::writeRow(std::size_t slot, std::uint32_t id) noexcept {
  keys_.set(slot, table_->numbers[schema_->number].get(id), table_->codeOf(schema_->number, id));
  ids_.as<std::uint32_t>()[slot] = id;
  for (std::size_t i = 0; i < carried_.size(); ++i)
    if (!carried_[i].coded()) carried_[i].set(slot, table_->numbers[schema_->aggregates[i]].get(id));
  for (std::uint32_t n = 0; n < codes_.size(); ++n)
    if (n != schema_->number) codes_[n].as<std::uint8_t>()[slot] = table_->codeOf(n, id);
  for (std::size_t f = 0; f < facets_.size(); ++f) facets_[f].set(slot, table_->facets[f].get(id));
}

void Tree::writeRows(std::size_t slot, const std::uint32_t* ids, std::size_t size, std::size_t left, const RowImage& image) noexcept {
  constexpr std::size_t kAhead = 24;
  for (std::size_t i = 0; i < size; ++i, ++slot) {
    const std::uint32_t id = ids[i];
    if (i + kAhead < left) image.fetch(ids[i + kAhead]);
    image.number(schema_->number, id, keys_.at(slot));
    ids_.as<std::uint32_t>()[slot] = id;
    for (std::size_t c = 0; c < carried_.size(); ++c)
      if (!carried_[c].coded()) image.number(schema_->aggregates[c], id, carried_[c].at(slot));
    for (std::size_t n = 0; n < codes_.size(); ++n)
      if (n != schema_->number) codes_[n].as<std::uint8_t>()[slot] = image.code(n, id);
    for (std::size_t f = 0; f < facets_.size(); ++f) image.facet(f, id, facets_[f].at(slot));
  }
}

bool Tree::fill(const std::vector<std::uint32_t>& order, std::uint32_t fill, const RowImage& image, const JobControl& control) {
  const std::uint64_t rows = order.size();
  const auto leaves = static_cast<std::uint32_t>(std::max<std::uint64_t>(1, (rows + fill - 1) / fill));
  layOut(leaves);
  for (std::uint32_t leaf = 0; leaf < leaves; ++leaf) {
    if (control.cancelled()) return false;
    const std::uint64_t begin = rows * leaf / leaves, end = rows * (leaf + 1) / leaves;
    writeRows(slot(leaf), order.data() + begin, end - begin, rows - begin, image);
    levels_[0].counts[leaf] = static_cast<std::uint32_t>(end - begin);
    setFirst(leaf);
    for (std::uint32_t score = 0; score < table_->schema.scores.size(); ++score) {
      double scores[kLeaf];  // while the rows are at hand
      for (std::uint64_t i = begin; i < end; ++i) scores[i - begin] = image.valueOf(table_->schema.scores[score], order[i]);
      listTop(leaf, score, scores);
    }
  }
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    for (std::uint32_t node = 0; node < levels_[level].nodes; ++node) {
      if (control.cancelledAt(node)) return false;
      refresh(level, node, level > 0);
    }
  }
  return true;
}

void Tree::widen(std::uint32_t number) {
  const int measure = measureOf(number);
  if (measure < 0) return;
  Numbers& column = measure == 0 ? keys_ : carried_[static_cast<std::size_t>(measure) - 1];
  if (!column.coded()) return;
  const std::uint8_t* const codes = (measure == 0 ? column : codes_[number]).as<std::uint8_t>();
  Numbers wide(column.type());
  const std::size_t rows = slot(leaves());
  wide.resize(rows);
  for (std::size_t i = 0; i < rows; ++i) wide.set(i, column.meanings()->values[codes[i]]);
  column = std::move(wide);
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

bool Tree::insert(std::uint32_t id, Point place) {
  if (countOf(place.leaf) == kLeaf) {
    if (!makeRoom(place.leaf)) return false;
    place = placeOf(keyOf(id), id);
  }
  const std::size_t at = slot(place.leaf) + place.at;
  const std::uint32_t behind = countOf(place.leaf) - place.at;
  eachColumn([&](Column& column) { column.move(at + 1, at, behind); });
  writeRow(at, id);
  climb(place.leaf, id, 1);
  addUp(place.leaf, id, 1);
  sumUp(place.leaf, taken_ == kNone ? place.leaf : taken_);
  addTops(place.leaf, id);
  return true;
}

void Tree::take(std::uint32_t id, Point place) noexcept {
  const std::size_t at = slot(place.leaf) + place.at;
  const std::uint32_t behind = countOf(place.leaf) - place.at - 1;
  eachColumn([&](Column& column) { column.move(at, at + 1, behind); });
  climb(place.leaf, id, -1);
  addUp(place.leaf, id, -1);
  dropTops(place.leaf, id);
  taken_ = place.leaf;
}

void Tree::recode(const Recoded* rows, std::uint32_t size, std::uint32_t bit) noexcept {
  std::uint32_t ids[kMostRecoded] = {}, which[kMostRecoded], found = 0;
  std::size_t slots[kMostRecoded];
  for (std::uint32_t i = 0; i < size; ++i) {
    if ((rows[i].trees & bit) == 0 || !table_->has(rows[i].id)) continue;
    which[found] = i;
    ids[found++] = rows[i].id;
  }
  slotsOf(ids, found, slots);
  for (std::uint32_t i = 0; i < found; ++i)
    for (std::uint32_t n = 0; n < codes_.size(); ++n)
      if ((rows[which[i]].numbers >> n & 1) != 0 && n != schema_->number)
        codes_[n].as<std::uint8_t>()[slots[i]] = table_->codeOf(n, ids[i]);
}

std::size_t Tree::bytes() const noexcept {
  std::size_t total = keys_.bytes() + ids_.bytes() + firstKey_.capacity() * 12;
  for (const Numbers& column : carried_) total += column.bytes();
  for (const Column& column : codes_) total += column.bytes();
  for (const FacetColumn& column : facets_) total += column.bytes();
  for (const Level& level : levels_) {
    total += (level.counts.capacity() + level.ahead.capacity()) * 4;
    for (const auto& measure : level.measures) total += measure.capacity() * sizeof(Summary);
    for (const TopLists& top : level.tops) total += top.size.capacity() + top.ids.capacity() * 4 + top.values.bytes();
    for (const Histograms& histogram : level.histograms) total += histogram.narrow.capacity() * 2 + histogram.wide.capacity() * 4;
  }
  return total;
}

}  // namespace easy11::range
