#include "core.hpp"
#include "counting.hpp"

#include "../common/guarded.hpp"

namespace easy11 {

using namespace range;

bool RangeIndex::Core::read(std::uint32_t conditions, const RangeScratch& scratch) noexcept {
  settle();
  return guarded([&] {
           return filter.read(table, conditions, scratch, set) ? Status::kOk : Status::kInvalidArgument;
         }) == Status::kOk;
}

bool RangeIndex::Core::plan(std::uint32_t conditions, const RangeScratch& scratch, const Tree* wanted) noexcept {
  if (!read(conditions, scratch)) return false;
  filter.drive(trees, table, wanted);
  return true;
}

void RangeIndex::Core::growAll() {
  std::vector<std::vector<std::uint32_t>> orders;
  for (const Tree& tree : trees) orders.push_back(tree.order());
  const std::atomic<bool> never{false};
  table.encode(JobControl{never});
  const RowImage image(table);
  for (std::size_t i = 0; i < trees.size(); ++i) trees[i].fill(orders[i], kFillGrown, image, JobControl{never});
}

void RangeIndex::Core::growFacet(std::uint32_t facet, std::uint32_t code) {
  const std::uint32_t before = table.facetStride[facet];
  table.growFacet(facet, code);
  if (table.facetStride[facet] == before) return;
  for (Tree& tree : trees) tree.restride(facet);
}

// Trees first: as long as the table has codes, what was not done for want of memory is done the next time.
void RangeIndex::Core::widen(std::uint32_t number) {
  for (Tree& tree : trees) tree.widen(number);
  table.widen(number);
}

template <class Body>
void RangeIndex::Core::eachOutside(Body&& body) const noexcept {
  for (std::uint32_t block = 0; block < table.capacity / kLeaf; ++block) {
    Masks masks;
    for (std::uint32_t w = 0; w < kWords; ++w)
      masks[w] = table.present[block * kWords + w] & ~filter.set()->words(block)[w];
    if (anyOf(masks)) body(block, static_cast<const Masks&>(masks));
  }
}

void RangeIndex::Core::countFacet(std::uint32_t facet, std::uint32_t* counts) const noexcept {
  const Tree& tree = filter.tree();
  const std::uint32_t stride = table.facetStride[facet];
  std::fill(counts, counts + table.facetSize[facet], 0u);
  const auto rows = [&](std::uint32_t leaf, std::uint32_t from, std::uint32_t to, bool less = false) {
    tree.facets(facet, leaf).visit([&, by = less ? ~0u : 1u](const auto* codes) {
      for (std::uint32_t i = from; i < to; ++i) counts[codes[i]] += by;
    });
  };
  if (mostOfAll() && !tree.levels().back().histograms[facet].empty()) {
    // All rows, less those that are not in the set: they are fewer.
    tree.levels().back().histograms[facet].addTo(0, stride, counts);
    eachOutside([&](std::uint32_t block, const Masks& masks) {
      BlockRows(masks).each([codes = table.facets[facet].codes(Tree::slot(block)), counts](std::uint32_t at) { --counts[codes[at]]; });
    });
    return;
  }
  if (!filter.single()) {
    filter.scan(table, [&](const Block& block, const Masks& masks) {
      BlockRows(masks).count(filter.facets(table, facet, block), table.facetMost[facet], counts);
    });
    return;
  }
  tree.coverLess(
      filter.begin(), filter.end(),
      [&](std::size_t level, std::uint32_t begin, std::uint32_t end, bool less) {
        const Histograms& histogram = tree.levels()[level].histograms[facet];
        if (histogram.empty()) {
          const std::uint32_t last = std::min(tree.leaves(), end << (4 * level));
          for (std::uint32_t leaf = begin << (4 * level); leaf < last; ++leaf) rows(leaf, 0, tree.countOf(leaf), less);
          return;
        }
        for (std::uint32_t node = begin; node < end; ++node) histogram.addTo(std::size_t{node} * stride, stride, counts, less);
      },
      [&](std::uint32_t leaf, std::uint32_t from, std::uint32_t to) {
        const Histograms& histogram = tree.levels()[0].histograms[facet];
        const std::uint32_t all = tree.countOf(leaf);
        if (histogram.empty() || to - from <= all / 2) return rows(leaf, from, to);
        // The whole leaf, less the rows outside: they are fewer.
        histogram.addTo(std::size_t{leaf} * stride, stride, counts);
        tree.facets(facet, leaf).visit([&](const auto* codes) {
          for (std::uint32_t i = 0; i < from; ++i) --counts[codes[i]];
          for (std::uint32_t i = to; i < all; ++i) --counts[codes[i]];
        });
      });
}

void RangeIndex::Core::countBins(const double* edges, std::uint32_t bins, std::uint32_t* counts) const noexcept {
  const Tree& tree = filter.tree();
  const std::uint32_t begin = tree.before(filter.begin()), end = tree.before(filter.end());
  std::uint32_t last = std::clamp(tree.before(tree.lower(edges[0])), begin, end);
  for (std::uint32_t bin = 0; bin < bins; ++bin) {
    const Point edge = bin + 1 == bins ? tree.upper(edges[bins]) : tree.lower(edges[bin + 1]);
    const std::uint32_t next = std::clamp(tree.before(edge), begin, end);
    counts[bin] = next - last;
    last = next;
  }
}

}  // namespace easy11
