#pragma once
#include <node_api.h>

namespace easy11::bindings {

// createRangeIndex(schema: Int32Array, scratch: ArrayBuffer): RangeEngine, or null when the schema makes no sense.
napi_value createRangeIndex(napi_env env, napi_callback_info info);

}  // namespace easy11::bindings
