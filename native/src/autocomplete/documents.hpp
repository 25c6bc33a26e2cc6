#pragma once
// The entries of a segment in rank order (weight descending, id ascending by bytes): what is returned, and what is
// filtered by. Strings of an entry lie together in one record: id, text, analysis.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../common/column.hpp"
#include "easy11/bits.hpp"

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

// The order of results among equal slips.
inline bool ranksBefore(double weight, std::string_view id, double otherWeight, std::string_view otherId) noexcept {
  return weight != otherWeight ? weight > otherWeight : id < otherId;
}

class Documents {
 public:
  // Sizes are exact, so that nothing is held twice while a large segment is built.
  void reserve(std::uint32_t count, std::size_t letters, std::size_t categories);
  // Appends the entry that ranks next.
  void add(const DocumentView& document);
  void finish();
  // Bytes that `add` will use for the strings of this entry.
  static std::size_t recordBytes(const DocumentView& document) noexcept;

  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(weights_.size()); }
  DocumentView view(std::uint32_t rank) const noexcept;
  std::string_view id(std::uint32_t rank) const noexcept;
  double weight(std::uint32_t rank) const noexcept { return weights_[rank]; }
  double price(std::uint32_t rank) const noexcept;
  std::uint32_t slot(std::uint32_t rank) const noexcept { return slots_.empty() ? rank : slots_[rank]; }
  bool slotsAreRanks() const noexcept { return slots_.empty(); }
  bool inStock(std::uint32_t rank) const noexcept { return testBit(stock_.data(), rank); }
  const std::uint64_t* stock() const noexcept { return stock_.data(); }
  const std::uint32_t* categoriesBegin(std::uint32_t rank) const noexcept {
    return categories_.data() + (rank == 0 ? 0 : categoryEnds_[rank - 1]);
  }
  const std::uint32_t* categoriesEnd(std::uint32_t rank) const noexcept {
    return categories_.data() + categoryEnds_[rank];
  }
  bool hasCategories() const noexcept { return !categoryEnds_.empty(); }
  bool hasPrices() const noexcept { return !prices_.empty(); }
  std::size_t bytes() const noexcept;
  // Whether everything that is looked up by rank lies inside. O(n).
  bool valid(std::uint32_t categoryCount) const noexcept;
  template <class Self, class Each>
  static void columns(Self& self, Each&& each) {
    each(self.letters_), each(self.blocks_), each(self.offsets_), each(self.weights_), each(self.prices_);
    each(self.slots_), each(self.stock_), each(self.analysed_), each(self.categoryEnds_), each(self.categories_);
  }

 private:
  static constexpr std::uint32_t kBlock = 64;
  const char* record(std::uint32_t rank) const noexcept {
    return letters_.data() + blocks_[rank / kBlock] + offsets_[rank];
  }

  Column<char> letters_;
  Column<std::uint64_t> blocks_;   // where every 64th record begins
  Column<std::uint32_t> offsets_;  // where a record begins in its block; one more at the end
  Column<double> weights_;
  Column<double> prices_;  // empty when no entry has one
  Column<std::uint32_t> slots_;  // empty when slots are ranks
  Column<std::uint64_t> stock_, analysed_;
  Column<std::uint32_t> categoryEnds_, categories_;  // empty when no entry has one
};

}  // namespace easy11
