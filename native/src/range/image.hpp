#pragma once
// All columns of a row side by side, by id, while trees are filled: rows come in the order of a tree, here and there, and each
// is then one line of memory to wait for instead of one a column.
#include <cstring>
#include <vector>

#include "table.hpp"

namespace easy11::range {

class RowImage {
 public:
  explicit RowImage(const Table& table) : table_(table) {
    std::size_t width = 0;
    const auto place = [&](std::vector<std::size_t>& offsets, std::size_t bytes) {
      offsets.push_back(width);
      width += bytes;
    };
    for (const Numbers& column : table.numbers) place(numbers_, column.width());
    for (const FacetColumn& column : table.facets) place(facets_, column.width());
    for (std::size_t n = 0; n < table.numbers.size(); ++n) place(codes_, 1);
    stride_ = width <= 32 ? 32 : (width + 63) / 64 * 64;
    bytes_.resize(stride_ * table.capacity + 64);
    first_ = bytes_.data() + (64 - reinterpret_cast<std::uintptr_t>(bytes_.data()) % 64) % 64;
    for (std::uint32_t id = 0; id < table.capacity; ++id) {
      if (!table.has(id)) continue;
      unsigned char* const row = first_ + stride_ * id;
      for (std::size_t n = 0; n < numbers_.size(); ++n)
        copyOf(row + numbers_[n], table.numbers[n].at(id), table.numbers[n].width());
      for (std::size_t f = 0; f < facets_.size(); ++f) copyOf(row + facets_[f], table.facets[f].at(id), table.facets[f].width());
      for (std::size_t n = 0; n < codes_.size(); ++n) row[codes_[n]] = table.codeOf(static_cast<std::uint32_t>(n), id);
    }
  }

  // A number, a facet or a code of a row into its place in a column.
  void number(std::uint32_t n, std::uint32_t id, unsigned char* to) const noexcept {
    copyOf(to, row(id) + numbers_[n], table_.numbers[n].width());
  }
  double valueOf(std::uint32_t n, std::uint32_t id) const noexcept {
    const unsigned char* const at = row(id) + numbers_[n];
    if (table_.numbers[n].coded()) return table_.numbers[n].meanings()->values[*at];
    switch (table_.numbers[n].type()) {
      case NumberType::kInt32: return static_cast<double>(as<std::int32_t>(at));
      case NumberType::kFloat32: return static_cast<double>(as<float>(at));
      case NumberType::kFloat64: break;
    }
    return as<double>(at);
  }
  void facet(std::size_t f, std::uint32_t id, unsigned char* to) const noexcept {
    copyOf(to, row(id) + facets_[f], table_.facets[f].width());
  }
  std::uint8_t code(std::size_t n, std::uint32_t id) const noexcept { return row(id)[codes_[n]]; }
  void fetch(std::uint32_t id) const noexcept {
    for (std::size_t at = 0; at < stride_; at += 64) easy11::prefetch(row(id) + at);
  }

 private:
  const unsigned char* row(std::uint32_t id) const noexcept { return first_ + stride_ * id; }
  template <class T>
  static T as(const unsigned char* at) noexcept {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
  }
  // Widths are those of columns: 1, 2, 4 or 8.
  static void copyOf(unsigned char* to, const unsigned char* from, std::size_t width) noexcept {
    switch (width) {
      case 1: *to = *from; return;
      case 2: std::memcpy(to, from, 2); return;
      case 4: std::memcpy(to, from, 4); return;
      default: std::memcpy(to, from, 8);
    }
  }

  const Table& table_;
  std::vector<std::size_t> numbers_, facets_, codes_;
  std::size_t stride_ = 0;
  std::vector<unsigned char> bytes_;
  unsigned char* first_ = nullptr;
};

}  // namespace easy11::range
