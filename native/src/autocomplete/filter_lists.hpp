#pragma once
// The entries of each category and the entries by price, for filters that let so little through that going through the
// matches of the query would be the longer way.
#include <cstdint>
#include <vector>

#include "documents.hpp"
#include "filter.hpp"
#include "../common/job_control.hpp"
#include "postings.hpp"

namespace easy11 {

class FilterLists {
 public:
  bool build(const Documents& documents, const JobControl& control);
  // Ascending ranks of the entries of a category.
  RankSpan category(std::uint32_t number) const noexcept;
  // The entries with these prices, by price and then by rank.
  RankSpan priced(Documents::PriceRange prices) const noexcept {
    if (priceStarts_.empty() || prices.low >= prices.high) return {};
    return byPrice_.span(priceStarts_[prices.low], priceStarts_[prices.high]);
  }
  std::size_t bytes() const noexcept;
  // Reads how wide the packed columns are, after they were lent memory. False when they are none.
  bool adopt() noexcept { return ranks_.adopt() && byPrice_.adopt(); }
  // Whether every list is inside and names entries. `prices` is how many distinct ones there are.
  bool valid(std::uint32_t entries, std::uint32_t prices) const noexcept;
  template <class Self, class Each>
  static void columns(Self& self, Each&& each) {
    each(self.numbers_), each(self.starts_), each(self.ranks_.raw()), each(self.priceStarts_), each(self.byPrice_.raw());
  }

 private:
  bool listCategories(const Documents& documents, const JobControl& control);
  bool listPrices(const Documents& documents, const JobControl& control);

  Column<std::uint32_t> numbers_, starts_;  // categories ascending, and where their lists begin
  PackedColumn ranks_;
  Column<std::uint32_t> priceStarts_;  // where the entries with a price begin, by its number; one more at the end
  PackedColumn byPrice_;
};

}  // namespace easy11
