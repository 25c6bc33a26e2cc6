#pragma once
#include <node_api.h>

namespace easy11::bindings {

// createSparseVectors(scratch: ArrayBuffer): the engine of src/core/vectors/engine.ts.
napi_value createSparseVectors(napi_env env, napi_callback_info info);

}  // namespace easy11::bindings
