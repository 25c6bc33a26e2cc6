#pragma once
// A column of numbers of one declared type. "No value" is the type's largest member, so that it sorts behind every value
// and lies in no range; outside the engine it is NaN.
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "easy11/range_index.hpp"

namespace easy11::range {

inline double noneOf(NumberType type) noexcept {
  return type == NumberType::kInt32 ? 2147483647.0 : std::numeric_limits<double>::infinity();
}
inline double storedOf(NumberType type, double value) noexcept { return std::isnan(value) ? noneOf(type) : value; }
// The same as a column of the type stores it.
inline double storedAs(NumberType type, double value) noexcept {
  const double stored = storedOf(type, value);
  return type == NumberType::kFloat32 ? static_cast<double>(static_cast<float>(stored)) : stored;
}
inline double givenOf(NumberType type, double stored) noexcept {
  return stored >= noneOf(type) ? std::numeric_limits<double>::quiet_NaN() : stored;
}
inline std::uint32_t widthOf(NumberType type) noexcept { return type == NumberType::kFloat64 ? 8 : 4; }

// Bytes of one column, of elements `width` wide.
class Column {
 public:
  explicit Column(std::uint32_t width) noexcept : width_(width) {}
  std::uint32_t width() const noexcept { return width_; }
  std::size_t bytes() const noexcept { return words_.capacity() * 8; }
  void resize(std::size_t elements) { words_.resize((elements * width_ + 7) / 8); }
  template <class T>
  T* as() noexcept {
    return reinterpret_cast<T*>(words_.data());
  }
  template <class T>
  const T* as() const noexcept {
    return reinterpret_cast<const T*>(words_.data());
  }
  unsigned char* at(std::size_t element) noexcept { return as<unsigned char>() + element * width_; }
  const unsigned char* at(std::size_t element) const noexcept { return as<unsigned char>() + element * width_; }
  void move(std::size_t to, std::size_t from, std::size_t elements) noexcept {
    std::memmove(at(to), at(from), elements * width_);
  }

 protected:
  Column(Column&& other, std::uint32_t width) noexcept : width_(width), words_(std::move(other.words_)) {}

 private:
  std::uint32_t width_;
  std::vector<std::uint64_t> words_;
};

// What the codes of an attribute of few values stand for: values, and what they add to a sum (no value adds nothing).
struct Meanings {
  std::array<double, 256> values{}, addends{};
  double exactRows = 0;  // of how many rows a sum is exact, in whatever order they are added up
};

// Values that are stored as their codes.
struct CodedValues {
  const std::uint8_t* codes;
  const Meanings* meanings;
  double operator[](std::size_t i) const noexcept { return meanings->values[codes[i]]; }
  CodedValues operator+(std::size_t by) const noexcept { return {codes + by, meanings}; }
};

// Values as such, or, of an attribute that has few, their codes of a byte.
class Numbers : public Column {
 public:
  explicit Numbers(NumberType type, const Meanings* meanings = nullptr) noexcept
      : Column(meanings != nullptr ? 1 : widthOf(type)), type_(type), meanings_(meanings) {}
  // Takes codes over.
  Numbers(NumberType type, const Meanings* meanings, Column&& codes) noexcept
      : Column(std::move(codes), 1), type_(type), meanings_(meanings) {}
  // A column without elements that stores what this one does.
  Numbers emptied() const noexcept { return Numbers(type_, meanings_); }
  NumberType type() const noexcept { return type_; }
  bool coded() const noexcept { return meanings_ != nullptr; }
  const Meanings* meanings() const noexcept { return meanings_; }
  // Of how many rows sums are exact, in whatever order they are added up.
  double exactRows() const noexcept {
    if (coded()) return meanings_->exactRows;
    return type_ == NumberType::kInt32 ? 4194304 : 0;  // times 2^31 is 2^53
  }
  double get(std::size_t i) const noexcept {
    if (coded()) return meanings_->values[as<std::uint8_t>()[i]];
    switch (type_) {
      case NumberType::kInt32: return as<std::int32_t>()[i];
      case NumberType::kFloat32: return static_cast<double>(as<float>()[i]);
      case NumberType::kFloat64: break;
    }
    return as<double>()[i];
  }
  // `code` is that of the value, where codes are stored.
  void set(std::size_t i, double stored, std::uint8_t code) noexcept {
    if (coded())
      as<std::uint8_t>()[i] = code;
    else
      set(i, stored);
  }
  // Not where codes are stored.
  void set(std::size_t i, double stored) noexcept {
    switch (type_) {
      case NumberType::kInt32: as<std::int32_t>()[i] = static_cast<std::int32_t>(stored); return;
      case NumberType::kFloat32: as<float>()[i] = static_cast<float>(stored); return;
      case NumberType::kFloat64: as<double>()[i] = stored;
    }
  }
  bool has(std::size_t i) const noexcept { return get(i) < noneOf(type_); }
  // Calls `body` with a pointer of the element type, or with CodedValues.
  template <class Body>
  auto visit(Body&& body) const {
    if (coded()) return body(CodedValues{as<std::uint8_t>(), meanings_});
    return visitPlain(body);
  }
  // The same where codes are not stored.
  template <class Body>
  auto visitPlain(Body&& body) const {
    switch (type_) {
      case NumberType::kInt32: return body(as<std::int32_t>());
      case NumberType::kFloat32: return body(as<float>());
      case NumberType::kFloat64: break;
    }
    return body(as<double>());
  }
  template <class Body>
  auto visitPlain(Body&& body) {
    switch (type_) {
      case NumberType::kInt32: return body(as<std::int32_t>());
      case NumberType::kFloat32: return body(as<float>());
      case NumberType::kFloat64: break;
    }
    return body(as<double>());
  }

 private:
  NumberType type_;
  const Meanings* meanings_;
};

}  // namespace easy11::range
