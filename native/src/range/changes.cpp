// The face of the engine: rows that come, change and go.
#include <array>

#include "../common/guarded.hpp"
#include "core.hpp"

namespace easy11 {

using namespace range;

namespace {

// Whether a tree has to take a row out and in again when these numbers of it have changed: for its key and its sums, and for its
// lists of the best.
bool treeNeeds(const Table& table, const Tree& tree, std::uint64_t changed) noexcept {
  for (const std::uint32_t score : table.schema.scores)
    if (changed >> score & 1) return true;
  for (std::uint32_t n = 0; n < table.numbers.size(); ++n)
    if ((changed >> n & 1) != 0 && tree.measureOf(n) >= 0) return true;
  return false;
}

}  // namespace

Status RangeIndex::set(std::uint32_t id, const RangeScratch& scratch, bool& isNew) noexcept {
  if (id > kMaxId) return Status::kInvalidArgument;
  Core& core = *core_;
  Table& table = core.table;
  return guarded([&] {
    for (std::uint32_t f = 0; f < table.facets.size(); ++f) {
      if (scratch.counts[f] >= kMaxFacetValues) return Status::kInvalidArgument;
      core.growFacet(f, scratch.counts[f]);
    }
    table.reserve(id + 1);
    isNew = !table.has(id);
    const auto given = [&](std::uint32_t n) { return storedAs(table.numbers[n].type(), scratch.values[n]); };
    std::uint64_t changed = 0;
    bool facetChanged = false;
    for (std::uint32_t n = 0; n < table.numbers.size(); ++n)
      if (isNew || table.numbers[n].get(id) != given(n)) changed |= std::uint64_t{1} << n;
    for (std::uint32_t f = 0; f < table.facets.size(); ++f)
      facetChanged = facetChanged || isNew || table.facets[f].get(id) != scratch.counts[f];
    if (!isNew && changed == 0 && !facetChanged) return Status::kOk;
    for (std::uint32_t n = 0; n < table.numbers.size(); ++n)
      if ((changed >> n & 1) != 0 && !table.takes(n, given(n))) core.widen(n);
    std::uint32_t moves = 0;
    for (std::size_t i = 0; i < core.trees.size(); ++i)
      if (isNew || facetChanged || treeNeeds(table, core.trees[i], changed)) moves |= 1u << i;
    const std::uint32_t stays = moves ^ ((1u << core.trees.size()) - 1);
    std::array<Point, kMostTrees> from, to;
    core.eachTree(moves, [&](Tree& tree, std::size_t i) {
      if (!isNew) from[i].leaf = tree.fetchLeaf(table.numbers[tree.number()].get(id), id);
      to[i].leaf = tree.fetchLeaf(given(tree.number()), id);
    });
    core.eachTree(moves, [&](Tree& tree, std::size_t i) {
      if (!isNew) from[i] = tree.fetchMoved(from[i].leaf, table.numbers[tree.number()].get(id), id);
      to[i] = tree.fetchMoved(to[i].leaf, given(tree.number()), id);
      if (!isNew && from[i].leaf == to[i].leaf && from[i].at < to[i].at) --to[i].at;
    });
    // While every row is where the table says: what waits may be this one.
    if (stays != 0) core.makeRoomToDefer();
    if (!isNew) core.eachTree(moves, [&](Tree& tree, std::size_t i) { tree.take(id, from[i]); });
    for (std::uint32_t n = 0; n < table.numbers.size(); ++n)
      if (changed >> n & 1) table.setNumber(n, id, given(n));
    for (std::uint32_t f = 0; f < table.facets.size(); ++f) table.facets[f].set(id, scratch.counts[f]);
    if (isNew) {
      setBit(table.present.data(), id);
      ++table.rows;
    }
    if (stays != 0) core.defer({id, stays, changed});
    bool grown = false;
    core.eachTree(moves, [&](Tree& tree, std::size_t i) {
      if (grown ? tree.insert(id) : tree.insert(id, to[i])) return;
      core.growAll();  // of every tree the rows it has now: this one goes to the rest below
      grown = true;
      tree.insert(id);
    });
    return Status::kOk;
  });
}

bool RangeIndex::remove(std::uint32_t id) noexcept {
  Table& table = core_->table;
  if (!table.has(id)) return false;
  for (Tree& tree : core_->trees) tree.erase(id);
  clearBit(table.present.data(), id);
  --table.rows;
  return true;
}

void RangeIndex::Core::makeRoomToDefer() noexcept {
  if (recodedSize_ == recoded_.size()) settle();
}

void RangeIndex::Core::defer(const Recoded& row) noexcept { recoded_[recodedSize_++] = row; }

// Row after row each search would wait for memory; of several they wait together.
void RangeIndex::Core::settleAll() noexcept {
  for (std::size_t i = 0; i < trees.size(); ++i) trees[i].recode(recoded_.data(), recodedSize_, 1u << i);
  recodedSize_ = 0;
}

}  // namespace easy11
