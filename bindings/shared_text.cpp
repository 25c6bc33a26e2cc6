#include "shared_text.hpp"

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace easy11::bindings {
namespace {

// As in js_native_api.h, which declares it for newer versions than ours only.
using CreateExternal = napi_status(NAPI_CDECL*)(napi_env, char*, std::size_t, napi_finalize, void*, napi_value*, bool*);

CreateExternal find() noexcept {
  constexpr char kName[] = "node_api_create_external_string_latin1";
#ifdef _WIN32
  return reinterpret_cast<CreateExternal>(GetProcAddress(GetModuleHandleW(nullptr), kName));
#else
  return reinterpret_cast<CreateExternal>(dlsym(RTLD_DEFAULT, kName));
#endif
}

CreateExternal createExternal() noexcept {
  static const CreateExternal found = find();
  return found;
}

// In the middle of a collection, on any thread, and when the environment is gone: nothing of Node's may be called here.
void collected(napi_env, void*, void* block) { Cache::giveBack(static_cast<Block*>(block)); }

}  // namespace

bool sharesTexts() noexcept { return createExternal() != nullptr; }

napi_value fromShared(napi_env env, const CacheResult& result) noexcept {
  napi_value made = nullptr;
  bool copied = false;  // then `collected` was called already
  // V8 does not write to it.
  char* const latin1 = const_cast<char*>(result.sharedBytes);
  if (createExternal()(env, latin1, result.sharedSize, collected, result.shared, &made, &copied) == napi_ok) return made;
  napi_create_string_latin1(env, latin1, result.sharedSize, &made);
  Cache::giveBack(result.shared);
  return made;
}

}  // namespace easy11::bindings
