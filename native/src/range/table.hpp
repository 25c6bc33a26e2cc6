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
  std::vector<Codes> codes;                // by number
  std::vector<std::uint32_t> facetSize;    // codes that may occur, a power of two, by facet
  std::vector<std::uint32_t> facetStride;  // how many of them nodes count, a multiple of 16
  std::vector<std::uint32_t> facetMost;    // the greatest code that ever occurred, by facet
  std::vector<Column> encoded;  // by number and id, of numbers that are not stored as codes
  std::uint32_t rows = 0;
  std::uint32_t capacity = 0;

  bool has(std::uint32_t id) const noexcept { return id < capacity && testBit(present.data(), id); }
  // Makes room for ids below `wanted`.
  void reserve(std::uint32_t wanted);
  // Codes of a number, by id.
  const std::uint8_t* codesOf(std::uint32_t number) const noexcept {
    return (numbers[number].coded() ? numbers[number] : encoded[number]).as<std::uint8_t>();
  }
  std::uint8_t codeOf(std::uint32_t number, std::uint32_t id) const noexcept { return codesOf(number)[id]; }
  // Whether a column can take the value as it is stored now; else it is to be widened first.
  bool takes(std::uint32_t number, double stored) const noexcept {
    return !numbers[number].coded() || codes[number].knows(stored, noneOf(numbers[number].type()));
  }
  // Stores values where there were codes of few.
  void widen(std::uint32_t number);
  // Takes a value of a row that is, or is about to be, present.
  void setNumber(std::uint32_t number, std::uint32_t id, double stored) noexcept;
  // Makes room for a code of a facet.
  void growFacet(std::uint32_t facet, std::uint32_t code);
  // Chooses new separators of every number from the present rows, and works out all codes anew: before trees are filled.
  // False when cancelled.
  bool encode(const JobControl& control);
  std::size_t bytes() const noexcept;

 private:
  bool listFew(std::uint32_t number, std::vector<double>& values) const;
  void sample(std::uint32_t number, std::vector<double>& values) const;
};

// The power of two that holds `code`, at least 16.
std::uint32_t facetSizeFor(std::uint32_t code) noexcept;

}  // namespace easy11::range
