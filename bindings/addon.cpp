// The addon's front door: what a JavaScript `require` of easy11.node gets.
#include <node_api.h>

#include <cstdint>

#include "als_binding.hpp"
#include "autocomplete_binding.hpp"
#include "cache_binding.hpp"
#include "easy11/isa.hpp"
#include "range_binding.hpp"
#include "vectors_binding.hpp"

namespace {

// Must equal ABI in src/core/native-addon.ts: raised with any change of what the functions take or give.
constexpr std::int32_t kAbi = 9;

void setInt(napi_env env, napi_value object, const char* name, std::int32_t value) {
  napi_value number;
  if (napi_create_int32(env, value, &number) == napi_ok) napi_set_named_property(env, object, name, number);
}

void setString(napi_env env, napi_value object, const char* name, const char* value) {
  napi_value text;
  if (napi_create_string_utf8(env, value, NAPI_AUTO_LENGTH, &text) == napi_ok)
    napi_set_named_property(env, object, name, text);
}

void setFunction(napi_env env, napi_value object, const char* name, napi_callback callback) {
  napi_value function;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function) == napi_ok)
    napi_set_named_property(env, object, name, function);
}

}  // namespace

NAPI_MODULE_INIT() {
  using namespace easy11::bindings;
  setInt(env, exports, "abi", kAbi);
  setString(env, exports, "isa", easy11::isaName(easy11::isa()));
  setFunction(env, exports, "attachAutocomplete", attachAutocomplete);
  setFunction(env, exports, "createAls", createAls);
  setFunction(env, exports, "createAutocomplete", createAutocomplete);
  setFunction(env, exports, "createCache", createCache);
  setFunction(env, exports, "createRangeIndex", createRangeIndex);
  setFunction(env, exports, "createSparseVectors", createSparseVectors);
  return exports;
}
