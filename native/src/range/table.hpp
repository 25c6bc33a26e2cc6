#pragma once
// The rows as given: typed columns by id.
#include <cstdint>
#include <vector>

#include "easy11/bits.hpp"
#include "codes.hpp"
#include "facet_codes.hpp"
#include "numbers.hpp"
#include "../common/job_control.hpp"

namespace easy11::range {

struct Table {
  explicit Table(const RangeSchema& schema);

  const RangeSchema schema;
  std::vector<Numbers> numbers;
  std::vector<FacetColumn> facets;
  Bitmap present;
  std::vector<Codes> codes;              // by number
  std::vector<std::uint32_t> facetSize;  // codes that may occur, a power of two, by facet
  std::vector<std::uint32_t> facetMost;  // the greatest code that ever occurred, by facet
  std::vector<std::vector<std::uint8_t>> encoded;  // by number and id
  std::uint32_t rows = 0;
  std::uint32_t capacity = 0;

  bool has(std::uint32_t id) const noexcept { return id < capacity && testBit(present.data(), id); }
  // Makes room for ids below `wanted`.
  void reserve(std::uint32_t wanted);
  std::uint8_t codeOf(std::uint32_t number, std::uint32_t id) const noexcept { return encoded[number][id]; }
  // Takes a value of a row that is, or is about to be, present.
  void setNumber(std::uint32_t number, std::uint32_t id, double stored) noexcept;
  // Makes room for a code of a facet.
  void growFacet(std::uint32_t facet, std::uint32_t code);
  // Chooses new separators of every number from the present rows.
  void separate();
  // Works out all codes anew. False when cancelled.
  bool encode(const JobControl& control);
  std::size_t bytes() const noexcept;
};

// The power of two that holds `code`, at least 16.
std::uint32_t facetSizeFor(std::uint32_t code) noexcept;

}  // namespace easy11::range
