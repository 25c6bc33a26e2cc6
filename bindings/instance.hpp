#pragma once
// One autocomplete engine of one JavaScript environment: the index, the caller's result arrays, and the bookkeeping.
#include <node_api.h>

#include <memory>

#include "arguments.hpp"
#include "easy11/autocomplete.hpp"
#include "external_memory.hpp"
#include "job.hpp"

namespace easy11::bindings {

// The arrays that results are written to: views of one ArrayBuffer. It is the class's own (open-engine.ts), never given out
// and so never transferred away: its memory stays where it is for as long as it is referred to. Asking for it at every call
// would cost as much as reading the text of a short query.
class ResultArrays {
 public:
  // False when one is no Uint32Array, is too short, or they share no plain ArrayBuffer.
  bool bind(napi_env env, napi_value slots, napi_value slips, napi_value changes) noexcept;
  void unbind(napi_env env) noexcept;

  std::uint32_t* slots = nullptr;
  std::uint32_t* slips = nullptr;
  std::uint32_t* changes = nullptr;

 private:
  napi_ref buffer_ = nullptr;
};

// Owned jointly by the functions made for it and by its running jobs; all of that happens on the thread of `env`.
class Instance final : public JobOwner {
 public:
  // Null when the arrays do not fit. `attached` when another handle counts the memory.
  static Instance* create(napi_env env, std::shared_ptr<Autocomplete> index, bool attached, napi_value slots,
                          napi_value slips, napi_value changes) noexcept;

  Autocomplete& index() noexcept { return *index_; }
  Strings strings;
  ResultArrays results;

  // Tells V8 how much memory lies outside its heap: from time to time, because that is not free either.
  void changed() noexcept {
    if (++changes_ % 256 == 0) reportMemory();
  }
  void reportMemory() noexcept override;

  void close() noexcept;

 private:
  Instance(napi_env env, std::shared_ptr<Autocomplete> index, bool attached)
      : env_(env), index_(std::move(index)), attached_(attached) {}
  ~Instance() override = default;
  void destroy() noexcept override;

  napi_env env_;
  std::shared_ptr<Autocomplete> index_;
  const bool attached_;
  std::uint32_t changes_ = 0;
  ExternalMemory memory_;
};

}  // namespace easy11::bindings
