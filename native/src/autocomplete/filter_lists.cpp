#include "filter_lists.hpp"

#include <algorithm>
#include <cmath>

#include "../common/sorting.hpp"

namespace easy11 {
namespace {

struct Priced {
  double price;
  std::uint32_t rank;
};

}  // namespace

bool FilterLists::build(const Documents& documents, const JobControl& control) {
  if (documents.hasCategories()) {
    std::vector<std::uint64_t> pairs;  // category, rank
    for (std::uint32_t rank = 0; rank < documents.size(); ++rank) {
      if (control.cancelledAt(rank)) return false;
      for (const auto* at = documents.categoriesBegin(rank); at != documents.categoriesEnd(rank); ++at)
        pairs.push_back(std::uint64_t{*at} << 32 | rank);
    }
    if (!sortInterruptibly(pairs.data(), pairs.size(), std::less<std::uint64_t>(), control)) return false;
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    ranks_.reserve(pairs.size());
    for (const std::uint64_t pair : pairs) {
      const auto number = static_cast<std::uint32_t>(pair >> 32);
      if (numbers_.empty() || numbers_.back() != number) {
        numbers_.push_back(number);
        starts_.push_back(static_cast<std::uint32_t>(ranks_.size()));
      }
      ranks_.push_back(static_cast<std::uint32_t>(pair));
    }
    starts_.push_back(static_cast<std::uint32_t>(ranks_.size()));
  }
  if (documents.hasPrices()) {
    // With the price beside the rank: fetched for each comparison, prices would be most of the sort's time.
    std::vector<Priced> priced;
    for (std::uint32_t rank = 0; rank < documents.size(); ++rank)
      if (const double price = documents.price(rank); !std::isnan(price)) priced.push_back({price, rank});
    const auto cheaper = [](const Priced& a, const Priced& b) {
      return a.price != b.price ? a.price < b.price : a.rank < b.rank;
    };
    if (!sortInterruptibly(priced.data(), priced.size(), cheaper, control)) return false;
    byPrice_.reserve(priced.size());
    for (const Priced& one : priced) byPrice_.push_back(one.rank);
  }
  return true;
}

RankSpan FilterLists::category(std::uint32_t number) const noexcept {
  const auto at = std::lower_bound(numbers_.begin(), numbers_.end(), number);
  if (at == numbers_.end() || *at != number) return {};
  const auto index = static_cast<std::size_t>(at - numbers_.begin());
  return {ranks_.data() + starts_[index], ranks_.data() + starts_[index + 1]};
}

RankSpan FilterLists::priced(const Documents& documents, double atLeast, double atMost) const noexcept {
  const auto begin = std::lower_bound(byPrice_.begin(), byPrice_.end(), atLeast,
                                      [&](std::uint32_t rank, double price) { return documents.price(rank) < price; });
  const auto end = std::upper_bound(begin, byPrice_.end(), atMost,
                                    [&](double price, std::uint32_t rank) { return price < documents.price(rank); });
  return {byPrice_.data() + (begin - byPrice_.begin()), byPrice_.data() + (end - byPrice_.begin())};
}

std::size_t FilterLists::bytes() const noexcept {
  std::size_t total = 0;
  columns(*this, [&](const auto& column) { total += column.bytes(); });
  return total;
}

bool FilterLists::valid(std::uint32_t entries) const noexcept {
  const auto known = [&](std::uint32_t rank) { return rank < entries; };
  return starts_.size() == (numbers_.empty() && starts_.empty() ? 0 : numbers_.size() + 1) &&
         std::is_sorted(numbers_.begin(), numbers_.end()) && std::is_sorted(starts_.begin(), starts_.end()) &&
         (starts_.empty() || starts_.back() <= ranks_.size()) && std::all_of(ranks_.begin(), ranks_.end(), known) &&
         std::all_of(byPrice_.begin(), byPrice_.end(), known);
}

}  // namespace easy11
