#include "filter.hpp"

#include <algorithm>

namespace easy11 {

void Filter::set(const Categories& known, std::string_view joined, double atLeast, double atMost, int inStock) {
  categories.clear();
  allowed.clear();
  byCategory = !joined.empty();
  for (std::size_t begin = 0; byCategory;) {
    const std::size_t end = joined.find('\x01', begin);
    const std::uint32_t number = known.find(joined.substr(begin, end - begin));
    if (number != kNoCategory) categories.push_back(number);
    if (end == std::string_view::npos) break;
    begin = end + 1;
  }
  std::sort(categories.begin(), categories.end());
  categories.erase(std::unique(categories.begin(), categories.end()), categories.end());
  if (!categories.empty()) {
    allowed.assign(bitmapWords(std::size_t{categories.back()} + 1), 0);
    for (const std::uint32_t number : categories) setBit(allowed.data(), number);
  }
  const double infinity = std::numeric_limits<double>::infinity();
  byPrice = atLeast > -infinity || atMost < infinity;
  priceAtLeast = atLeast;
  priceAtMost = atMost;
  stock = inStock;
}

}  // namespace easy11
