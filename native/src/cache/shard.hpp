#pragma once
// A part of a cache, by hash of the key, with a lock of its own. Everything here is called with the lock held.
#include <atomic>
#include <string>
#include <vector>

#include "../common/hash.hpp"
#include "entry.hpp"
#include "ghosts.hpp"
#include "index.hpp"
#include "lock.hpp"
#include "log.hpp"
#include "tags.hpp"

namespace easy11 {

struct ShardOptions {
  CachePolicy policy;
  std::uint64_t max;       // 0 for no bound
  std::uint64_t maxBytes;  // 0 for no bound
  std::uint32_t staleTicks;
  std::uint64_t seed;
  Tags* tags;
  Slabs* slabs;  // for segments, or null
};

// Reads the clock when it is needed, once per call.
class Clock {
 public:
  explicit Clock(double milliseconds) noexcept : milliseconds_(milliseconds) {}
  double milliseconds() noexcept {
    if (milliseconds_ < 0) milliseconds_ = machine();
    return milliseconds_;
  }
  std::uint32_t tick() noexcept { return tickAt(milliseconds() / kTickMilliseconds); }
  // The first tick at which something with this time to live is expired.
  std::uint32_t expiryOf(double ttl) noexcept {
    const double ticks = (milliseconds() + ttl) / kTickMilliseconds;
    if (ticks <= 0) return 0;
    const double whole = static_cast<double>(static_cast<std::uint64_t>(ticks));
    return tickAt(whole < ticks ? whole + 1 : whole);
  }
  static double machine() noexcept;

 private:
  static std::uint32_t tickAt(double ticks) noexcept {
    return ticks >= 4294967295.0 ? 0xffffffffu : static_cast<std::uint32_t>(ticks);
  }
  double milliseconds_;
};

struct NewEntry {
  CacheKey key;
  CacheValue value;
  std::uint64_t hash = 0;
  bool expires = false;
  std::uint32_t expiry = 0;
  const std::vector<std::uint32_t>* tags = nullptr;  // their shares go over to the entry
  std::uint32_t tagStamp = 0;
};

struct ShardCounts {
  std::uint64_t hits = 0, misses = 0, staleHits = 0, evictions = 0, expirations = 0;
};

class Shard {
 public:
  static std::uint32_t segmentBytesFor(const ShardOptions& options) noexcept;
  explicit Shard(const ShardOptions& options);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  ShortLock lock;

  static std::uint64_t hashOf(const CacheKey& key, std::uint64_t seed) noexcept {
    return hashString(key.bytes, key.wide ? ~seed : seed);
  }

  // The place of a living entry, or kNowhere: one that is past its stale window or invalidated is taken out on the way.
  std::uint32_t find(const CacheKey& key, std::uint64_t hash, Clock& clock, DepartureSink* sink) noexcept;
  // The same by place, for one found before the lock was last given back.
  std::uint32_t findRaw(const CacheKey& key, std::uint64_t hash) const noexcept;
  Entry at(std::uint32_t place) const noexcept { return {segments_.at(place), linked_}; }
  bool staleAt(const Entry& entry, Clock& clock) const noexcept {
    return entry.expires() && entry.expiry() <= clock.tick();
  }
  // Past its stale window, or invalidated.
  bool gone(const Entry& entry, Clock& clock) const noexcept;
  // Counts the use of an entry for the policy.
  void touch(std::uint32_t place) noexcept {
    if (linked_) bringToFront(place);
    else at(place).touch();
  }

  bool fits(std::uint64_t charge) const noexcept { return options_.maxBytes == 0 || charge <= options_.maxBytes; }
  // Sets or replaces; `entry.value` must not lie in this shard. May throw std::bad_alloc.
  void set(const NewEntry& entry, Clock& clock, DepartureSink* sink);
  // Puts an entry of a dump behind the newest of its queue.
  void restore(const NewEntry& entry, bool main, std::uint8_t frequency, Clock& clock);
  void remove(std::uint32_t place) noexcept { drop(place, hashAt(place)); }
  // Calls body(entry) for every entry from the oldest to the newest: the small queue first, then the main one.
  template <class Body>
  void each(Body&& body) const {
    if (linked_) {
      for (std::uint32_t place = oldest_; place != kNowhere; place = at(place).newer()) body(at(place));
      return;
    }
    for (const Log* log : {&small_, &main_}) {
      for (const std::uint32_t id : log->segments) {
        LogSegment& segment = segments_[id];
        for (std::uint32_t offset = segment.begin; offset < segment.end;) {
          const Entry entry(segment.bytes.get() + offset, linked_);
          if (!entry.dead()) body(entry);
          offset += entry.total();
        }
      }
    }
  }
  void clear() noexcept;

  std::uint64_t count() const noexcept { return small_.count + main_.count; }
  std::uint64_t charge() const noexcept { return small_.charge + main_.charge; }
  std::uint64_t held() const noexcept { return segments_.held() + index_.held() + ghosts_.held() + blocks_; }
  std::uint32_t& versionOf(std::uint64_t hash) noexcept { return versions_[hash >> 16 & 255]; }
  // Steps of a read of many keys: each asks for what the next one reads, so that the misses of all keys are waited for
  // together. What may be the entry of a hash: where its segment lies, its first lines, its block, as many lines more as it has.
  void prefetchSelf() const noexcept {
    prefetch(this);
    prefetch(&segments_);
    prefetch(&index_);
  }
  void prefetchHome(std::uint64_t hash) const noexcept { index_.prefetchHome(hash); }
  void prefetchSegment(std::uint64_t hash) const noexcept {
    eachLikely(hash, [this](std::uint32_t place) { segments_.prefetchSegment(place); });
  }
  void prefetchEntry(std::uint64_t hash) const noexcept {
    eachLikely(hash, [this](std::uint32_t place) {
      for (std::uint32_t line = 0; line < kFirstLines; ++line) prefetch(segments_.at(place) + 64 * line);
    });
  }
  void prefetchBlock(std::uint64_t hash) const noexcept {
    eachLikely(hash, [this](std::uint32_t place) {
      const Entry entry = at(place);
      if (entry.hasBlock()) prefetch(entry.block());
    });
  }
  void prefetchRest(std::uint64_t hash) const noexcept {
    eachLikely(hash, [this](std::uint32_t place) {
      const Entry entry = at(place);
      const char* from = segments_.at(place);
      const char* end = from + entry.total();
      from += 64 * kFirstLines;
      if (entry.hasBlock()) {
        from = entry.block()->bytes();
        end = from + entry.valueBytes();
      }
      for (std::uint32_t line = 0; line < kMostLines && from < end; ++line, from += 64) prefetch(from);
    });
  }
  ShardCounts counts;

 private:
  static constexpr std::uint32_t kFirstLines = 2, kMostLines = 32;

  template <class Each>
  void eachLikely(std::uint64_t hash, Each&& each) const noexcept {
    index_.find(hash, [&](std::uint32_t place) {
      each(place);
      return false;
    });
  }
  std::uint64_t hashAt(std::uint32_t place) const noexcept { return hashOf(at(place).key(), options_.seed); }
  Log& logOf(const Entry& entry) noexcept { return entry.main() ? main_ : small_; }
  void leave(std::uint32_t place, std::uint64_t hash, Departure why, DepartureSink* sink) noexcept;
  // Takes an entry out of everything but the log, where it stays as a dead one.
  void drop(std::uint32_t place, std::uint64_t hash) noexcept;
  void put(const NewEntry& entry, bool main, std::uint8_t frequency);

  void makeRoom(std::uint64_t charge, Clock& clock, DepartureSink* sink);
  bool smallIsOver() const noexcept;
  void stepSmall(Clock& clock, DepartureSink* sink);
  void stepMain(Clock& clock, DepartureSink* sink);
  std::uint32_t oldestOf(Log& log) noexcept;
  void requeue(std::uint32_t place, std::uint64_t hash, Log& from, std::uint8_t frequency);

  void link(std::uint32_t place) noexcept;
  void unlink(std::uint32_t place) noexcept;
  void bringToFront(std::uint32_t place) noexcept;
  void relink(std::uint32_t place) noexcept;

  void sweepIfWorthwhile();
  void sweep(Log& log);
  void sweepOne(Log& log, Log& swept, std::uint32_t id);

  const ShardOptions options_;
  const bool linked_;
  mutable Segments segments_;
  Log small_, main_;
  Index index_;
  Ghosts ghosts_;
  std::uint32_t newest_ = kNowhere, oldest_ = kNowhere;  // LRU
  std::uint64_t blocks_ = 0;
  std::uint32_t versions_[256] = {};  // counted up when a key of this part of the hashes is set
};

}  // namespace easy11
