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
  // The entries whose price fits, by price.
  RankSpan priced(const Documents& documents, double atLeast, double atMost) const noexcept;
  std::size_t bytes() const noexcept;
  bool valid(std::uint32_t entries) const noexcept;
  template <class Self, class Each>
  static void columns(Self& self, Each&& each) {
    each(self.numbers_), each(self.starts_), each(self.ranks_), each(self.byPrice_);
  }

 private:
  Column<std::uint32_t> numbers_, starts_, ranks_;  // categories ascending, and their lists
  Column<std::uint32_t> byPrice_;
};

}  // namespace easy11
