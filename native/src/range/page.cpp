// A page: counts of facets and of bins of numbers, each of them with one of the conditions left out if need be, and the rows
// that meet all conditions.
#include <algorithm>
#include <optional>

#include "../common/guarded.hpp"
#include "bins.hpp"

namespace easy11 {

using namespace range;

namespace {

constexpr std::uint32_t kNone = Filter::kNone;

// What is counted: a facet, or bins of a number.
struct Counted {
  std::uint32_t column = 0;
  std::uint32_t left = kNone;   // the condition that does not count
  std::uint32_t apart = kNone;  // its place among those that a pass keeps apart
  std::uint32_t* counts = nullptr;
  std::uint32_t bins = 0;
  const double* edges = nullptr;  // of bins
  BinCounter* counter = nullptr;
};

class Page {
 public:
  Page(RangeIndex::Core& core, const RangeScratch& scratch) noexcept : core_(core), scratch_(scratch) {}

  // Reads what is wanted and wipes its counts. False when it makes no sense or does not fit.
  bool read(std::uint32_t conditions, std::uint32_t facets, std::uint32_t histograms) noexcept;
  double count(std::uint32_t most) noexcept;

 private:
  static constexpr std::uint32_t kMostCounted = 32 + RangeIndex::kMostHistograms;
  Filter& filter() noexcept { return core_.filter; }
  bool isBins(const Counted& one) const noexcept { return one.edges != nullptr; }
  void takeNodes() noexcept;
  Filter::Bits planTwice() noexcept;
  void setApart(Filter::Bits barred) noexcept;
  void add(Counted& one, const Block& block, const Masks& masks, BlockRows& rows) noexcept;
  void addLeft(std::uint32_t left) noexcept;
  double addAll(Filter::Bits barred, std::uint32_t most) noexcept;

  RangeIndex::Core& core_;
  const RangeScratch& scratch_;
  Counted counted_[kMostCounted];
  std::optional<BinCounter> counters_[RangeIndex::kMostHistograms];
  Counted* wanted_[kMostCounted] = {};  // those that no node has told
  std::uint32_t size_ = 0, left_ = 0, parts_ = 0;
};

bool Page::read(std::uint32_t conditions, std::uint32_t facets, std::uint32_t histograms) noexcept {
  const Table& table = core_.table;
  const std::uint32_t* given = scratch_.counts;
  const auto leftOf = [&](std::uint32_t place) { return place > 0 && place <= conditions ? place - 1 : kNone; };
  std::size_t counts = 0, edges = 0;
  for (std::uint32_t f = 0; f < table.facets.size(); ++f) {
    if ((facets >> f & 1) == 0) continue;
    Counted& one = counted_[size_];
    one.column = f;
    one.left = leftOf(*given++);
    one.counts = scratch_.counts + counts;
    scratch_.ids[size_++] = table.facetSize[f];
    counts += table.facetSize[f];
  }
  if (histograms > RangeIndex::kMostHistograms) return false;
  for (std::uint32_t i = 0; i < histograms; ++i, given += 3) {
    Counted& one = counted_[size_++];
    one.column = given[0];
    one.bins = given[1];
    one.left = leftOf(given[2]);
    one.counts = scratch_.counts + counts;
    one.edges = scratch_.values + edges;
    if (one.column >= table.numbers.size() || one.bins == 0 || one.bins > RangeIndex::kMaxLimit) return false;
    counts += one.bins;
    edges += one.bins + 1;
  }
  if (counts > RangeScratch::kCounts || edges > RangeScratch::kValues) return false;
  std::fill(scratch_.counts, scratch_.counts + counts, 0u);
  return true;
}

// What one range tells needs no look at its rows; the rest shares a pass.
void Page::takeNodes() noexcept {
  std::uint32_t bins = 0;
  for (std::uint32_t i = 0; i < size_; ++i) {
    Counted& one = counted_[i];
    filter().drive(core_.trees, core_.table, nullptr, 0, one.left);
    if (!isBins(one) && (filter().single() || core_.mostOfAll())) {
      core_.countFacet(one.column, one.counts);
    } else if (isBins(one) && filter().single() && filter().tree().number() == one.column) {
      core_.countBins(one.edges, one.bins, one.counts);
    } else {
      if (isBins(one)) one.counter = &counters_[bins++].emplace(core_, one.column, one.edges, one.bins, one.counts);
      wanted_[left_++] = &one;
    }
  }
}

// The conditions that a pass keeps apart. What is counted without the condition that would drive gets a pass of its own
// where both have fewer rows to go through than one that this condition cannot drive.
Filter::Bits Page::planTwice() noexcept {
  Filter::Bits barred = 0;
  for (std::uint32_t i = 0; i < left_; ++i)
    if (wanted_[i]->left != kNone) barred |= Filter::Bits{1} << wanted_[i]->left;
  filter().drive(core_.trees, core_.table);
  const std::uint32_t driver = filter().driver();
  if (driver == kNone || (barred >> driver & 1) == 0) return barred;
  std::uint64_t twice = filter().rows();
  filter().drive(core_.trees, core_.table, nullptr, barred);
  const std::uint64_t once = filter().rows();
  filter().drive(core_.trees, core_.table, nullptr, 0, driver);
  twice += filter().rows();
  if (twice >= once) return barred;
  addLeft(driver);
  return barred & ~(Filter::Bits{1} << driver);
}

void Page::setApart(Filter::Bits barred) noexcept {
  std::uint8_t places[Filter::kMostConditions];
  parts_ = filter().orderApart(barred, places);
  for (std::uint32_t i = 0; i < left_; ++i) {
    const std::uint8_t* const at = std::find(places, places + parts_, wanted_[i]->left);
    wanted_[i]->apart = at == places + parts_ ? kNone : static_cast<std::uint32_t>(at - places);
  }
}

void Page::add(Counted& one, const Block& block, const Masks& masks, BlockRows& rows) noexcept {
  if (isBins(one))
    one.counter->add(block, masks, rows);
  else
    rows.count(filter().facets(core_.table, one.column, block), core_.table.facetMost[one.column], one.counts);
}

// Counts, in a pass of its own, what is counted without a condition; the filter is driven without it.
void Page::addLeft(std::uint32_t left) noexcept {
  filter().scan(core_.table, [&](const Block& block, const Masks& masks) {
    BlockRows rows(masks);
    for (std::uint32_t i = 0; i < left_; ++i)
      if (wanted_[i]->left == left) add(*wanted_[i], block, masks, rows);
  });
  const auto isDone = [&](const Counted* one) { return one->left == left; };
  for (std::uint32_t i = 0; i < left_; ++i)
    if (isDone(wanted_[i]) && isBins(*wanted_[i])) wanted_[i]->counter->finish();
  left_ = static_cast<std::uint32_t>(std::remove_if(wanted_, wanted_ + left_, isDone) - wanted_);
}

double Page::addAll(Filter::Bits barred, std::uint32_t most) noexcept {
  std::uint32_t* const named = scratch_.ids + RangeIndex::kNamedAt;
  double rows = 0;
  filter().scanApart(core_.table, barred, [&](const Block& block, const Masks& masks, const Masks* failed) {
    BlockRows all(masks);
    if (rows + all.size() <= most)
      all.each([&, next = named + static_cast<std::uint32_t>(rows)](std::uint32_t at) mutable { *next++ = block.id(at); });
    rows += all.size();
    for (std::uint32_t i = 0; i < left_; ++i) add(*wanted_[i], block, masks, all);
    for (std::uint32_t part = 0; part < parts_; ++part) {
      BlockRows near(failed[part]);
      if (near.size() == 0) continue;
      for (std::uint32_t i = 0; i < left_; ++i)
        if (wanted_[i]->apart == part) add(*wanted_[i], block, failed[part], near);
    }
  });
  for (std::uint32_t i = 0; i < left_; ++i)
    if (isBins(*wanted_[i])) wanted_[i]->counter->finish();
  if (rows <= most) std::sort(named, named + static_cast<std::uint32_t>(rows));
  return rows;
}

double Page::count(std::uint32_t most) noexcept {
  takeNodes();
  const Filter::Bits barred = planTwice();
  filter().drive(core_.trees, core_.table, nullptr, barred);
  if (left_ == 0 && filter().others() == 0 && filter().rows() > most) return filter().rows();
  setApart(barred);
  return addAll(barred, most);
}

}  // namespace

double RangeIndex::page(std::uint32_t conditions, std::uint32_t facets, std::uint32_t histograms, std::uint32_t most,
                        const RangeScratch& scratch) noexcept {
  if (most > kMostNamed || !core_->read(conditions, scratch)) return 0;
  Page page(*core_, scratch);
  return page.read(conditions, facets, histograms) ? page.count(most) : 0;
}

}  // namespace easy11
