#include "instance.hpp"

#include <algorithm>
#include <new>

namespace easy11::bindings {

namespace {

// The buffer behind a Uint32Array that is long enough, or null.
napi_value bufferOf(napi_env env, napi_value array, std::size_t least, std::size_t& offset) noexcept {
  bool isTyped = false, isPlain = false;
  if (napi_is_typedarray(env, array, &isTyped) != napi_ok || !isTyped) return nullptr;
  napi_typedarray_type type;
  std::size_t length = 0;
  napi_value buffer = nullptr;
  if (napi_get_typedarray_info(env, array, &type, &length, nullptr, &buffer, &offset) != napi_ok) return nullptr;
  if (type != napi_uint32_array || length < least) return nullptr;
  return napi_is_arraybuffer(env, buffer, &isPlain) == napi_ok && isPlain ? buffer : nullptr;
}

}  // namespace

bool ResultArrays::bind(napi_env env, napi_value slots, napi_value slips, napi_value changes) noexcept {
  const napi_value first = bufferOf(env, slots, kMaxSearchLimit, slots_);
  const napi_value second = bufferOf(env, slips, kMaxSearchLimit, slips_);
  const napi_value third = bufferOf(env, changes, Autocomplete::kMaxChanges + 1, changes_);
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

bool ResultArrays::find(napi_env env, Memory& memory) const noexcept {
  napi_value buffer = nullptr;
  void* data = nullptr;
  std::size_t size = 0;
  if (napi_get_reference_value(env, buffer_, &buffer) != napi_ok || buffer == nullptr) return false;
  if (napi_get_arraybuffer_info(env, buffer, &data, &size) != napi_ok) return false;
  if (size < std::max(slots_, slips_) + kMaxSearchLimit * sizeof(std::uint32_t) ||
      size < changes_ + (Autocomplete::kMaxChanges + 1) * sizeof(std::uint32_t))
    return false;
  char* const bytes = static_cast<char*>(data);
  const auto at = [&](std::size_t offset) { return reinterpret_cast<std::uint32_t*>(bytes + offset); };
  memory = {at(slots_), at(slips_), at(changes_)};
  return true;
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
