// The face of the engine: rows in order, by rank, by cursor.
#include <algorithm>
#include <cmath>

#include "../common/guarded.hpp"
#include "core.hpp"

namespace easy11 {

using namespace range;

namespace {

// The position of the bit that has `rank` bits before it.
std::uint32_t selectBit(const Masks& masks, std::uint32_t rank) noexcept {
  for (std::uint32_t w = 0; w < kWords; ++w) {
    const std::uint32_t here = countBits(masks[w]);
    if (rank >= here) {
      rank -= here;
      continue;
    }
    std::uint64_t bits = masks[w];
    for (; rank > 0; --rank) bits &= bits - 1;
    return w * 64 + lowestBit(bits);
  }
  return kLeaf;
}

std::uint32_t rankAt(double share, std::uint32_t rows) noexcept {
  return static_cast<std::uint32_t>(std::floor(share * (rows - 1)));
}

}  // namespace

namespace {

// A row of a list: its value and id are compared as the list goes.
struct Listed {
  double value;
  std::uint32_t id;
  bool operator<(const Listed& other) const noexcept {
    return value < other.value || (value == other.value && id < other.id);
  }
};

// The first `need` rows in order, of however many are offered: when twice as many wait, the worse half is dropped.
class FirstRows {
 public:
  FirstRows(std::size_t need, bool descending) : need_(need), descending_(descending) {}
  void offer(const Listed& row) {
    if (full_ && !before(row, worst_)) return;
    rows_.push_back(row);
    if (rows_.size() >= 2 * need_ + kSlack) cut();
  }
  const std::vector<Listed>& sorted() {
    std::sort(rows_.begin(), rows_.end(), [this](const Listed& a, const Listed& b) { return before(a, b); });
    return rows_;
  }

 private:
  static constexpr std::size_t kSlack = 64;
  bool before(const Listed& a, const Listed& b) const noexcept { return descending_ ? b < a : a < b; }
  void cut() {
    const auto last = rows_.begin() + static_cast<std::ptrdiff_t>(need_ - 1);
    std::nth_element(rows_.begin(), last, rows_.end(), [this](const Listed& a, const Listed& b) { return before(a, b); });
    worst_ = *last;
    rows_.resize(need_);
    full_ = true;
  }

  std::size_t need_;
  bool descending_, full_ = false;
  Listed worst_{};
  std::vector<Listed> rows_;
};

// Rows of a tree that are walked over in search of those of a set, before the set itself is gone through.
constexpr std::uint32_t kLeastWalk = 8192;

}  // namespace

bool RangeIndex::quantiles(std::uint32_t conditions, std::uint32_t number, std::uint32_t shares,
                           const RangeScratch& scratch) noexcept {
  Core& core = *core_;
  if (number >= core.table.numbers.size() || shares > RangeScratch::kValues) return false;
  if (!core.read(conditions, scratch)) return false;
  const Filter& filter = core.filter;
  // To sort the values of a set that is small beside the index costs less than to find it in the order of a tree.
  constexpr std::uint64_t kFarSmaller = 32;
  const bool small = filter.set() != nullptr && filter.set()->size() * kFarSmaller <= core.table.rows;
  const Tree* const tree = small ? nullptr : core.treeOf(number);
  core.filter.drive(core.trees, core.table, tree);
  double* const values = scratch.values;
  const Status status = guarded([&] {
    if (tree == nullptr) {
      std::vector<double> all;
      const Numbers& column = core.table.numbers[number];
      filter.scan(core.table, [&](const Block& block, const Masks& masks) {
        eachBit(masks, [&](std::uint32_t at) {
          if (column.has(block.id(at))) all.push_back(column.get(block.id(at)));
        });
      });
      if (all.empty()) return Status::kInvalidArgument;
      std::sort(all.begin(), all.end());
      for (std::uint32_t i = 0; i < shares; ++i) values[i] = all[rankAt(values[i], static_cast<std::uint32_t>(all.size()))];
      return Status::kOk;
    }
    if (filter.single()) {
      if (filter.rows() == 0) return Status::kInvalidArgument;
      const std::uint32_t before = tree->before(filter.begin());
      for (std::uint32_t i = 0; i < shares; ++i) {
        const Point at = tree->select(before + rankAt(values[i], filter.rows()));
        values[i] = tree->keys().get(Tree::slot(at.leaf) + at.at);
      }
      return Status::kOk;
    }
    // Matches before every leaf, then one leaf a share.
    std::vector<std::uint32_t>& before = core.leafCounts;
    before.assign(filter.end().leaf - filter.begin().leaf + 2, 0);
    filter.scan(core.table, [&](const Block& block, const Masks& masks) {
      before[block.at - filter.begin().leaf + 1] = countMasks(masks);
    });
    for (std::size_t i = 1; i < before.size(); ++i) before[i] += before[i - 1];
    if (before.back() == 0) return Status::kInvalidArgument;
    for (std::uint32_t i = 0; i < shares; ++i) {
      const std::uint32_t rank = rankAt(values[i], before.back());
      const auto place = std::upper_bound(before.begin(), before.end(), rank) - before.begin() - 1;
      const std::uint32_t leaf = filter.begin().leaf + static_cast<std::uint32_t>(place);
      Masks masks;
      filter.matches(core.table, leaf, leaf == filter.begin().leaf ? filter.begin().at : 0,
                     leaf == filter.end().leaf ? filter.end().at : tree->countOf(leaf), masks);
      values[i] = tree->keys().get(Tree::slot(leaf) + selectBit(masks, rank - before[static_cast<std::size_t>(place)]));
    }
    return Status::kOk;
  });
  return status == Status::kOk;
}

std::uint32_t RangeIndex::list(std::uint32_t conditions, std::uint32_t number, bool descending, std::uint32_t limit,
                               const ListStart& start, const RangeScratch& scratch) noexcept {
  Core& core = *core_;
  const Tree* const tree = core.treeOf(number);
  if (tree == nullptr || limit > kMaxLimit || !core.plan(conditions, scratch, tree)) return 0;
  const Filter& filter = core.filter;
  if (filter.rows() == 0) return 0;
  std::uint32_t begin = tree->before(filter.begin()), end = begin + filter.rows();
  if (start.after) {
    const double key = storedOf(tree->keys().type(), start.value);
    if (descending)
      end = std::min(end, tree->before(tree->placeOf(key, start.id)));
    else
      begin = std::max(begin, tree->before(start.id == 0xffffffff ? tree->upper(key) : tree->placeOf(key, start.id + 1)));
  }
  double skip = start.offset;
  if (filter.single()) {
    if (begin >= end || skip >= end - begin) return 0;
    (descending ? end : begin) += (descending ? -1 : 1) * static_cast<std::int32_t>(skip);
    skip = 0;
  }
  if (begin >= end) return 0;
  std::uint32_t found = 0;
  const Point first = tree->select(begin), last = tree->select(end - 1);
  const std::uint32_t leaves = last.leaf - first.leaf + 1;
  std::uint64_t walk = filter.set() == nullptr ? ~std::uint64_t{0} : std::max(kLeastWalk, filter.set()->size());
  for (std::uint32_t i = 0; i < leaves && found < limit; ++i) {
    if (walk < kLeaf) return core.listSet(number, descending, limit, start, scratch);
    walk -= kLeaf;
    const std::uint32_t leaf = descending ? last.leaf - i : first.leaf + i;
    Masks masks;
    if (!filter.matches(core.table, leaf, leaf == first.leaf ? first.at : 0,
                        leaf == last.leaf ? last.at + 1 : tree->countOf(leaf), masks))
      continue;
    const std::uint32_t here = countMasks(masks);
    if (skip >= here) {
      skip -= here;
      continue;
    }
    auto rank = static_cast<std::uint32_t>(skip);
    skip = 0;
    for (; rank < here && found < limit; ++rank, ++found) {
      const std::uint32_t at = selectBit(masks, descending ? here - 1 - rank : rank);
      scratch.ids[found] = tree->ids(leaf)[at];
      scratch.values[found] = tree->keys().get(Tree::slot(leaf) + at);
    }
  }
  return found;
}

// The page of a list from the rows of the set, each looked at once: where they are few, or few of them match.
std::uint32_t RangeIndex::Core::listSet(std::uint32_t number, bool descending, std::uint32_t limit,
                                        const ListStart& start, const RangeScratch& scratch) noexcept {
  const Numbers& column = table.numbers[number];
  const double none = noneOf(column.type());
  const Listed after{storedOf(column.type(), start.value), start.id};
  const auto skip = static_cast<std::size_t>(std::min(start.offset, 4294967295.0));
  std::uint32_t found = 0;
  filter.driveBySet(table);
  guarded([&] {
    FirstRows first(skip + limit, descending);
    filter.scan(table, [&](const Block& block, const Masks& masks) {
      column.visit([&](auto all) {
        eachBit(masks, [&](std::uint32_t at) {
          const Listed row{static_cast<double>(all[block.id(at)]), block.id(at)};
          if (!(row.value < none)) return;
          if (start.after && !(descending ? row < after : after < row)) return;
          first.offer(row);
        });
      });
    });
    const std::vector<Listed>& rows = first.sorted();
    for (std::size_t i = skip; i < rows.size() && found < limit; ++i, ++found) {
      scratch.ids[found] = rows[i].id;
      scratch.values[found] = rows[i].value;
    }
    return Status::kOk;
  });
  return found;
}

}  // namespace easy11
