// The face of the engine: rows in bulk, and as they are.
#include "easy11/range_index.hpp"

#include "../common/guarded.hpp"
#include "core.hpp"
#include "tasks.hpp"

namespace easy11 {

using namespace range;

namespace {

bool sensible(const RangeSchema& schema) noexcept {
  const std::size_t numbers = schema.numbers.size();
  if (numbers > 64 || schema.facets > 32 || schema.trees.empty() || schema.trees.size() > kMostTrees) return false;
  for (const NumberType type : schema.numbers)
    if (type > NumberType::kFloat64) return false;
  for (const std::uint32_t score : schema.scores)
    if (score >= numbers) return false;
  for (const RangeTreeSchema& tree : schema.trees) {
    if (tree.number >= numbers) return false;
    for (const std::uint32_t aggregate : tree.aggregates)
      if (aggregate >= numbers) return false;
  }
  return true;
}

}  // namespace

RangeIndex::RangeIndex(std::shared_ptr<Core> core) noexcept : core_(std::move(core)) {}
RangeIndex::~RangeIndex() = default;

std::shared_ptr<RangeIndex> RangeIndex::create(const RangeSchema& schema) noexcept {
  std::shared_ptr<RangeIndex> index;
  guarded([&] {
    if (!sensible(schema)) return Status::kInvalidArgument;
    index.reset(new RangeIndex(std::make_shared<Core>(schema)));
    return Status::kOk;
  });
  return index;
}

bool RangeIndex::has(std::uint32_t id) const noexcept { return core_->table.has(id); }

bool RangeIndex::read(std::uint32_t id, const RangeScratch& scratch) const noexcept {
  const Table& table = core_->table;
  if (!table.has(id)) return false;
  for (std::uint32_t n = 0; n < table.numbers.size(); ++n)
    scratch.values[n] = givenOf(table.numbers[n].type(), table.numbers[n].get(id));
  for (std::uint32_t f = 0; f < table.facets.size(); ++f) scratch.counts[f] = table.facets[f].get(id);
  return true;
}

Status RangeIndex::beginBulk(const std::uint32_t* ids, std::size_t rows) noexcept {
  Table& table = core_->table;
  if (table.rows != 0) return Status::kInvalidArgument;
  const Status status = guarded([&] {
    std::uint32_t greatest = 0;
    for (std::size_t i = 0; i < rows; ++i) greatest = std::max(greatest, ids[i]);
    if (greatest > kMaxId) return Status::kInvalidArgument;
    core_->order.assign(ids, ids + rows);
    if (rows > 0) table.reserve(greatest + 1);
    for (std::size_t i = 0; i < rows; ++i) {
      if (table.has(ids[i])) return Status::kInvalidArgument;
      setBit(table.present.data(), ids[i]);
    }
    table.rows = static_cast<std::uint32_t>(rows);
    return Status::kOk;
  });
  if (status != Status::kOk) std::fill(table.present.begin(), table.present.end(), 0u);
  return status;
}

Status RangeIndex::bulkNumbers(std::uint32_t number, const double* values, std::size_t rows) noexcept {
  if (number >= core_->table.numbers.size() || rows != core_->order.size()) return Status::kInvalidArgument;
  Numbers& column = core_->table.numbers[number];
  for (std::size_t i = 0; i < rows; ++i) column.set(core_->order[i], storedOf(column.type(), values[i]));
  return Status::kOk;
}

Status RangeIndex::bulkFacets(std::uint32_t facet, const std::uint16_t* codes, std::size_t rows) noexcept {
  if (facet >= core_->table.facets.size() || rows != core_->order.size()) return Status::kInvalidArgument;
  std::uint32_t greatest = 0;
  for (std::size_t i = 0; i < rows; ++i) greatest = std::max<std::uint32_t>(greatest, codes[i]);
  if (greatest >= kMaxFacetValues) return Status::kInvalidArgument;
  return guarded([&] {
    core_->table.growFacet(facet, greatest);
    for (std::size_t i = 0; i < rows; ++i) core_->table.facets[facet].set(core_->order[i], codes[i]);
    return Status::kOk;
  });
}

std::unique_ptr<Task> RangeIndex::build() noexcept {
  std::unique_ptr<Task> task;
  guarded([&] {
    task = newRangeBuildTask(core_);
    return Status::kOk;
  });
  return task;
}

namespace {
template <class Put>
void eachRow(const Table& table, Put&& put) noexcept {
  for (std::size_t w = 0; w < table.present.size(); ++w)
    for (std::uint64_t bits = table.present[w]; bits != 0; bits &= bits - 1)
      put(static_cast<std::uint32_t>(w * 64 + lowestBit(bits)));
}
}  // namespace

void RangeIndex::exportIds(std::uint32_t* out) const noexcept {
  eachRow(core_->table, [&](std::uint32_t id) { *out++ = id; });
}
void RangeIndex::exportNumbers(std::uint32_t number, double* out) const noexcept {
  const Numbers& column = core_->table.numbers[number];
  eachRow(core_->table, [&](std::uint32_t id) { *out++ = givenOf(column.type(), column.get(id)); });
}
void RangeIndex::exportFacets(std::uint32_t facet, std::uint16_t* out) const noexcept {
  eachRow(core_->table, [&](std::uint32_t id) { *out++ = core_->table.facets[facet].get(id); });
}

Status RangeIndex::takeIds(const std::uint32_t* ids, std::size_t size) noexcept {
  return guarded([&] { return core_->set.takeList(core_->table, ids, size) ? Status::kOk : Status::kInvalidArgument; });
}
Status RangeIndex::takeIdBits(const std::uint32_t* words, std::size_t size) noexcept {
  return guarded([&] {
    core_->set.takeBits(core_->table, words, size);
    return Status::kOk;
  });
}

std::uint32_t RangeIndex::rows() const noexcept { return core_->table.rows; }

std::size_t RangeIndex::bytes() const noexcept {
  std::size_t total = core_->table.bytes() + core_->set.bytes() + core_->order.capacity() * 4;
  for (const Tree& tree : core_->trees) total += tree.bytes();
  return total;
}

void RangeIndex::close() noexcept {
  guarded([&] {
    core_ = std::make_shared<Core>(core_->table.schema);
    return Status::kOk;
  });
}

}  // namespace easy11
