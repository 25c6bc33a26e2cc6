#pragma once
// One environment's handle of a cache: what it reads and writes with, and its box for flights that land elsewhere.
#include <node_api.h>

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "easy11/cache.hpp"
#include "job.hpp"

namespace easy11::bindings {

// Text as V8 gives it: UTF-16, narrowed to Latin-1 where that holds all of it.
class Text {
 public:
  // False when the value is no string. May throw std::bad_alloc.
  bool read(napi_env env, napi_value value);
  // The view lives until the next read.
  std::string_view bytes() const noexcept { return bytes_; }
  bool wide() const noexcept { return wide_; }
  CacheKey key() const noexcept { return {bytes_, wide_}; }
  CacheValue value() const noexcept { return {bytes_, wide_ ? ValueKind::kUtf16 : ValueKind::kLatin1}; }
  void clear();

 private:
  // Long enough for nearly every key; what is longer goes to the heap.
  static constexpr std::size_t kShort = 256;
  char16_t shortUnits_[kShort];
  char shortBytes_[kShort];
  std::vector<char16_t> units_;
  std::vector<char> narrow_;
  std::string_view bytes_;
  bool wide_ = false;
};

// Narrows UTF-16 to Latin-1; false when it cannot hold it.
bool narrow(const char16_t* units, std::size_t count, char* out) noexcept;

napi_value fromValue(napi_env env, const CacheValue& value) noexcept;

// What left the cache during calls of this handle, until JavaScript fetches it.
class Departures final : public DepartureSink {
 public:
  struct Left {
    std::string key, value;
    bool wide;
    ValueKind kind;
    Departure why;
  };
  void departed(const CacheKey& key, const CacheValue& value, Departure why) noexcept override;
  std::vector<Left> left;
};

// Flights land on any thread; the box brings them to this environment's.
class Mailbox final : public FlightListener {
 public:
  // On the environment's thread. Keeps the process alive until every flight waited for has landed.
  static bool open(napi_env env, const std::shared_ptr<Mailbox>& box, napi_value onLanded) noexcept;
  void expectOne(napi_env env) noexcept;
  void close() noexcept;

  void landed(std::uint64_t flight, const std::shared_ptr<const FlightOutcome>& outcome) noexcept override;

 private:
  static void deliver(napi_env env, napi_value onLanded, void* context, void*);
  std::mutex mutex_;
  napi_threadsafe_function events_ = nullptr;
  std::deque<std::pair<std::uint64_t, std::shared_ptr<const FlightOutcome>>> letters_;
  std::uint32_t expected_ = 0;  // of the environment's thread
};

// Places in the array that results are told in; shared with State in src/core/cache/engine.ts.
enum StatePlace : std::size_t { kStateKind = 0, kStateStale = 1, kStateVersion = 2, kStateUnchanged = 3, kStateLeft = 4, kStateStatus = 5, kStateKinds = 8 };
constexpr std::size_t kMostAtOnce = 1024;
constexpr std::size_t kStateLength = kStateKinds + kMostAtOnce;

// Owned jointly by the functions made for it and by its running jobs; all of that happens on the thread of `env`.
class CacheHandle final : public JobOwner {
 public:
  // Null, with an error thrown, when it cannot be made. `state` is a Uint32Array on a buffer of its own.
  static CacheHandle* create(napi_env env, std::shared_ptr<Cache> cache, napi_value state, napi_value onLanded,
                             bool watching) noexcept;

  Cache& cache() noexcept { return *cache_; }
  std::uint32_t* state() noexcept { return state_; }
  CacheCall call() noexcept { return {milliseconds, watching_ ? &departures : nullptr, false}; }
  // Tells how much has left during this call.
  void tellLeft() noexcept { state_[kStateLeft] = static_cast<std::uint32_t>(departures.left.size()); }
  bool wait(napi_env env) noexcept;
  const std::shared_ptr<Mailbox>& mailbox() noexcept { return mailbox_; }
  void close() noexcept;
  // A cache has a budget of its own and belongs to no environment: collecting garbage here would free none of it.
  void reportMemory() noexcept override {}

  double milliseconds = -1;
  Text key, text;
  CacheResult result;
  std::string output;
  Departures departures;

 private:
  CacheHandle(napi_env env, std::shared_ptr<Cache> cache, bool watching)
      : env_(env), cache_(std::move(cache)), watching_(watching), mailbox_(std::make_shared<Mailbox>()) {}
  ~CacheHandle() override = default;
  void destroy() noexcept override;

  napi_env env_;
  std::shared_ptr<Cache> cache_;
  std::uint32_t* state_ = nullptr;
  napi_ref buffer_ = nullptr;
  napi_ref onLanded_ = nullptr;
  bool watching_;
  bool boxOpen_ = false;
  std::shared_ptr<Mailbox> mailbox_;
};

}  // namespace easy11::bindings
