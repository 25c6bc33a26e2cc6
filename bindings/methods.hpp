#pragma once
// The object of an engine: functions that find their owner through the data pointer they were made with, so that no receiver
// is unwrapped.
#include <node_api.h>

#include <cstddef>

namespace easy11::bindings {

struct Method {
  const char* name;
  napi_callback function;
};

// Adds functions that each own a share of `owner` (retain, release) for as long as they live. False when one cannot be made.
template <class Owner, std::size_t kCount>
bool addMethods(napi_env env, napi_value object, Owner* owner, const Method (&methods)[kCount]) noexcept {
  const auto onEnd = [](napi_env, void* data, void*) { static_cast<Owner*>(data)->release(); };
  for (const Method& method : methods) {
    napi_value function = nullptr;
    if (napi_create_function(env, method.name, NAPI_AUTO_LENGTH, method.function, owner, &function) != napi_ok ||
        napi_add_finalizer(env, function, owner, onEnd, nullptr, nullptr) != napi_ok)
      return false;
    owner->retain();
    if (napi_set_named_property(env, object, method.name, function) != napi_ok) return false;
  }
  return true;
}

}  // namespace easy11::bindings
