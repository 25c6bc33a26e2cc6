#include "shard.hpp"

#include <algorithm>
#include <chrono>
#include <memory>

namespace easy11 {
namespace {

constexpr std::uint64_t kSegmentsPerShard = 128;
constexpr std::uint32_t kSmallestSegment = 4096, kLargestSegment = 256 * 1024;
// A value larger than this part of a segment has a block of its own.
constexpr std::uint32_t kBlockShare = 32;

}  // namespace

double Clock::machine() noexcept {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  // From the first question on, so that ticks of 32 bits last for four years of a process.
  static const auto start = std::chrono::steady_clock::now();
  return Milliseconds(std::chrono::steady_clock::now() - start).count();
}

std::uint32_t Shard::segmentBytesFor(const ShardOptions& options) noexcept {
  // Without a byte budget entries of about 256 bytes are assumed.
  const std::uint64_t budget = options.maxBytes > 0 ? options.maxBytes : options.max * 256;
  std::uint32_t size = kSmallestSegment;
  while (size < kLargestSegment && size * kSegmentsPerShard < budget) size *= 2;
  return size;
}

Shard::Shard(const ShardOptions& options)
    : options_(options), linked_(options.policy == CachePolicy::kLru), segments_(segmentBytesFor(options), options.slabs) {}

Shard::~Shard() { clear(); }

void Shard::clear() noexcept {
  each([this](const Entry& entry) {
    if (entry.hasBlock()) entry.block()->giveBack();
    if (entry.tagged()) options_.tags->release(entry);
  });
  segments_.clear();
  small_ = {};
  main_ = {};
  index_.clear();
  ghosts_.clear();
  newest_ = oldest_ = kNowhere;
  blocks_ = 0;
  for (std::uint32_t& version : versions_) ++version;
}

bool Shard::gone(const Entry& entry, Clock& clock) const noexcept {
  if (entry.tagged() && options_.tags->invalid(entry)) return true;
  if (!entry.expires()) return false;
  const std::uint64_t end = std::uint64_t{entry.expiry()} + options_.staleTicks;
  return end <= clock.tick();
}

std::uint32_t Shard::findRaw(const CacheKey& key, std::uint64_t hash) const noexcept {
  return index_.find(hash, [&](std::uint32_t place) {
    const CacheKey other = at(place).key();
    return other.wide == key.wide && other.bytes == key.bytes;
  });
}

std::uint32_t Shard::find(const CacheKey& key, std::uint64_t hash, Clock& clock, DepartureSink* sink) noexcept {
  const std::uint32_t place = findRaw(key, hash);
  if (place == kNowhere || !gone(at(place), clock)) return place;
  leave(place, hash, Departure::kExpired, sink);
  return kNowhere;
}

void Shard::leave(std::uint32_t place, std::uint64_t hash, Departure why, DepartureSink* sink) noexcept {
  ++(why == Departure::kEvicted ? counts.evictions : counts.expirations);
  if (sink != nullptr) {
    const Entry entry = at(place);
    sink->departed(entry.key(), entry.value(), why);
  }
  drop(place, hash);
}

void Shard::drop(std::uint32_t place, std::uint64_t hash) noexcept {
  Entry entry = at(place);
  Log& log = logOf(entry);
  index_.erase(hash, place);
  --log.count;
  log.charge -= entry.charge();
  if (linked_) unlink(place);
  if (entry.tagged()) options_.tags->release(entry);
  if (entry.hasBlock()) {
    blocks_ -= entry.valueBytes() + Block::kCharge;
    entry.block()->giveBack();
  }
  const std::uint32_t total = entry.total();
  entry.setState(static_cast<std::uint8_t>(entry.state() | kStateDead));
  log.dead += total;
  const std::uint32_t id = segments_.segmentOf(place);
  LogSegment& segment = segments_[id];
  segment.live -= total;
  if (segment.live > 0 || id == log.segments.back()) return;
  // Nothing in it lives: it need not wait for its turn.
  log.dead -= segment.end - segment.begin;
  log.segments.erase(std::find(log.segments.begin(), log.segments.end(), id));
  segments_.close(id);
}

void Shard::put(const NewEntry& entry, bool main, std::uint8_t frequency) {
  struct Free {
    void operator()(Block* block) const noexcept { block->giveBack(); }
  };
  std::unique_ptr<Block, Free> block;
  const auto valueBytes = static_cast<std::uint32_t>(entry.value.bytes.size());
  const std::size_t tagCount = entry.tags == nullptr ? 0 : entry.tags->size();
  auto shape = static_cast<std::uint8_t>(entry.value.kind);
  if (entry.key.wide) shape |= kShapeWide;
  if (entry.expires) shape |= kShapeExpiry;
  if (tagCount > 0) shape |= kShapeTags;
  if (valueBytes > segments_.bytes() / kBlockShare) {
    shape |= kShapeBlock;
    block.reset(Block::make(entry.value.bytes));
  }
  index_.grow([this](std::uint32_t place) { return hashAt(place); });
  const std::uint32_t total =
      Entry::sizeOf(linked_ ? kLinkBytes : 0, shape, static_cast<std::uint32_t>(tagCount), entry.key.bytes.size(),
                    block == nullptr ? valueBytes : sizeof(Block*));
  Log& log = main ? main_ : small_;
  const std::uint32_t place = log.append(segments_, total);
  // From here on nothing fails.
  Entry made = at(place);
  made.writeHeader(valueBytes, entry.key.bytes.size(), shape,
                   static_cast<std::uint8_t>(frequency | (main ? kStateMain : 0)));
  if (entry.expires) made.writeExpiry(entry.expiry);
  if (tagCount > 0) made.writeTags(entry.tags->data(), static_cast<std::uint32_t>(tagCount), entry.tagStamp);
  made.writeKey(entry.key.bytes);
  made.writeValue(entry.value.bytes, block.get());
  if (block != nullptr) blocks_ += valueBytes + Block::kCharge;
  block.release();
  index_.insert(entry.hash, place);
  ++log.count;
  log.charge += made.charge();
  if (linked_) link(place);
  ++versionOf(entry.hash);
}

void Shard::set(const NewEntry& entry, Clock& clock, DepartureSink* sink) {
  bool main = linked_;
  std::uint8_t frequency = 0;
  index_.prefetchHome(entry.hash);
  if (!linked_) ghosts_.prefetch(entry.hash);
  const std::uint32_t old = find(entry.key, entry.hash, clock, sink);
  if (old != kNowhere) {
    // A replaced entry was used, and stays in its queue, as the newest.
    Entry before = at(old);
    before.touch();
    main = before.main();
    frequency = before.frequency();
    drop(old, entry.hash);
  } else if (!linked_ && ghosts_.take(entry.hash)) {
    main = true;
  }
  const std::size_t tagCount = entry.tags == nullptr ? 0 : entry.tags->size();
  makeRoom(Entry::chargeOf(linked_, entry.key.bytes.size(), entry.value.bytes.size(), tagCount), clock, sink);
  put(entry, main, frequency);
  sweepIfWorthwhile();
}

void Shard::restore(const NewEntry& entry, bool main, std::uint8_t frequency, Clock& clock) {
  const std::size_t tagCount = entry.tags == nullptr ? 0 : entry.tags->size();
  const std::uint32_t old = findRaw(entry.key, entry.hash);
  if (old != kNowhere) drop(old, entry.hash);
  makeRoom(Entry::chargeOf(linked_, entry.key.bytes.size(), entry.value.bytes.size(), tagCount), clock, nullptr);
  put(entry, main || linked_, linked_ ? 0 : frequency);
}

}  // namespace easy11
