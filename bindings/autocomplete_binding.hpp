#pragma once
#include <node_api.h>

namespace easy11::bindings {

// createAutocomplete(slots, slips, changes: Uint32Array): AutocompleteEngine. The arrays share one ArrayBuffer.
// attachAutocomplete(token: number, slots, slips, changes): AutocompleteEngine | undefined
napi_value createAutocomplete(napi_env env, napi_callback_info info);
napi_value attachAutocomplete(napi_env env, napi_callback_info info);

}  // namespace easy11::bindings
