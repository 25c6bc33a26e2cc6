#include "easy11/cache.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "../common/guarded.hpp"
#include "../common/little_endian.hpp"
#include "core.hpp"

namespace easy11 {
namespace {

using Guard = std::lock_guard<ShortLock>;

constexpr double kSafe = 9007199254740991.0;  // 2^53 - 1

// A budget from which on large pages are worth their whole megabytes.
constexpr std::uint64_t kLargeCache = 128 * 1024 * 1024;

ShardOptions shardOptions(const CacheOptions& options, std::uint64_t seed, std::uint32_t number, Tags* tags) {
  const auto part = [&](std::uint64_t whole) {
    return whole / options.shards + (number < whole % options.shards ? 1 : 0);
  };
  const double stale = std::ceil(options.stale / kTickMilliseconds);
  return {options.policy, part(options.max), part(options.maxBytes),
          static_cast<std::uint32_t>(std::min(stale, 4294967295.0)), seed, tags, nullptr};
}

// Of which on a text costs more to copy than to count.
constexpr std::size_t kShared = 512;

void giveOut(const Entry& entry, bool shareText, CacheResult& out) {
  const CacheValue value = entry.value();
  out.kind = value.kind;
  if (shareText && entry.hasBlock() && value.kind == ValueKind::kLatin1 && value.bytes.size() >= kShared) {
    out.shared = entry.block();
    out.shared->share();
    out.sharedBytes = value.bytes.data();
    out.sharedSize = value.bytes.size();
  } else {
    out.bytes.assign(value.bytes.data(), value.bytes.size());
  }
}

double numberOf(const CacheValue& value) noexcept {
  return fromBits(getLittle64(reinterpret_cast<const unsigned char*>(value.bytes.data())));
}

}  // namespace

CacheCore::CacheCore(const CacheOptions& options)
    : options_(options), seed_(options.seed != 0 ? options.seed : newHashSeed(this)) {
  const std::uint64_t budget = options.maxBytes > 0 ? options.maxBytes : options.max * 256;
  if (Slabs::useful() && budget >= kLargeCache)
    slabs_ = std::make_unique<Slabs>(Shard::segmentBytesFor(shardOptions(options, seed_, 0, &tags_)));
  for (std::uint32_t i = 0; i < options.shards; ++i) {
    ShardOptions part = shardOptions(options, seed_, i, &tags_);
    part.slabs = slabs_.get();
    shards_.push_back(std::make_unique<Shard>(part));
  }
}

Found CacheCore::get(const CacheKey& key, GetMode mode, std::uint32_t knownVersion, const CacheCall& call,
                     CacheResult& out) noexcept {
  const std::uint64_t hash = Shard::hashOf(key, seed_);
  Shard& shard = shardOf(hash);
  Clock clock(call.milliseconds);
  Found found = Found::kMiss;
  out.shared = nullptr;
  const Status status = guarded([&] {
    const Guard guard(shard.lock);
    const std::uint32_t place = shard.find(key, hash, clock, call.departures);
    if (place == kNowhere) {
      if (mode == GetMode::kGet) ++shard.counts.misses;
      return Status::kOk;
    }
    const Entry entry = shard.at(place);
    out.stale = shard.staleAt(entry, clock);
    out.version = shard.versionOf(hash);
    out.unchanged = knownVersion != 0 && knownVersion == out.version;
    if (!out.unchanged) giveOut(entry, call.shareText, out);
    if (mode == GetMode::kGet) {
      ++(out.stale ? shard.counts.staleHits : shard.counts.hits);
      shard.touch(place);
    }
    found = Found::kHit;
    return Status::kOk;
  });
  return status == Status::kOk ? found : Found::kOutOfMemory;
}

void Cache::giveBack(Block* shared) noexcept { shared->giveBack(); }

bool CacheCore::has(const CacheKey& key, const CacheCall& call) noexcept { return remaining(key, call) > 0; }

double CacheCore::remaining(const CacheKey& key, const CacheCall& call) noexcept {
  const std::uint64_t hash = Shard::hashOf(key, seed_);
  Shard& shard = shardOf(hash);
  Clock clock(call.milliseconds);
  const Guard guard(shard.lock);
  const std::uint32_t place = shard.find(key, hash, clock, call.departures);
  if (place == kNowhere) return 0;
  const Entry entry = shard.at(place);
  if (!entry.expires()) return HUGE_VAL;
  return std::max(0.0, double{kTickMilliseconds} * entry.expiry() - clock.milliseconds());
}

bool CacheCore::fits(const CacheKey& key, std::size_t value, std::string_view tags) noexcept {
  const auto count = static_cast<std::uint64_t>(std::count(tags.begin(), tags.end(), '\0'));
  if (value > 0x7fffffffu) return false;
  const std::uint64_t charge = Entry::chargeOf(options_.policy == CachePolicy::kLru, key.bytes.size(), value, count);
  // The least of the shards' budgets, so that whether a value fits does not depend on its key.
  return options_.maxBytes == 0 || charge <= options_.maxBytes / options_.shards;
}

// Runs body(tags, stamp), which hands the shares over to an entry and returns true, or they are given back.
template <class Body>
void CacheCore::withTags(std::string_view names, Body&& body) {
  std::vector<std::uint32_t> tags;
  std::uint32_t stamp = 0;
  if (!names.empty()) stamp = tags_.take(names, tags);
  bool handedOver = false;
  try {
    handedOver = body(tags, stamp);
  } catch (...) {
    tags_.release(tags);
    throw;
  }
  if (!handedOver) tags_.release(tags);
}

void CacheCore::setIn(Shard& shard, std::uint64_t hash, const CacheKey& key, const CacheValue& value,
                      const SetOptions& options, const std::vector<std::uint32_t>& tags, std::uint32_t stamp,
                      Clock& clock, DepartureSink* sink) {
  NewEntry entry;
  entry.key = key;
  entry.value = value;
  entry.hash = hash;
  entry.expires = options.ttl > 0;
  if (entry.expires) entry.expiry = clock.expiryOf(options.ttl);
  entry.tags = &tags;
  entry.tagStamp = stamp;
  shard.set(entry, clock, sink);
}

Status CacheCore::set(const CacheKey& key, const CacheValue& value, const SetOptions& options,
                      const CacheCall& call) noexcept {
  return guarded([&] {
    if (!fits(key, value.bytes.size(), options.tags)) return Status::kInvalidArgument;
    const std::uint64_t hash = Shard::hashOf(key, seed_);
    Shard& shard = shardOf(hash);
    Clock clock(call.milliseconds);
    withTags(options.tags, [&](const std::vector<std::uint32_t>& tags, std::uint32_t stamp) {
      const Guard guard(shard.lock);
      setIn(shard, hash, key, value, options, tags, stamp, clock, call.departures);
      return true;
    });
    return Status::kOk;
  });
}

void CacheCore::restore(const CacheKey& key, const CacheValue& value, const SetOptions& options, bool expires,
                        bool main, std::uint8_t frequency, double now) {
  Clock clock(now);
  const bool over = expires && std::ceil(options.ttl) + options_.stale <= 0;
  if (over || !fits(key, value.bytes.size(), options.tags)) return;
  NewEntry entry;
  entry.key = key;
  entry.value = value;
  entry.hash = Shard::hashOf(key, seed_);
  entry.expires = expires;
  if (expires) entry.expiry = clock.expiryOf(options.ttl);
  Shard& shard = shardOf(entry.hash);
  withTags(options.tags, [&](const std::vector<std::uint32_t>& tags, std::uint32_t stamp) {
    entry.tags = &tags;
    entry.tagStamp = stamp;
    const Guard guard(shard.lock);
    shard.restore(entry, main, frequency, clock);
    return true;
  });
}

bool CacheCore::remove(const CacheKey& key, const CacheCall& call) noexcept {
  const std::uint64_t hash = Shard::hashOf(key, seed_);
  Shard& shard = shardOf(hash);
  Clock clock(call.milliseconds);
  const Guard guard(shard.lock);
  const std::uint32_t place = shard.find(key, hash, clock, call.departures);
  if (place == kNowhere) return false;
  shard.remove(place);
  return true;
}

AddStatus CacheCore::add(const CacheKey& key, double by, const SetOptions& options, const CacheCall& call,
                         double& out) noexcept {
  AddStatus result = AddStatus::kOk;
  const Status status = guarded([&] {
    const std::uint64_t hash = Shard::hashOf(key, seed_);
    Shard& shard = shardOf(hash);
    Clock clock(call.milliseconds);
    withTags(options.tags, [&](const std::vector<std::uint32_t>& tags, std::uint32_t stamp) {
      const Guard guard(shard.lock);
      const std::uint32_t place = shard.find(key, hash, clock, call.departures);
      double before = 0;
      const bool alive = place != kNowhere && !shard.staleAt(shard.at(place), clock);
      if (alive) {
        const CacheValue value = shard.at(place).value();
        if (value.kind != ValueKind::kNumber) return result = AddStatus::kNotANumber, false;
        before = numberOf(value);
      }
      out = before + by;
      if (!(std::fabs(before) <= kSafe) || !(std::fabs(out) <= kSafe) || std::floor(before) != before)
        return result = AddStatus::kNotSafe, false;
      unsigned char bytes[8];
      putLittle64(bytes, bitsOf(out));
      if (alive) {
        // In place: neither its position in a queue nor its expiry changes.
        std::memcpy(shard.at(place).inlineValue(), bytes, sizeof bytes);
        ++shard.versionOf(hash);
        shard.touch(place);
        return false;
      }
      if (!fits(key, sizeof bytes, options.tags)) return result = AddStatus::kTooLarge, false;
      setIn(shard, hash, key, {{reinterpret_cast<const char*>(bytes), sizeof bytes}, ValueKind::kNumber}, options, tags,
            stamp, clock, call.departures);
      return true;
    });
    return Status::kOk;
  });
  return status == Status::kOk ? result : AddStatus::kOutOfMemory;
}

CompareStatus CacheCore::compareAndSet(const CacheKey& key, const CacheValue* expected, const CacheValue& value,
                                       const SetOptions& options, const CacheCall& call) noexcept {
  CompareStatus result = CompareStatus::kDifferent;
  const Status status = guarded([&] {
    if (!fits(key, value.bytes.size(), options.tags)) {
      result = CompareStatus::kTooLarge;
      return Status::kOk;
    }
    const std::uint64_t hash = Shard::hashOf(key, seed_);
    Shard& shard = shardOf(hash);
    Clock clock(call.milliseconds);
    withTags(options.tags, [&](const std::vector<std::uint32_t>& tags, std::uint32_t stamp) {
      const Guard guard(shard.lock);
      const std::uint32_t place = shard.find(key, hash, clock, call.departures);
      const bool alive = place != kNowhere && !shard.staleAt(shard.at(place), clock);
      if (alive != (expected != nullptr)) return false;
      if (alive) {
        const CacheValue now = shard.at(place).value();
        if (now.kind != expected->kind || now.bytes != expected->bytes) return false;
      }
      setIn(shard, hash, key, value, options, tags, stamp, clock, call.departures);
      result = CompareStatus::kSet;
      return true;
    });
    return Status::kOk;
  });
  return status == Status::kOk ? result : CompareStatus::kOutOfMemory;
}

Status CacheCore::getMany(const CacheKey* keys, std::size_t count, const CacheCall& call, ManySink& out) noexcept {
  constexpr std::size_t kBatch = 64;
  return guarded([&] {
    Clock clock(call.milliseconds);
    std::uint64_t hashes[kBatch];
    for (std::size_t from = 0; from < count; from += kBatch) {
      const std::size_t size = std::min(kBatch, count - from);
      for (std::size_t i = 0; i < size; ++i) {
        hashes[i] = Shard::hashOf(keys[from + i], seed_);
        shardOf(hashes[i]).prefetchSelf();
      }
      for (const auto step : {&Shard::prefetchHome, &Shard::prefetchSegment, &Shard::prefetchEntry, &Shard::prefetchBlock,
                              &Shard::prefetchRest}) {
        for (std::size_t i = 0; i < size; ++i) {
          Shard& shard = shardOf(hashes[i]);
          const Guard guard(shard.lock);
          (shard.*step)(hashes[i]);
        }
      }
      for (std::size_t i = 0; i < size; ++i) {
        const CacheKey& key = keys[from + i];
        Shard& shard = shardOf(hashes[i]);
        const Guard guard(shard.lock);
        const std::uint32_t place = shard.find(key, hashes[i], clock, call.departures);
        if (place == kNowhere || shard.staleAt(shard.at(place), clock)) {
          ++shard.counts.misses;
          out.value(from + i, nullptr);
          continue;
        }
        ++shard.counts.hits;
        shard.touch(place);
        const CacheValue value = shard.at(place).value();
        out.value(from + i, &value);
      }
    }
    return Status::kOk;
  });
}

void CacheCore::clear() noexcept {
  for (const auto& shard : shards_) {
    const Guard guard(shard->lock);
    shard->clear();
  }
}

CacheStats CacheCore::stats() noexcept {
  CacheStats sum;
  for (const auto& shard : shards_) {
    const Guard guard(shard->lock);
    const ShardCounts& counts = shard->counts;
    sum.hits += counts.hits;
    sum.misses += counts.misses;
    sum.staleHits += counts.staleHits;
    sum.evictions += counts.evictions;
    sum.expirations += counts.expirations;
    sum.entries += shard->count();
    sum.bytes += shard->charge();
    sum.heldBytes += shard->held() + sizeof(Shard);
  }
  sum.heldBytes += tags_.held() + (slabs_ != nullptr ? slabs_->idle() : 0);
  return sum;
}

JoinStatus CacheCore::join(const CacheKey& key, const std::shared_ptr<FlightListener>& who, bool anyway,
                           const CacheCall& call, std::uint64_t& flight) noexcept {
  JoinStatus joined = JoinStatus::kOutOfMemory;
  guarded([&] {
    joined = flights_.join(key, who, [&] { return !anyway && has(key, call); }, flight);
    return Status::kOk;
  });
  return joined;
}

void CacheCore::land(std::uint64_t flight, FlightOutcome&& outcome) noexcept {
  guarded([&] {
    flights_.land(flight, std::move(outcome));
    return Status::kOk;
  });
}

void CacheCore::leave(const FlightListener* who) noexcept {
  guarded([&] {
    flights_.leave(who);
    return Status::kOk;
  });
}

std::unique_ptr<Task> CacheCore::dump(std::string_view path, double wallClock, const CacheCall& call) noexcept {
  std::unique_ptr<Task> task;
  guarded([&] {
    task = newDumpTask(shared_from_this(), std::string(path), wallClock, Clock(call.milliseconds).milliseconds());
    return Status::kOk;
  });
  return task;
}

std::unique_ptr<Task> CacheCore::load(std::string_view path, double wallClock, const CacheCall& call) noexcept {
  std::unique_ptr<Task> task;
  guarded([&] {
    task = newLoadTask(shared_from_this(), std::string(path), wallClock, Clock(call.milliseconds).milliseconds());
    return Status::kOk;
  });
  return task;
}

}  // namespace easy11
