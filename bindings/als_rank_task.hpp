#pragma once
// A ranking whose results go into typed arrays of the caller.
#include <node_api.h>

#include <algorithm>
#include <memory>

#include "arguments.hpp"
#include "easy11/als.hpp"

namespace easy11::bindings {

// Ranks, then copies the results into the caller's arrays, which it keeps alive until then.
class RankTask final : public Task {
 public:
  RankTask(napi_env env, std::unique_ptr<Task> task, std::shared_ptr<Ranking> results) noexcept
      : env_(env), task_(std::move(task)), results_(std::move(results)) {}
  ~RankTask() override {
    for (const napi_ref reference : {items_, scores_})
      if (reference != nullptr) napi_delete_reference(env_, reference);
  }
  bool keep(napi_value items, napi_value scores) noexcept {
    return napi_create_reference(env_, items, 1, &items_) == napi_ok && napi_create_reference(env_, scores, 1, &scores_) == napi_ok;
  }
  Status run(const std::atomic<bool>& cancel, Progress progress, void* context) noexcept override {
    return task_->run(cancel, progress, context);
  }
  Status finish(Status status) noexcept override {
    status = task_->finish(status);
    napi_value items = nullptr, scores = nullptr;
    if (status != Status::kOk) return status;
    if (napi_get_reference_value(env_, items_, &items) != napi_ok || napi_get_reference_value(env_, scores_, &scores) != napi_ok)
      return Status::kInternal;
    const auto toItems = spanOf<std::uint32_t>(env_, items);
    const auto toScores = spanOf<float>(env_, scores);
    if (toItems.size < results_->items.size() || toScores.size < results_->scores.size()) return Status::kInvalidArgument;
    std::copy(results_->items.begin(), results_->items.end(), toItems.data);
    std::copy(results_->scores.begin(), results_->scores.end(), toScores.data);
    return Status::kOk;
  }

 private:
  napi_env env_;
  std::unique_ptr<Task> task_;
  std::shared_ptr<Ranking> results_;
  napi_ref items_ = nullptr, scores_ = nullptr;
};

}  // namespace easy11::bindings
