#include "table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace easy11::range {

Table::Table(const RangeSchema& given)
    : schema(given), facets(given.facets), codes(given.numbers.size()), facetSize(given.facets, 16), facetStride(given.facets, 16),
      facetMost(given.facets), encoded(given.numbers.size(), Column(1)) {
  for (const NumberType type : given.numbers) numbers.emplace_back(type);
}

void Table::reserve(std::uint32_t wanted) {
  if (wanted <= capacity) return;
  // Whole blocks of 512, as conditions by id are compared (filter.cpp).
  const std::uint32_t next = (std::max(wanted, std::min(capacity * 2, capacity + (1u << 22))) + 511) / 512 * 512;
  for (Numbers& column : numbers) column.resize(next);
  for (FacetColumn& column : facets) column.resize(next);
  for (std::size_t n = 0; n < numbers.size(); ++n)
    if (!numbers[n].coded()) encoded[n].resize(next);
  present.resize(bitmapWords(next));
  capacity = next;
}

// All values of a number in ascending order, if they are few and each stands for many rows.
bool Table::listFew(std::uint32_t number, std::vector<double>& values) const {
  constexpr std::uint32_t kSlots = 1024, kLeastRows = 16;
  std::array<double, kSlots> seen;
  seen.fill(std::numeric_limits<double>::infinity());
  const Numbers& column = numbers[number];
  values.clear();
  double last = std::numeric_limits<double>::infinity();
  for (std::uint32_t id = 0; id < capacity; ++id) {
    if (!has(id) || !column.has(id)) continue;
    const double value = column.get(id);
    // There are two zeros to the bit, and one code for both.
    if (value == 0 && std::signbit(value)) return false;
    if (value == last) continue;
    last = value;
    std::uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    std::uint32_t at = static_cast<std::uint32_t>(bits * 0x9e3779b97f4a7c15u >> 54);
    while (seen[at] < std::numeric_limits<double>::infinity() && seen[at] != value) at = (at + 1) % kSlots;
    if (seen[at] == value) continue;
    if (values.size() == Codes::kMost) return false;
    seen[at] = value;
    values.push_back(value);
  }
  std::sort(values.begin(), values.end());
  return std::uint64_t{values.size()} * kLeastRows <= rows;
}

void Table::sample(std::uint32_t number, std::vector<double>& values) const {
  constexpr std::uint32_t kSample = 1 << 15;
  const std::uint32_t step = capacity / kSample + 1;
  values.clear();
  for (std::uint32_t id = 0; id < capacity; id += step)
    if (has(id) && numbers[number].has(id)) values.push_back(numbers[number].get(id));
  std::sort(values.begin(), values.end());
}

bool Table::encode(const JobControl& control) {
  std::vector<double> values;
  for (std::uint32_t n = 0; n < numbers.size(); ++n) {
    widen(n);
    const bool few = listFew(n, values);
    if (!few) sample(n, values);
    codes[n].separate(values);
    const NumberType type = numbers[n].type();
    const double none = noneOf(type);
    std::uint8_t* const to = encoded[n].as<std::uint8_t>();
    for (std::uint32_t id = 0; id < capacity; ++id) {
      if (control.cancelledAt(id)) return false;
      if (!has(id)) continue;
      const double value = numbers[n].get(id);
      to[id] = codes[n].of(value, none);
      if (to[id] != 0) codes[n].note(to[id], value);
    }
    if (!few) continue;
    codes[n].mean(type);
    numbers[n] = Numbers(type, &codes[n].meanings(), std::move(encoded[n]));
  }
  for (std::size_t f = 0; f < facets.size(); ++f) facetStride[f] = (facetMost[f] + 16) / 16 * 16;
  return true;
}

void Table::widen(std::uint32_t number) {
  Numbers& column = numbers[number];
  if (!column.coded()) return;
  Numbers wide(column.type());
  wide.resize(capacity);
  for (std::uint32_t id = 0; id < capacity; ++id) wide.set(id, column.get(id));
  encoded[number] = std::move(column);
  column = std::move(wide);
}

void Table::setNumber(std::uint32_t number, std::uint32_t id, double stored) noexcept {
  Numbers& column = numbers[number];
  if (column.coded()) return column.set(id, stored, codes[number].of(stored, noneOf(column.type())));
  column.set(id, stored);
  const std::uint8_t code = codes[number].of(column.get(id), noneOf(column.type()));
  encoded[number].as<std::uint8_t>()[id] = code;
  if (code != 0) codes[number].note(code, column.get(id));
}

void Table::growFacet(std::uint32_t facet, std::uint32_t code) {
  const std::uint32_t size = std::max(facetSize[facet], facetSizeFor(code));
  facets[facet].widen(size, capacity);
  facetSize[facet] = size;
  facetMost[facet] = std::max(facetMost[facet], code);
  if (code >= facetStride[facet]) facetStride[facet] = size;
}

std::size_t Table::bytes() const noexcept {
  std::size_t total = present.capacity() * 8;
  for (const Numbers& column : numbers) total += column.bytes();
  for (const FacetColumn& column : facets) total += column.bytes();
  for (const Column& column : encoded) total += column.bytes();
  return total + codes.size() * sizeof(Codes);
}

std::uint32_t facetSizeFor(std::uint32_t code) noexcept {
  std::uint32_t size = 16;
  while (size <= code) size *= 2;
  return size;
}

}  // namespace easy11::range
