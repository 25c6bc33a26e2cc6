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
      tree.cover(
          core.filter.begin(), core.filter.end(),
          [&](std::size_t level, std::uint32_t begin, std::uint32_t end) {
            const Summary* const nodes = tree.levels()[level].measures[static_cast<std::size_t>(measure)].data();
            for (std::uint32_t node = begin; node < end; ++node) all.add(nodes[node]);
          },
          [&](std::uint32_t leaf, std::uint32_t from, std::uint32_t to) {
            all.add(tree.summarise(static_cast<std::uint32_t>(measure), leaf, from, to));
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
  if (core.filter.single() && core.filter.tree().number() == number) {
    core.countBins(edges, bins, scratch.counts);
    return;
  }
  BinCounter counter(core, number, edges, bins, scratch.counts);
  core.filter.scan(core.table, [&](const Block& block, const Masks& masks) {
    BlockRows rows(masks);
    counter.add(block, masks, rows);
  });
  counter.finish();
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
