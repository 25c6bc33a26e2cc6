#pragma once
// A named cache that all threads of a process share, with its bytes in one place and outside any managed heap.
//
// Data structure
//   Shards, each with a lock that is held for one operation (shard.hpp). In a shard:
//     log      entries lie one behind the other in segments (log.hpp), header, key and value together. Under S3-FIFO a
//              queue *is* a log: what is oldest stands first, so no links are kept, and eviction frees whole segments.
//              What overwriting and deleting leave behind is swept when the memory exceeds the budget by 1/40. LRU keeps one log
//              and a doubly linked list through it.
//     index    hash -> place in the log: buckets of one cache line with 12 tags and 12 places (index.hpp)
//     ghosts   fingerprints of keys that were evicted lately (ghosts.hpp)
//   A value of more than 1/32 of a segment has a block of its own (block.hpp); its entry holds the pointer and is cheap to move.
//   About 26 bytes beside key and value; the budget charges 32 for an entry (kEntryCharge).
//
// Sources
//   Yang, Zhang, Qiu, Yue, Rashmi: "FIFO queues are all you need for cache eviction", SOSP 2023 (S3-FIFO). Yang, Yue,
//   Rashmi: "Segcache", NSDI 2021 (segments of entries, shared metadata). Rumble, Kejriwal, Ousterhout: "Log-structured
//   memory for DRAM-based storage", FAST 2014 (sweeping). Bronson, Shi: F14, 2019 (tagged buckets with spill counters).
//   Nottingham: RFC 5861, 2010 (stale-while-revalidate).
//
// Complexity: get, set, delete, add O(key + value), amortised over sweeping; invalidating a tag O(1); clear O(shards).
// Threads: everything may be called from any thread. Nothing is thrown: errors are statuses.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "easy11/status.hpp"
#include "easy11/task.hpp"

namespace easy11 {

// Numbers shared with ValueKind in src/core/cache/engine.ts and with the dump format.
// A number is a whole one within 2^53; others are JSON.
enum class ValueKind : std::uint8_t { kLatin1 = 0, kUtf16 = 1, kJson = 2, kBytes = 3, kNumber = 4 };
constexpr std::uint8_t kValueKinds = 5;

enum class CachePolicy : std::uint8_t { kS3Fifo = 0, kLru = 1 };

constexpr std::size_t kMaxCacheKey = 65'535;
constexpr std::size_t kMaxCacheTags = 16;
constexpr std::size_t kMaxCacheTag = 1024;
// What an entry is charged beside its key and value: header, index, ghost, expiry.
constexpr std::uint64_t kEntryCharge = 32;
// Expiries are kept in ticks of this many milliseconds; an entry never expires early, and at most one tick late.
constexpr std::uint32_t kTickMilliseconds = 32;

struct CacheOptions {
  CachePolicy policy = CachePolicy::kS3Fifo;
  std::uint64_t max = 0;       // entries, 0 for no bound
  std::uint64_t maxBytes = 0;  // 0 for no bound; one of the two is given
  std::uint32_t shards = 1;    // a power of two
  double ttl = 0;              // milliseconds, 0 for none: compared when a name is opened again, applied by the caller
  double stale = 0;            // milliseconds that an expired value may still be given out
  std::uint64_t seed = 0;      // of the hash; 0 for one of its own
  bool operator==(const CacheOptions& other) const noexcept {
    return policy == other.policy && max == other.max && maxBytes == other.maxBytes && shards == other.shards &&
           ttl == other.ttl && stale == other.stale;
  }
};

// Latin-1, or UTF-16 when `wide`. Two keys are the same when both parts are.
struct CacheKey {
  std::string_view bytes;
  bool wide = false;
};

struct CacheValue {
  std::string_view bytes;
  ValueKind kind = ValueKind::kLatin1;
};

class Block;

// A value given out: a copy, in memory that is used again by the next call; or, where `shareText` was asked for and the text is a
// large one, a share of the cache's own memory, which lasts until it is given back.
struct CacheResult {
  std::string bytes;
  Block* shared = nullptr;
  const char* sharedBytes = nullptr;
  std::size_t sharedSize = 0;
  ValueKind kind = ValueKind::kLatin1;
  bool stale = false;
  bool unchanged = false;         // `version` was still right: nothing was copied
  std::uint32_t version = 0;      // differs when the value was set again (and now and then when it was not)
};

enum class Departure : std::uint8_t { kEvicted = 0, kExpired = 1 };

// Takes what leaves a cache by itself, as long as the views live: during the call.
class DepartureSink {
 public:
  virtual ~DepartureSink() = default;
  virtual void departed(const CacheKey& key, const CacheValue& value, Departure why) = 0;
};

// Who asks, and when. `milliseconds` below 0 means the machine's own monotonic clock.
struct CacheCall {
  double milliseconds = -1;
  DepartureSink* departures = nullptr;
  bool shareText = false;
};

struct SetOptions {
  double ttl = 0;         // milliseconds, 0 for none
  std::string_view tags;  // UTF-8, each followed by a zero byte
};

struct CacheStats {
  std::uint64_t hits = 0, misses = 0, staleHits = 0, evictions = 0, expirations = 0;
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;      // charged: what maxBytes bounds
  std::uint64_t heldBytes = 0;  // allocated
};

enum class GetMode : std::uint8_t { kGet, kPeek };
enum class AddStatus : std::uint8_t { kOk, kNotANumber, kNotSafe, kTooLarge, kOutOfMemory };
enum class CompareStatus : std::uint8_t { kSet, kDifferent, kTooLarge, kOutOfMemory };
enum class Found : std::uint8_t { kMiss, kHit, kOutOfMemory };

// What a loader led to, for those who wait for it.
struct FlightOutcome {
  enum Kind : std::uint8_t { kValue = 0, kNothing = 1, kFailed = 2, kAbandoned = 3 } kind = kAbandoned;
  ValueKind valueKind = ValueKind::kLatin1;
  std::string bytes;
};

// One that loads or waits for loading. `landed` is called from any thread, once for every flight waited for.
class FlightListener {
 public:
  virtual ~FlightListener() = default;
  virtual void landed(std::uint64_t flight, const std::shared_ptr<const FlightOutcome>& outcome) noexcept = 0;
};

enum class JoinStatus : std::uint8_t { kLead = 0, kWait = 1, kPresent = 2, kOutOfMemory = 3 };

class Cache {
 public:
  enum class Opened : std::uint8_t { kOk, kOptionsDiffer, kOutOfMemory };
  // The cache of that name, made if no one has it open; '' makes one that nobody else sees.
  static Opened open(std::string_view name, const CacheOptions& options, std::shared_ptr<Cache>& out) noexcept;
  virtual ~Cache() = default;

  virtual Found get(const CacheKey& key, GetMode mode, std::uint32_t knownVersion, const CacheCall& call,
                    CacheResult& out) noexcept = 0;
  virtual bool has(const CacheKey& key, const CacheCall& call) noexcept = 0;
  // Milliseconds until it expires, infinity for never, 0 when it is expired or absent.
  virtual double remaining(const CacheKey& key, const CacheCall& call) noexcept = 0;
  virtual Status set(const CacheKey& key, const CacheValue& value, const SetOptions& options,
                     const CacheCall& call) noexcept = 0;
  virtual bool remove(const CacheKey& key, const CacheCall& call) noexcept = 0;
  virtual AddStatus add(const CacheKey& key, double by, const SetOptions& options, const CacheCall& call,
                        double& out) noexcept = 0;
  // Sets when the value is `expected`; null expects none.
  virtual CompareStatus compareAndSet(const CacheKey& key, const CacheValue* expected, const CacheValue& value,
                                      const SetOptions& options, const CacheCall& call) noexcept = 0;
  // From any thread, also when the cache is gone.
  static void giveBack(Block* shared) noexcept;

  // Many at once: while one waits for memory the next ones' is asked for. `out` is called in order, with null for a miss.
  class ManySink {
   public:
    virtual ~ManySink() = default;
    // May throw std::bad_alloc. Called under a lock: no calls into the cache.
    virtual void value(std::size_t position, const CacheValue* value) = 0;
  };
  virtual Status getMany(const CacheKey* keys, std::size_t count, const CacheCall& call, ManySink& out) noexcept = 0;

  // Every entry that has the tag now is gone. O(1): they leave as they are met.
  virtual void invalidateTag(std::string_view tag) noexcept = 0;
  virtual void clear() noexcept = 0;
  virtual CacheStats stats() noexcept = 0;

  // `anyway`: even if a fresh value is there.
  virtual JoinStatus join(const CacheKey& key, const std::shared_ptr<FlightListener>& who, bool anyway,
                          const CacheCall& call, std::uint64_t& flight) noexcept = 0;
  virtual void land(std::uint64_t flight, FlightOutcome&& outcome) noexcept = 0;
  // Abandons what `who` leads and forgets what it waits for.
  virtual void leave(const FlightListener* who) noexcept = 0;

  // `wallClock` in milliseconds since 1970: entries age while they lie in the file.
  virtual std::unique_ptr<Task> dump(std::string_view path, double wallClock, const CacheCall& call) noexcept = 0;
  // Replaces the content once the file is known to be whole.
  virtual std::unique_ptr<Task> load(std::string_view path, double wallClock, const CacheCall& call) noexcept = 0;

 protected:
  Cache() = default;
};

}  // namespace easy11
