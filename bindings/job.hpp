#pragma once
// Long work on a thread of its own: never on libuv's pool, where it would hold up files and exits.
#include <node_api.h>

#include <atomic>
#include <memory>
#include <vector>

#include "easy11/task.hpp"

namespace easy11::bindings {

// What a job keeps alive until it is over: an engine's instance. Everything happens on the thread of its environment.
class JobOwner {
 public:
  void retain() noexcept { ++owners_; }
  void release() noexcept {
    if (--owners_ == 0) destroy();
  }
  void addJob(const std::shared_ptr<std::atomic<bool>>& cancel);
  virtual void reportMemory() noexcept = 0;

 protected:
  JobOwner() = default;
  virtual ~JobOwner() = default;
  // Called after the last release.
  virtual void destroy() noexcept = 0;
  void cancelJobs() noexcept;

 private:
  std::vector<std::weak_ptr<std::atomic<bool>>> jobs_;
  std::uint32_t owners_ = 1;
};

// Starts the task and gives `{ done: Promise<number>, cancel() }`. `onProgress` is null or a function of (done, total);
// it is called at most once per turn of the event loop, however fast the work goes. Null task: out of memory, or not possible.
napi_value startJob(napi_env env, JobOwner* owner, std::unique_ptr<Task> task, napi_value onProgress) noexcept;
// The same of what is done already.
napi_value settledJob(napi_env env, Status status) noexcept;

}  // namespace easy11::bindings
