// The face of the engine: questions.
#include <algorithm>
#include <cmath>

#include "../common/guarded.hpp"
#include "bins.hpp"

namespace easy11 {

using namespace range;

double RangeIndex::count(std::uint32_t conditions, const RangeScratch& scratch) noexcept {
  Core& core = *core_;
  if (!core.plan(conditions, scratch)) return 0;
  if (core.filter.others() == 0) return core.filter.rows();
  double total = 0;
  core.filter.scan(core.table, [&](const Block&, const Masks& masks) { total += countMasks(masks); });
  return total;
}

void RangeIndex::aggregate(std::uint32_t conditions, std::uint32_t number, const RangeScratch& scratch) noexcept {
  Core& core = *core_;
  Summary all;
  double rows = 0;
  if (number < core.table.numbers.size() && core.plan(conditions, scratch)) {
    const Tree& tree = core.filter.tree();
    const Numbers& column = core.table.numbers[number];
    const int measure = tree.measureOf(number);
    if (core.filter.single() && measure >= 0) {
      rows = core.filter.rows();
      const Numbers& values = tree.measure(static_cast<std::uint32_t>(measure));
      tree.cover(
          core.filter.begin(), core.filter.end(),
          [&](std::size_t level, std::uint32_t begin, std::uint32_t end) {
            const Summary* const nodes = tree.levels()[level].measures[static_cast<std::size_t>(measure)].data();
            for (std::uint32_t node = begin; node < end; ++node) all.add(nodes[node]);
          },
          [&](std::uint32_t leaf, std::uint32_t from, std::uint32_t to) {
            all.add(values.visit([&](const auto* at) {
              return kernels().summarise[static_cast<int>(values.type())](at + Tree::slot(leaf) + from, to - from);
            }));
          });
    } else {
      core.filter.scan(core.table, [&](const Block& block, const Masks& masks) {
        rows += countMasks(masks);
        eachBit(masks, [&](std::uint32_t at) {
          if (column.has(block.id(at))) all.add(column.get(block.id(at)));
        });
      });
    }
  }
  scratch.values[0] = rows;
  scratch.values[1] = all.valid;
  scratch.values[2] = all.sum;
  scratch.values[3] = all.min;
  scratch.values[4] = all.max;
}

std::uint32_t RangeIndex::top(std::uint32_t conditions, std::uint32_t score, std::uint32_t limit,
                              const RangeScratch& scratch) noexcept {
  Core& core = *core_;
  if (score >= core.table.schema.scores.size() || limit == 0 || limit > kMaxLimit || !core.plan(conditions, scratch))
    return 0;
  std::uint32_t found = 0;
  guarded([&] {
    found = core.best.find(core.table, core.trees, core.filter, score, limit, scratch.values, scratch.ids);
    return Status::kOk;
  });
  return found;
}

std::uint32_t RangeIndex::facet(std::uint32_t conditions, std::uint32_t facet, const RangeScratch& scratch) noexcept {
  Core& core = *core_;
  if (facet >= core.table.facets.size() || !core.plan(conditions, scratch)) return 0;
  core.countFacet(facet, scratch.counts);
  return core.table.facetSize[facet];
}

void RangeIndex::histogram(std::uint32_t conditions, std::uint32_t number, std::uint32_t bins,
                           const RangeScratch& scratch) noexcept {
  Core& core = *core_;
  std::fill(scratch.counts, scratch.counts + bins, 0u);
  if (number >= core.table.numbers.size() || bins == 0 || bins > kMaxLimit || !core.plan(conditions, scratch)) return;
  const double* const edges = scratch.values;
  const Tree& tree = core.filter.tree();
  if (core.filter.single() && tree.number() == number) {
    const std::uint32_t begin = tree.before(core.filter.begin()), end = tree.before(core.filter.end());
    std::uint32_t last = std::clamp(tree.before(tree.lower(edges[0])), begin, end);
    for (std::uint32_t bin = 0; bin < bins; ++bin) {
      const Point edge = bin + 1 == bins ? tree.upper(edges[bins]) : tree.lower(edges[bin + 1]);
      const std::uint32_t next = std::clamp(tree.before(edge), begin, end);
      scratch.counts[bin] = next - last;
      last = next;
    }
    return;
  }
  BinCounter counter(core, number, edges, bins, scratch.counts);
  core.filter.scan(core.table, [&](const Block& block, const Masks& masks) {
    BlockRows rows(masks);
    counter.add(block, masks, rows);
  });
  counter.finish();
}

double RangeIndex::page(std::uint32_t conditions, std::uint32_t facets, std::uint32_t number, std::uint32_t bins,
                        std::uint32_t most, const RangeScratch& scratch) noexcept {
  Core& core = *core_;
  Filter& filter = core.filter;
  const std::uint32_t all = static_cast<std::uint32_t>(core.table.facets.size());
  const bool binned = number < core.table.numbers.size() && bins > 0 && bins <= kMaxLimit;
  struct Counted {
    std::uint32_t facet, left;
    std::uint32_t* counts;
  } counted[32];
  std::uint32_t wanted = 0, size = 0;
  for (std::uint32_t f = 0; f < all; ++f) {
    if ((facets >> f & 1) == 0) continue;
    const std::uint32_t left = scratch.counts[wanted];
    counted[wanted++] = {f, left > 0 && left <= conditions ? left - 1 : Filter::kNone, scratch.counts + size};
    size += core.table.facetSize[f];
  }
  if (size + bins > RangeScratch::kCounts || most > kMostNamed || !core.read(conditions, scratch)) return 0;
  std::fill(scratch.counts, scratch.counts + size + bins, 0u);
  for (std::uint32_t i = 0; i < wanted; ++i) scratch.ids[i] = core.table.facetSize[counted[i].facet];

  // What one range tells needs no look at its rows; the rest shares a pass.
  std::uint32_t shared = 0;
  Filter::Bits barred = 0;
  for (std::uint32_t i = 0; i < wanted; ++i) {
    filter.drive(core.trees, core.table, nullptr, 0, counted[i].left);
    if (filter.single() || core.mostOfAll()) {
      core.countFacet(counted[i].facet, counted[i].counts);
      continue;
    }
    if (counted[i].left != Filter::kNone) barred |= Filter::Bits{1} << counted[i].left;
    counted[shared++] = counted[i];
  }
  filter.drive(core.trees, core.table, nullptr, shared > 0 ? barred : 0);
  if (shared == 0 && !binned && filter.others() == 0 && filter.rows() > most) return filter.rows();
  std::uint32_t apart[32];  // by facet: its place among the barred, or none
  for (std::uint32_t i = 0; i < shared; ++i)
    apart[i] = counted[i].left == Filter::kNone
                   ? Filter::kNone
                   : countBits(barred & ((Filter::Bits{1} << counted[i].left) - 1));
  const double ends[2] = {0, 1};
  BinCounter counter(core, binned ? number : 0, binned ? scratch.values : ends, binned ? bins : 1, scratch.counts + size);
  double rows = 0;
  std::uint32_t* const named = scratch.ids + kNamedAt;
  filter.scanApart(core.table, barred, [&](const Block& block, const Masks& masks, const Masks* failed) {
    BlockRows all(masks);
    if (rows + all.size() <= most)
      all.each([&, next = named + static_cast<std::uint32_t>(rows)](std::uint32_t at) mutable { *next++ = block.id(at); });
    rows += all.size();
    for (std::uint32_t i = 0; i < shared; ++i) {
      const FacetCodes codes = filter.facets(core.table, counted[i].facet, block);
      const std::uint32_t most = core.table.facetMost[counted[i].facet];
      all.count(codes, most, counted[i].counts);
      if (apart[i] != Filter::kNone) BlockRows(failed[apart[i]]).count(codes, most, counted[i].counts);
    }
    if (binned) counter.add(block, masks, all);
  });
  if (binned) counter.finish();
  if (rows <= most) std::sort(named, named + static_cast<std::uint32_t>(rows));
  return rows;
}

void RangeIndex::explain(std::uint32_t conditions, const RangeScratch& scratch) noexcept {
  Core& core = *core_;
  std::fill(scratch.values, scratch.values + 4, 0.0);
  if (!core.plan(conditions, scratch)) return;
  const Filter& filter = core.filter;
  scratch.values[0] = filter.bySet() ? -1.0 : static_cast<double>(filter.tree().number());
  scratch.values[1] = filter.rows();
  scratch.values[2] = filter.others();
  const auto blocks = filter.bySet() ? static_cast<std::uint32_t>(filter.set()->blocks().size())
                                     : filter.end().leaf - filter.begin().leaf + 1;
  scratch.values[3] = filter.rows() == 0 ? 0 : blocks;
}

}  // namespace easy11
