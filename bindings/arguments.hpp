#pragma once
// Reading what JavaScript passes, without a heap allocation for what is short.
#include <node_api.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>

namespace easy11::bindings {

// Strings of one call, as UTF-8, one behind the other in a buffer that is used again by the next call.
// The class above gives well-formed strings only, so V8 never has to put a replacement character in.
class Strings {
 public:
  Strings() : buffer_(4096) {}
  // False when the value is no string. The buffer may move: views are made when all are read.
  bool read(napi_env env, napi_value value) {
    if (count_ == kMost) return false;
    for (;;) {
      std::size_t size = 0;
      if (napi_get_value_string_utf8(env, value, buffer_.data() + used_, buffer_.size() - used_, &size) != napi_ok)
        return false;
      // A cut string may end up to three bytes early, because a character is never split.
      if (used_ + size + 4 < buffer_.size()) {
        pieces_[count_++] = {used_, size};
        used_ += size;
        return true;
      }
      std::size_t whole = 0;
      if (napi_get_value_string_utf8(env, value, nullptr, 0, &whole) != napi_ok) return false;
      buffer_.resize((used_ + whole + 8) * 2);
    }
  }
  std::string_view operator[](std::size_t i) const noexcept {
    return {buffer_.data() + pieces_[i].offset, pieces_[i].size};
  }
  void clear() {
    used_ = 0;
    count_ = 0;
    constexpr std::size_t kKeep = 1 << 17;
    if (buffer_.size() > kKeep) {
      buffer_.resize(4096);
      buffer_.shrink_to_fit();
    }
  }

 private:
  static constexpr std::size_t kMost = 4;
  struct Piece {
    std::size_t offset, size;
  };
  std::vector<char> buffer_;
  Piece pieces_[kMost] = {};
  std::size_t used_ = 0;
  std::size_t count_ = 0;
};

// The memory of a typed array of the element type; empty for anything else.
template <class T>
struct Span {
  T* data = nullptr;
  std::size_t size = 0;
};
template <class T>
Span<T> spanOf(napi_env env, napi_value value) noexcept {
  constexpr napi_typedarray_type kWanted = std::is_same_v<T, float> ? napi_float32_array : napi_uint32_array;
  napi_typedarray_type type;
  std::size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok || type != kWanted) return {};
  return {static_cast<T*>(data), length};
}

// The elements of a typed array of the expected type, or null.
template <class T>
T* elements(napi_env env, napi_value array, napi_typedarray_type expected, std::size_t& length) noexcept {
  napi_typedarray_type type;
  void* data = nullptr;
  bool is = false;
  if (napi_is_typedarray(env, array, &is) != napi_ok || !is) return nullptr;
  if (napi_get_typedarray_info(env, array, &type, &length, &data, nullptr, nullptr) != napi_ok || type != expected)
    return nullptr;
  static T none{};  // an empty array may have no memory
  return data == nullptr && length == 0 ? &none : static_cast<T*>(data);
}

// Throws in JavaScript.
inline napi_value outOfMemory(napi_env env) noexcept {
  napi_throw_error(env, "ERR_EASY11_OUT_OF_MEMORY", "not enough memory");
  return nullptr;
}

inline double toDouble(napi_env env, napi_value value, double otherwise) noexcept {
  double number = otherwise;
  napi_get_value_double(env, value, &number);
  return number;
}

inline std::uint32_t toUint32(napi_env env, napi_value value) noexcept {
  std::uint32_t number = 0;
  napi_get_value_uint32(env, value, &number);
  return number;
}

inline napi_value fromInt(napi_env env, std::int32_t value) noexcept {
  napi_value number = nullptr;
  napi_create_int32(env, value, &number);
  return number;
}

inline napi_value fromDouble(napi_env env, double value) noexcept {
  napi_value number = nullptr;
  napi_create_double(env, value, &number);
  return number;
}

inline napi_value fromBool(napi_env env, bool value) noexcept {
  napi_value boolean = nullptr;
  napi_get_boolean(env, value, &boolean);
  return boolean;
}

inline bool isAscii(std::string_view value) noexcept {
  unsigned char all = 0;
  for (const char c : value) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

// Plain ASCII, which nearly all is, costs V8 less as Latin-1 than as UTF-8, which it would have to decode.
inline napi_value fromString(napi_env env, std::string_view value) noexcept {
  napi_value string = nullptr;
  const char* const data = value.data() == nullptr ? "" : value.data();
  if (isAscii(value))
    napi_create_string_latin1(env, data, value.size(), &string);
  else
    napi_create_string_utf8(env, data, value.size(), &string);
  return string;
}

}  // namespace easy11::bindings
