#pragma once
// A cache with a clock of the test's own, and shorthands.
#include <memory>
#include <string>

#include "check.hpp"
#include "easy11/cache.hpp"

namespace cache_world {

using namespace easy11;

inline CacheOptions options(CachePolicy policy, std::uint64_t max, std::uint64_t maxBytes, std::uint32_t shards = 1) {
  CacheOptions options;
  options.policy = policy;
  options.max = max;
  options.maxBytes = maxBytes;
  options.shards = shards;
  options.seed = 4711;
  return options;
}

class World {
 public:
  explicit World(const CacheOptions& options) {
    if (Cache::open("", options, cache) != Cache::Opened::kOk) std::abort();
  }
  CacheCall call() const { return {now, nullptr}; }
  Status set(const std::string& key, const std::string& value, double ttl = 0, const std::string& tags = "") {
    return cache->set({key, false}, {value, ValueKind::kLatin1}, {ttl, tags}, call());
  }
  // False for a miss.
  bool get(const std::string& key, std::string& out, GetMode mode = GetMode::kGet) {
    if (cache->get({key, false}, mode, 0, call(), result) != Found::kHit || result.stale) return false;
    out = result.bytes;
    return true;
  }
  bool has(const std::string& key) { return cache->has({key, false}, call()); }
  bool remove(const std::string& key) { return cache->remove({key, false}, call()); }

  std::shared_ptr<Cache> cache;
  CacheResult result;
  double now = 1000;
};

}  // namespace cache_world
