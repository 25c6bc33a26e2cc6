#pragma once
// What the functions of a cache have in common: reading arguments, and turning lack of memory into an error.
#include <node_api.h>

#include <cstring>
#include <new>
#include <string>

#include "arguments.hpp"
#include "cache_handle.hpp"

namespace easy11::bindings {

constexpr std::uint32_t kNoValue = 255;  // in place of a kind

template <std::size_t kCount>
struct CacheArguments {
  napi_value values[kCount];
  CacheHandle* handle;
  CacheArguments(napi_env env, napi_callback_info info) noexcept {
    std::size_t count = kCount;
    void* data = nullptr;
    napi_get_cb_info(env, info, &count, values, nullptr, &data);
    handle = static_cast<CacheHandle*>(data);
  }
  napi_value operator[](std::size_t i) const noexcept { return values[i]; }
};

template <class Body>
napi_value guardCache(napi_env env, CacheHandle* handle, Body&& body) noexcept {
  try {
    const napi_value result = body();
    handle->text.clear();
    return result;
  } catch (const std::exception&) {
    return outOfMemory(env);
  }
}

// A value by its kind: kLatin1 stands for any string here.
class ValueReader {
 public:
  bool read(napi_env env, Text& text, napi_value kind, napi_value value) {
    switch (static_cast<ValueKind>(toUint32(env, kind))) {
      case ValueKind::kLatin1:
      case ValueKind::kUtf16:
        if (!text.read(env, value)) return false;
        value_ = text.value();
        return true;
      case ValueKind::kJson:
        return readJson(env, text, value);
      case ValueKind::kBytes: {
        void* bytes = nullptr;
        std::size_t size = 0;
        if (napi_get_buffer_info(env, value, &bytes, &size) != napi_ok) return false;
        value_ = {{static_cast<const char*>(bytes), size}, ValueKind::kBytes};
        return true;
      }
      case ValueKind::kNumber: {
        const double number = toDouble(env, value, 0);
        std::memcpy(number_, &number, sizeof number_);
        value_ = {{number_, sizeof number_}, ValueKind::kNumber};
        return true;
      }
    }
    return false;
  }
  // Lives as long as this reader, its text and the arguments do.
  const CacheValue& value() const noexcept { return value_; }

 private:
  bool readJson(napi_env env, Text& text, napi_value value) {
    if (!text.read(env, value)) return false;
    unsigned char all = text.wide() ? 0xff : 0;
    if (!text.wide())
      for (const char byte : text.bytes()) all |= static_cast<unsigned char>(byte);
    if (all < 0x80) {
      value_ = {text.bytes(), ValueKind::kJson};
      return true;
    }
    std::size_t size = 0;
    if (napi_get_value_string_utf8(env, value, nullptr, 0, &size) != napi_ok) return false;
    utf8_.resize(size + 1);
    if (napi_get_value_string_utf8(env, value, &utf8_[0], size + 1, &size) != napi_ok) return false;
    utf8_.resize(size);
    value_ = {utf8_, ValueKind::kJson};
    return true;
  }
  CacheValue value_;
  char number_[8];
  std::string utf8_;
};

// Tags, each followed by a zero byte, or undefined for none.
class TagReader {
 public:
  bool read(napi_env env, napi_value value) {
    napi_valuetype type = napi_undefined;
    napi_typeof(env, value, &type);
    if (type == napi_undefined) return true;
    std::size_t size = 0;
    if (napi_get_value_string_utf8(env, value, nullptr, 0, &size) != napi_ok) return false;
    names_.resize(size + 1);
    if (napi_get_value_string_utf8(env, value, &names_[0], size + 1, &size) != napi_ok) return false;
    names_.resize(size);
    return true;
  }
  std::string_view names() const noexcept { return names_; }

 private:
  std::string names_;
};

// In cache_many.cpp.
napi_value getMany(napi_env env, napi_callback_info info);
napi_value getManyJson(napi_env env, napi_callback_info info);

}  // namespace easy11::bindings
