#pragma once
// One range engine of one JavaScript environment: the index, the caller's scratch memory, and the bookkeeping.
#include <node_api.h>

#include <memory>

#include "easy11/range_index.hpp"
#include "external_memory.hpp"
#include "job.hpp"

namespace easy11::bindings {

// Owned jointly by the functions made for it and by its running jobs; all of that happens on the thread of `env`.
class RangeInstance final : public JobOwner {
 public:
  // Null when the schema makes no sense, the scratch buffer is too small, or there is no memory.
  static RangeInstance* create(napi_env env, napi_value schema, napi_value scratch) noexcept;

  RangeIndex& index() noexcept { return *index_; }
  // The scratch memory belongs to the caller, who might transfer it away: it is asked for anew at every call. False when
  // it is gone.
  bool scratch(RangeScratch& out) const noexcept;
  // Tells V8 how much memory lies outside its heap: from time to time, because that is not free either.
  void changed() noexcept {
    if (++changes_ % 256 == 0) reportMemory();
  }
  void reportMemory() noexcept override;
  void close() noexcept;

 private:
  RangeInstance(napi_env env, std::shared_ptr<RangeIndex> index) noexcept : env_(env), index_(std::move(index)) {}
  ~RangeInstance() override = default;
  void destroy() noexcept override;

  napi_env env_;
  std::shared_ptr<RangeIndex> index_;
  napi_ref scratch_ = nullptr;
  std::uint32_t changes_ = 0;
  ExternalMemory memory_;
};

}  // namespace easy11::bindings
