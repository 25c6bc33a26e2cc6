#pragma once
// A cache: its shards, its tags and its flights.
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "flights.hpp"
#include "shard.hpp"
#include "tags.hpp"

namespace easy11 {

class CacheCore final : public Cache, public std::enable_shared_from_this<CacheCore> {
 public:
  // May throw std::bad_alloc.
  explicit CacheCore(const CacheOptions& options);

  const CacheOptions& options() const noexcept { return options_; }

  Found get(const CacheKey& key, GetMode mode, std::uint32_t knownVersion, const CacheCall& call,
            CacheResult& out) noexcept override;
  bool has(const CacheKey& key, const CacheCall& call) noexcept override;
  double remaining(const CacheKey& key, const CacheCall& call) noexcept override;
  Status set(const CacheKey& key, const CacheValue& value, const SetOptions& options,
             const CacheCall& call) noexcept override;
  bool remove(const CacheKey& key, const CacheCall& call) noexcept override;
  AddStatus add(const CacheKey& key, double by, const SetOptions& options, const CacheCall& call,
                double& out) noexcept override;
  CompareStatus compareAndSet(const CacheKey& key, const CacheValue* expected, const CacheValue& value,
                              const SetOptions& options, const CacheCall& call) noexcept override;
  Status getMany(const CacheKey* keys, std::size_t count, const CacheCall& call, ManySink& out) noexcept override;
  void invalidateTag(std::string_view tag) noexcept override { tags_.invalidate(tag); }
  void clear() noexcept override;
  CacheStats stats() noexcept override;
  JoinStatus join(const CacheKey& key, const std::shared_ptr<FlightListener>& who, bool anyway,
                  const CacheCall& call, std::uint64_t& flight) noexcept override;
  void land(std::uint64_t flight, FlightOutcome&& outcome) noexcept override;
  void leave(const FlightListener* who) noexcept override;
  std::unique_ptr<Task> dump(std::string_view path, double wallClock, const CacheCall& call) noexcept override;
  std::unique_ptr<Task> load(std::string_view path, double wallClock, const CacheCall& call) noexcept override;

  // For dumps and loads. `options.ttl` is what is left, when it `expires`.
  void restore(const CacheKey& key, const CacheValue& value, const SetOptions& options, bool expires, bool main,
               std::uint8_t frequency, double now);
  std::vector<std::unique_ptr<Shard>>& shards() noexcept { return shards_; }
  Tags& tags() noexcept { return tags_; }
  Shard& shardOf(std::uint64_t hash) noexcept { return *shards_[hash & (shards_.size() - 1)]; }
  std::uint64_t seed() const noexcept { return seed_; }

 private:
  bool fits(const CacheKey& key, std::size_t value, std::string_view tags) noexcept;
  // Under the shard's lock. May throw std::bad_alloc; the shares of `tags` are then still the caller's.
  void setIn(Shard& shard, std::uint64_t hash, const CacheKey& key, const CacheValue& value, const SetOptions& options,
             const std::vector<std::uint32_t>& tags, std::uint32_t stamp, Clock& clock, DepartureSink* sink);
  template <class Body>
  void withTags(std::string_view names, Body&& body);

  const CacheOptions options_;
  const std::uint64_t seed_;
  Tags tags_;
  std::unique_ptr<Slabs> slabs_;  // of a large cache
  std::vector<std::unique_ptr<Shard>> shards_;
  Flights flights_;
};

std::unique_ptr<Task> newDumpTask(std::shared_ptr<CacheCore> core, std::string path, double wallClock, double now);
std::unique_ptr<Task> newLoadTask(std::shared_ptr<CacheCore> core, std::string path, double wallClock, double now);

}  // namespace easy11
