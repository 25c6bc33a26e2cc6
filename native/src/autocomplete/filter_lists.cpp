#include "filter_lists.hpp"

#include <algorithm>

namespace easy11 {

bool FilterLists::build(const Documents& documents, const JobControl& control) {
  return (!documents.hasCategories() || listCategories(documents, control)) &&
         (!documents.hasPrices() || listPrices(documents, control));
}

// By counting: entries are gone through by rank, so that each list ascends by itself.
bool FilterLists::listCategories(const Documents& documents, const JobControl& control) {
  const Column<std::uint32_t>& items = documents.categoryItems();
  std::vector<std::uint32_t> numbers(items.begin(), items.end());
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::vector<std::uint32_t> listOf;  // by item: the place of its category among `numbers`
  for (const std::uint32_t item : items)
    listOf.push_back(static_cast<std::uint32_t>(std::lower_bound(numbers.begin(), numbers.end(), item) - numbers.begin()));
  // The last entry seen in a list, plus one, because an entry may name a category twice.
  std::vector<std::uint32_t> seen(numbers.size());
  const auto each = [&](auto&& take) {
    std::fill(seen.begin(), seen.end(), 0);
    for (std::uint32_t rank = 0; rank < documents.size(); ++rank) {
      if (control.cancelledAt(rank)) return false;
      for (const auto* at = documents.categoriesBegin(rank); at != documents.categoriesEnd(rank); ++at) {
        const std::uint32_t list = listOf[static_cast<std::size_t>(at - items.data())];
        if (seen[list] != rank + 1) take(list, rank);
        seen[list] = rank + 1;
      }
    }
    return true;
  };
  std::vector<std::uint32_t> starts(numbers.size() + 1, 0);
  if (!each([&](std::uint32_t list, std::uint32_t) { ++starts[list + 1]; })) return false;
  for (std::size_t list = 0; list < numbers.size(); ++list) starts[list + 1] += starts[list];
  ranks_.assign(starts.back(), documents.size());
  std::vector<std::uint32_t> fill = starts;
  numbers_ = std::move(numbers);
  starts_ = std::move(starts);
  return each([&](std::uint32_t list, std::uint32_t rank) { ranks_.set(fill[list]++, rank); });
}

bool FilterLists::listPrices(const Documents& documents, const JobControl& control) {
  const std::size_t prices = documents.prices().size();
  std::vector<std::uint32_t> starts(prices + 1, 0);
  for (std::uint32_t rank = 0; rank < documents.size(); ++rank)
    if (const std::uint32_t number = documents.priceNumber(rank); number < prices) ++starts[number + 1];
  for (std::size_t number = 0; number < prices; ++number) starts[number + 1] += starts[number];
  if (control.cancelled()) return false;
  byPrice_.assign(starts.back(), documents.size());
  std::vector<std::uint32_t> fill = starts;
  for (std::uint32_t rank = 0; rank < documents.size(); ++rank) {
    if (control.cancelledAt(rank)) return false;
    if (const std::uint32_t number = documents.priceNumber(rank); number < prices) byPrice_.set(fill[number]++, rank);
  }
  priceStarts_ = std::move(starts);
  return true;
}

RankSpan FilterLists::category(std::uint32_t number) const noexcept {
  const auto at = std::lower_bound(numbers_.begin(), numbers_.end(), number);
  if (at == numbers_.end() || *at != number) return {};
  const auto index = static_cast<std::size_t>(at - numbers_.begin());
  return ranks_.span(starts_[index], starts_[index + 1]);
}

std::size_t FilterLists::bytes() const noexcept {
  std::size_t total = 0;
  columns(*this, [&](const auto& column) { total += column.bytes(); });
  return total;
}

bool FilterLists::valid(std::uint32_t entries, std::uint32_t prices) const noexcept {
  const auto known = [&](std::uint32_t rank) { return rank < entries; };
  return starts_.size() == (numbers_.empty() && starts_.empty() ? 0 : numbers_.size() + 1) &&
         std::is_sorted(numbers_.begin(), numbers_.end()) && std::is_sorted(starts_.begin(), starts_.end()) &&
         (starts_.empty() || starts_.back() <= ranks_.size()) && std::all_of(ranks_.begin(), ranks_.end(), known) &&
         priceStarts_.size() == (prices == 0 ? 0 : std::size_t{prices} + 1) &&
         std::is_sorted(priceStarts_.begin(), priceStarts_.end()) &&
         (priceStarts_.empty() || priceStarts_.back() <= byPrice_.size()) &&
         std::all_of(byPrice_.begin(), byPrice_.end(), known);
}

}  // namespace easy11
