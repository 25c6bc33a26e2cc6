#pragma once
// The entries of a segment in rank order (weight descending, id ascending by bytes): what is returned, and what is
// filtered by. Strings of an entry lie together in one record: id, text, analysis.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../common/column.hpp"
#include "../common/packed_column.hpp"
#include "easy11/bits.hpp"
#include "value_table.hpp"
#include "weights.hpp"

namespace easy11 {

// An entry wherever it lies. The views live as long as what holds them.
struct DocumentView {
  std::string_view id, text, analysis;
  double weight = 0;
  double price = 0;  // NaN for none
  const std::uint32_t* categories = nullptr;
  std::uint32_t categoryCount = 0;
  std::uint32_t slot = 0;
  bool inStock = false;
  bool analysed = false;
};

struct DocumentText {
  std::string_view id, text;
};

// The order of results among equal slips.
inline bool ranksBefore(double weight, std::string_view id, double otherWeight, std::string_view otherId) noexcept {
  return weight != otherWeight ? weight > otherWeight : id < otherId;
}

class Documents {
 public:
  // Sizes are exact, so that nothing is held twice while a large segment is built.
  void reserve(std::uint32_t count, std::size_t letters);
  // Appends the entry that ranks next.
  void add(const DocumentView& document);
  void finish();
  // Bytes that `add` will use for the strings of this entry.
  static std::size_t recordBytes(const DocumentView& document) noexcept;

  std::uint32_t size() const noexcept { return size_; }
  DocumentView view(std::uint32_t rank) const noexcept;
  std::string_view id(std::uint32_t rank) const noexcept { return text(rank).id; }
  DocumentText text(std::uint32_t rank) const noexcept;
  // Ask the processor for where the record of an entry lies, and for the record.
  void fetchPlace(std::uint32_t rank) const noexcept { records_.fetch(rank); }
  void fetchRecord(std::uint32_t rank) const noexcept { prefetch(record(rank)); }
  double weight(std::uint32_t rank) const noexcept { return weights_[rank]; }
  std::uint32_t slot(std::uint32_t rank) const noexcept { return slots_.empty() ? rank : slots_[rank]; }
  bool slotsAreRanks() const noexcept { return slots_.empty(); }
  bool inStock(std::uint32_t rank) const noexcept { return testBit(stock_.data(), rank); }
  const std::uint64_t* stock() const noexcept { return stock_.data(); }
  const std::uint32_t* categoriesBegin(std::uint32_t rank) const noexcept { return listBegin(lists_[rank]); }
  const std::uint32_t* categoriesEnd(std::uint32_t rank) const noexcept { return listBegin(lists_[rank] + 1); }
  bool hasCategories() const noexcept { return !lists_.empty(); }
  // What categoriesBegin and categoriesEnd point into: the distinct lists of all entries.
  const Column<std::uint32_t>& categoryItems() const noexcept { return categories_; }
  // Prices are numbered in ascending order. An entry's is `prices().size()` when it has none.
  bool hasPrices() const noexcept { return !prices_.empty(); }
  const Column<double>& prices() const noexcept { return prices_; }
  std::uint32_t priceNumber(std::uint32_t rank) const noexcept { return priceOf_[rank]; }
  // The numbers [low, high) of the prices that fit.
  struct PriceRange {
    std::uint32_t low = 0, high = 0;
    bool has(std::uint32_t number) const noexcept { return number - low < high - low; }
  };
  PriceRange pricesWithin(double atLeast, double atMost) const noexcept;
  std::size_t bytes() const noexcept;
  // Reads how wide the packed columns are, after they were lent memory. False when they are none.
  bool adopt() noexcept;
  // Whether everything that is looked up by rank lies inside. O(n).
  bool valid(std::uint32_t categoryCount) const noexcept;
  template <class Self, class Each>
  static void columns(Self& self, Each&& each) {
    each(self.letters_), PackedOffsets::columns(self.records_, each), Weights::columns(self.weights_, each);
    each(self.prices_), each(self.priceOf_.raw()), each(self.slots_), each(self.stock_), each(self.analysed_);
    each(self.lists_.raw()), each(self.listEnds_), each(self.categories_);
  }

 private:
  const char* record(std::uint32_t rank) const noexcept { return letters_.data() + records_[rank]; }
  const std::uint32_t* listBegin(std::uint32_t list) const noexcept {
    return categories_.data() + (list == 0 ? 0 : listEnds_[list - 1]);
  }
  double price(std::uint32_t rank) const noexcept;
  void finishPrices();
  std::uint32_t size_ = 0;
  Column<char> letters_;
  PackedOffsets records_;  // where a record begins; one more at the end
  Weights weights_;
  Column<double> prices_;  // distinct ones, ascending
  PackedColumn priceOf_;   // empty when no entry has one
  Column<std::uint32_t> slots_;  // empty when slots are ranks
  Column<std::uint64_t> stock_, analysed_;
  PackedColumn lists_;  // by entry: the number of its list of categories; empty when no entry has one
  Column<std::uint32_t> listEnds_, categories_;
  // Until `finish`: the numbers of the entries in tables of what they have.
  struct Draft {
    ValueTable<double> prices;
    ListTable lists;
    std::vector<std::uint32_t> priceOf, listOf;
  };
  std::unique_ptr<Draft> draft_;
};

}  // namespace easy11
