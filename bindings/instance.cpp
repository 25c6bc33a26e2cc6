#include "instance.hpp"

#include <new>

namespace easy11::bindings {

namespace {

// The buffer behind a Uint32Array that is long enough, or null.
napi_value bufferOf(napi_env env, napi_value array, std::size_t least, std::uint32_t*& numbers) noexcept {
  bool isTyped = false, isPlain = false;
  if (napi_is_typedarray(env, array, &isTyped) != napi_ok || !isTyped) return nullptr;
  napi_typedarray_type type;
  std::size_t length = 0;
  void* data = nullptr;
  napi_value buffer = nullptr;
  if (napi_get_typedarray_info(env, array, &type, &length, &data, &buffer, nullptr) != napi_ok) return nullptr;
  if (type != napi_uint32_array || length < least) return nullptr;
  numbers = static_cast<std::uint32_t*>(data);
  return napi_is_arraybuffer(env, buffer, &isPlain) == napi_ok && isPlain ? buffer : nullptr;
}

}  // namespace

bool ResultArrays::bind(napi_env env, napi_value slotArray, napi_value slipArray, napi_value changeArray) noexcept {
  const napi_value first = bufferOf(env, slotArray, kMaxSearchLimit, slots);
  const napi_value second = bufferOf(env, slipArray, kMaxSearchLimit, slips);
  const napi_value third = bufferOf(env, changeArray, Autocomplete::kMaxChanges + 1, changes);
  if (first == nullptr || second == nullptr || third == nullptr) return false;
  bool same = false, all = false;
  if (napi_strict_equals(env, first, second, &same) != napi_ok || napi_strict_equals(env, first, third, &all) != napi_ok ||
      !same || !all)
    return false;
  return napi_create_reference(env, first, 1, &buffer_) == napi_ok;
}

void ResultArrays::unbind(napi_env env) noexcept {
  if (buffer_ != nullptr) napi_delete_reference(env, buffer_);
  buffer_ = nullptr;
}

Instance* Instance::create(napi_env env, std::shared_ptr<Autocomplete> index, bool attached, napi_value slots,
                           napi_value slips, napi_value changes) noexcept {
  Instance* instance = nullptr;
  try {
    if (index != nullptr) instance = new Instance(env, std::move(index), attached);
  } catch (const std::bad_alloc&) {
    instance = nullptr;
  }
  if (instance == nullptr) return nullptr;
  if (instance->results.bind(env, slots, slips, changes)) return instance;
  instance->release();
  return nullptr;
}

void Instance::destroy() noexcept {
  close();
  results.unbind(env_);
  delete this;
}

void Instance::reportMemory() noexcept {
  if (!attached_) memory_.report(env_, index_->ownBytes());
}

void Instance::close() noexcept {
  cancelJobs();
  index_->close();
  memory_.forget(env_);
}

}  // namespace easy11::bindings
