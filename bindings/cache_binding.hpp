#pragma once
#include <node_api.h>

namespace easy11::bindings {

// createCache(name, policy, max, maxBytes, shards, ttl, stale, watching, state: Uint32Array, onLanded): CacheEngine, or
// null when the name is open with other options.
napi_value createCache(napi_env env, napi_callback_info info);

}  // namespace easy11::bindings
