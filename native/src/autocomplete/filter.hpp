#pragma once
// Which entries a search may return.
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "categories.hpp"
#include "documents.hpp"
#include "easy11/bits.hpp"

namespace easy11 {

struct Filter {
  std::vector<std::uint32_t> categories;  // known ones, distinct
  Bitmap allowed;                         // the same as a set
  bool byCategory = false;
  bool byPrice = false;
  double priceAtLeast = -std::numeric_limits<double>::infinity();
  double priceAtMost = std::numeric_limits<double>::infinity();
  int stock = -1;  // 1: in stock, 0: not, -1: either

  // `joined` are category ids joined by '\x01', '' for any.
  void set(const Categories& known, std::string_view joined, double atLeast, double atMost, int inStock);
  // True when no entry can pass.
  bool nothing() const noexcept { return byCategory && categories.empty(); }

  bool allows(const std::uint32_t* begin, const std::uint32_t* end) const noexcept {
    for (; begin != end; ++begin)
      if (*begin < allowed.size() * 64 && testBit(allowed.data(), *begin)) return true;
    return false;
  }
  bool priceFits(double price) const noexcept {
    return !byPrice || (price >= priceAtLeast && price <= priceAtMost);  // false for NaN, which is no price
  }
  bool accepts(const DocumentView& d) const noexcept {
    return (stock < 0 || d.inStock == (stock == 1)) && priceFits(d.price) &&
           (!byCategory || allows(d.categories, d.categories + d.categoryCount));
  }
};

}  // namespace easy11
