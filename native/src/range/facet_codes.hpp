#pragma once
// A column of the codes of a facet: a byte each while its values are few, then two.
#include <cstdint>
#include <cstring>

#include "numbers.hpp"

namespace easy11::range {

// Codes that lie side by side.
struct FacetCodes {
  const void* data = nullptr;
  bool wide = false;
  std::uint16_t operator[](std::size_t i) const noexcept {
    return wide ? static_cast<const std::uint16_t*>(data)[i] : static_cast<const std::uint8_t*>(data)[i];
  }
  // Calls `body` with a pointer of the element type.
  template <class Body>
  auto visit(Body&& body) const {
    return wide ? body(static_cast<const std::uint16_t*>(data)) : body(static_cast<const std::uint8_t*>(data));
  }
};

class FacetColumn : public Column {
 public:
  FacetColumn() noexcept : Column(1) {}
  static constexpr std::uint32_t kNarrow = 256;  // codes that a byte holds

  bool wide() const noexcept { return width() == 2; }
  FacetCodes codes(std::size_t from) const noexcept {
    return {reinterpret_cast<const unsigned char*>(as<std::uint8_t>()) + from * width(), wide()};
  }
  std::uint16_t get(std::size_t i) const noexcept {
    return wide() ? as<std::uint16_t>()[i] : as<std::uint8_t>()[i];
  }
  void set(std::size_t i, std::uint32_t code) noexcept {
    if (wide())
      as<std::uint16_t>()[i] = static_cast<std::uint16_t>(code);
    else
      as<std::uint8_t>()[i] = static_cast<std::uint8_t>(code);
  }
  // Makes room for codes below `size`; those of the first `elements` stay.
  void widen(std::uint32_t size, std::size_t elements) {
    if (wide() || size <= kNarrow) return;
    Column wider(2);
    wider.resize(elements);
    for (std::size_t i = 0; i < elements; ++i) wider.as<std::uint16_t>()[i] = as<std::uint8_t>()[i];
    static_cast<Column&>(*this) = std::move(wider);
  }
};

}  // namespace easy11::range
