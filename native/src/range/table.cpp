#include "table.hpp"

#include <algorithm>

namespace easy11::range {

Table::Table(const RangeSchema& given)
    : schema(given), facets(given.facets), codes(given.numbers.size()), facetSize(given.facets, 16), facetMost(given.facets), encoded(given.numbers.size()) {
  for (const NumberType type : given.numbers) numbers.emplace_back(type);
}

void Table::reserve(std::uint32_t wanted) {
  if (wanted <= capacity) return;
  // Whole blocks of 512, as conditions by id are compared (filter.cpp).
  const std::uint32_t next = (std::max(wanted, std::min(capacity * 2, capacity + (1u << 22))) + 511) / 512 * 512;
  for (Numbers& column : numbers) column.resize(next);
  for (FacetColumn& column : facets) column.resize(next);
  for (auto& column : encoded) column.resize(next);
  present.resize(bitmapWords(next));
  capacity = next;
}

void Table::separate() {
  constexpr std::uint32_t kSample = 1 << 15;
  const std::uint32_t step = capacity / kSample + 1;
  std::vector<double> sample;
  for (std::size_t n = 0; n < numbers.size(); ++n) {
    sample.clear();
    for (std::uint32_t id = 0; id < capacity; id += step)
      if (has(id) && numbers[n].has(id)) sample.push_back(numbers[n].get(id));
    std::sort(sample.begin(), sample.end());
    codes[n].separate(sample);
  }
}

bool Table::encode(const JobControl& control) {
  for (std::size_t n = 0; n < numbers.size(); ++n) {
    const double none = noneOf(numbers[n].type());
    for (std::uint32_t id = 0; id < capacity; ++id) {
      if (control.cancelledAt(id)) return false;
      if (!has(id)) continue;
      const double value = numbers[n].get(id);
      const std::uint8_t code = codes[n].of(value, none);
      encoded[n][id] = code;
      if (code != 0) codes[n].note(code, value);
    }
  }
  return true;
}

void Table::setNumber(std::uint32_t number, std::uint32_t id, double stored) noexcept {
  Numbers& column = numbers[number];
  column.set(id, stored);
  const std::uint8_t code = codes[number].of(column.get(id), noneOf(column.type()));
  encoded[number][id] = code;
  if (code != 0) codes[number].note(code, column.get(id));
}

void Table::growFacet(std::uint32_t facet, std::uint32_t code) {
  const std::uint32_t size = std::max(facetSize[facet], facetSizeFor(code));
  facets[facet].widen(size, capacity);
  facetSize[facet] = size;
  facetMost[facet] = std::max(facetMost[facet], code);
}

std::size_t Table::bytes() const noexcept {
  std::size_t total = present.capacity() * 8;
  for (const Numbers& column : numbers) total += column.bytes();
  for (const FacetColumn& column : facets) total += column.bytes();
  for (const auto& column : encoded) total += column.capacity();
  return total + codes.size() * sizeof(Codes);
}

std::uint32_t facetSizeFor(std::uint32_t code) noexcept {
  std::uint32_t size = 16;
  while (size <= code) size *= 2;
  return size;
}

}  // namespace easy11::range
