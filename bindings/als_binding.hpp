#pragma once
#include <node_api.h>

namespace easy11::bindings {

// createAls(): AlsEngine, see src/core/als/engine.ts.
napi_value createAls(napi_env env, napi_callback_info info);

}  // namespace easy11::bindings
