#pragma once
// Tells V8 how much memory lies outside its heap, so that it collects in time.
#include <node_api.h>

#include <cstddef>
#include <cstdint>

namespace easy11::bindings {

class ExternalMemory {
 public:
  // Small differences are not worth the call.
  void report(napi_env env, std::size_t bytes) noexcept {
    constexpr std::int64_t kStep = 64 * 1024;
    const std::int64_t difference = static_cast<std::int64_t>(bytes) - reported_;
    if (difference <= -kStep || difference >= kStep) adjust(env, difference);
  }
  void forget(napi_env env) noexcept {
    if (reported_ != 0) adjust(env, -reported_);
  }

 private:
  void adjust(napi_env env, std::int64_t difference) noexcept {
    std::int64_t total = 0;
    if (napi_adjust_external_memory(env, difference, &total) == napi_ok) reported_ += difference;
  }
  std::int64_t reported_ = 0;
};

}  // namespace easy11::bindings
