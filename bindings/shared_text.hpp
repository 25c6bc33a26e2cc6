#pragma once
// Texts in the cache's own memory as strings of V8's, without a copy.
#include <node_api.h>

#include "easy11/cache.hpp"

namespace easy11::bindings {

// Whether this process can: the function is part of Node-API from version 10 on, and of Node from 20.4 on.
bool sharesTexts() noexcept;

// Takes the share of a result over: it is given back when V8 has collected the string. Null when no string could be made.
napi_value fromShared(napi_env env, const CacheResult& result) noexcept;

}  // namespace easy11::bindings
