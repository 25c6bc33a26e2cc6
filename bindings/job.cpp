#include "job.hpp"

#include <algorithm>
#include <atomic>
#include <new>
#include <system_error>
#include <thread>

#include "arguments.hpp"

namespace easy11::bindings {
namespace {

struct Job {
  std::unique_ptr<Task> task;
  std::shared_ptr<std::atomic<bool>> cancel;
  JobOwner* owner = nullptr;
  napi_deferred deferred = nullptr;
  napi_threadsafe_function events = nullptr;
  std::thread thread;
  Status status = Status::kInternal;
  std::atomic<std::uint64_t> done{0};
  std::atomic<std::uint64_t> total{0};
  std::atomic<bool> progressWaits{false};  // at most one progress event is on its way
};

char kProgress;
char kDone;

// On the JavaScript thread. `env` is null when the environment is going away: then nothing is settled.
void onEvent(napi_env env, napi_value onProgress, void* context, void* event) {
  if (env == nullptr) return;
  Job* const job = static_cast<Job*>(context);
  if (event == &kProgress) {
    job->progressWaits.store(false, std::memory_order_release);
    if (onProgress == nullptr) return;
    napi_value receiver = nullptr;
    napi_get_undefined(env, &receiver);
    napi_value arguments[] = {fromDouble(env, static_cast<double>(job->done.load(std::memory_order_relaxed))),
                              fromDouble(env, static_cast<double>(job->total.load(std::memory_order_relaxed)))};
    napi_call_function(env, receiver, onProgress, 2, arguments, nullptr);
    return;
  }
  const Status status = job->task->finish(job->status);
  job->owner->reportMemory();
  napi_resolve_deferred(env, job->deferred, fromInt(env, static_cast<std::int32_t>(status)));
}

// On the JavaScript thread, after the last release or when the environment ends. Waits for the thread, which hears of the
// cancellation within a few thousand steps of whatever loop it is in.
void onEnd(napi_env, void* data, void*) {
  Job* const job = static_cast<Job*>(data);
  job->cancel->store(true, std::memory_order_relaxed);
  if (job->thread.joinable()) job->thread.join();
  job->owner->release();
  delete job;
}

void onTaskProgress(void* context, std::uint64_t done, std::uint64_t total) {
  Job* const job = static_cast<Job*>(context);
  job->total.store(total, std::memory_order_relaxed);
  job->done.store(done, std::memory_order_relaxed);
  if (!job->progressWaits.exchange(true, std::memory_order_acq_rel))
    napi_call_threadsafe_function(job->events, &kProgress, napi_tsfn_nonblocking);
}

void work(Job* job) noexcept {
  job->status = job->task->run(*job->cancel, onTaskProgress, job);
  // When the environment is closing the call fails, and onEnd waits for this thread.
  if (napi_call_threadsafe_function(job->events, &kDone, napi_tsfn_nonblocking) == napi_ok)
    napi_release_threadsafe_function(job->events, napi_tsfn_release);
}

napi_value onCancel(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  (*static_cast<std::shared_ptr<std::atomic<bool>>*>(data))->store(true, std::memory_order_relaxed);
  return nullptr;
}

bool makeHandle(napi_env env, napi_value promise, const std::shared_ptr<std::atomic<bool>>& cancel, napi_value* out) {
  auto token = std::make_unique<std::shared_ptr<std::atomic<bool>>>(cancel);
  napi_value function = nullptr;
  if (napi_create_object(env, out) != napi_ok ||
      napi_create_function(env, "cancel", NAPI_AUTO_LENGTH, onCancel, token.get(), &function) != napi_ok ||
      napi_add_finalizer(
          env, function, token.get(),
          [](napi_env, void* data, void*) { delete static_cast<std::shared_ptr<std::atomic<bool>>*>(data); }, nullptr,
          nullptr) != napi_ok)
    return false;
  token.release();
  return napi_set_named_property(env, *out, "done", promise) == napi_ok &&
         napi_set_named_property(env, *out, "cancel", function) == napi_ok;
}

// A handle whose promise is settled already.
napi_value settled(napi_env env, napi_deferred deferred, napi_value handle, Status status) {
  napi_resolve_deferred(env, deferred, fromInt(env, static_cast<std::int32_t>(status)));
  return handle;
}

napi_value start(napi_env env, JobOwner* owner, std::unique_ptr<Task> task, napi_value onProgress) {
  auto cancel = std::make_shared<std::atomic<bool>>(false);
  napi_deferred deferred = nullptr;
  napi_value promise = nullptr;
  napi_value handle = nullptr;
  if (napi_create_promise(env, &deferred, &promise) != napi_ok || !makeHandle(env, promise, cancel, &handle))
    return nullptr;
  if (task == nullptr) return settled(env, deferred, handle, Status::kInvalidArgument);
  auto job = std::make_unique<Job>();
  job->task = std::move(task);
  job->cancel = cancel;
  job->owner = owner;
  job->deferred = deferred;
  owner->addJob(cancel);
  napi_value name = nullptr;
  napi_create_string_utf8(env, "easy11", NAPI_AUTO_LENGTH, &name);
  owner->retain();
  if (napi_create_threadsafe_function(env, onProgress, nullptr, name, 0, 1, job.get(), onEnd, job.get(), onEvent,
                                      &job->events) != napi_ok) {
    owner->release();
    return settled(env, deferred, handle, job->task->finish(Status::kInternal));
  }
  Job* const running = job.release();  // onEnd deletes it
  try {
    running->thread = std::thread(work, running);
  } catch (const std::system_error&) {
    settled(env, deferred, handle, running->task->finish(Status::kOutOfMemory));
    napi_release_threadsafe_function(running->events, napi_tsfn_abort);
  }
  return handle;
}

}  // namespace

void JobOwner::addJob(const std::shared_ptr<std::atomic<bool>>& cancel) {
  jobs_.erase(std::remove_if(jobs_.begin(), jobs_.end(), [](const auto& job) { return job.expired(); }), jobs_.end());
  jobs_.push_back(cancel);
}

void JobOwner::cancelJobs() noexcept {
  for (const auto& job : jobs_)
    if (const auto cancel = job.lock()) cancel->store(true, std::memory_order_relaxed);
  jobs_.clear();
}

napi_value startJob(napi_env env, JobOwner* owner, std::unique_ptr<Task> task, napi_value onProgress) noexcept {
  try {
    return start(env, owner, std::move(task), onProgress);
  } catch (const std::bad_alloc&) {
    napi_throw_error(env, "ERR_EASY11_OUT_OF_MEMORY", "not enough memory to start the work");
    return nullptr;
  }
}

napi_value settledJob(napi_env env, Status status) noexcept {
  napi_deferred deferred = nullptr;
  napi_value promise = nullptr;
  napi_value handle = nullptr;
  try {
    if (napi_create_promise(env, &deferred, &promise) != napi_ok ||
        !makeHandle(env, promise, std::make_shared<std::atomic<bool>>(false), &handle))
      return nullptr;
    return settled(env, deferred, handle, status);
  } catch (const std::bad_alloc&) {
    return outOfMemory(env);
  }
}

}  // namespace easy11::bindings
