// What leaves when there is no room: S3-FIFO (Yang et al., SOSP 2023) with promotion at the first hit, or LRU.
#include <algorithm>
#include <new>

#include "shard.hpp"

namespace easy11 {

void Shard::makeRoom(std::uint64_t needed, Clock& clock, DepartureSink* sink) {
  while (count() > 0 && ((options_.max > 0 && count() + 1 > options_.max) ||
                         (options_.maxBytes > 0 && charge() + needed > options_.maxBytes))) {
    if (linked_) {
      const std::uint32_t victim = oldest_;
      leave(victim, hashAt(victim), gone(at(victim), clock) ? Departure::kExpired : Departure::kEvicted, sink);
    } else if (small_.count > 0 && (main_.count == 0 || smallIsOver())) {
      stepSmall(clock, sink);
    } else {
      stepMain(clock, sink);
    }
  }
}

// The small queue is to take a tenth.
bool Shard::smallIsOver() const noexcept {
  const std::uint64_t entries = std::max<std::uint64_t>(1, options_.max / 10);
  return (options_.max > 0 && small_.count >= entries) ||
         (options_.maxBytes > 0 && small_.charge >= options_.maxBytes / 10);
}

// The oldest living entry; what is dead before it is passed over, and segments that have become empty are closed.
std::uint32_t Shard::oldestOf(Log& log) noexcept {
  for (;;) {
    const std::uint32_t id = log.segments.front();
    LogSegment& segment = segments_[id];
    while (segment.begin < segment.end) {
      const Entry entry(segment.bytes.get() + segment.begin, linked_);
      if (!entry.dead()) return segments_.placeOf(id, segment.begin);
      const std::uint32_t total = entry.total();
      segment.begin += total;
      log.dead -= total;
    }
    log.segments.pop_front();
    segments_.close(id);
  }
}

void Shard::stepSmall(Clock& clock, DepartureSink* sink) {
  const std::uint32_t place = oldestOf(small_);
  const std::uint64_t hash = hashAt(place);
  index_.prefetchHome(hash);
  ghosts_.prefetch(hash);
  const Entry entry = at(place);
  prefetch(segments_.at(place) + entry.total());  // who is next
  if (gone(entry, clock)) return leave(place, hash, Departure::kExpired, sink);
  if (entry.frequency() > 0) return requeue(place, hash, small_, 0);
  leave(place, hash, Departure::kEvicted, sink);
  ghosts_.add(hash, count() * 9 / 10);
}

void Shard::stepMain(Clock& clock, DepartureSink* sink) {
  const std::uint32_t place = oldestOf(main_);
  const std::uint64_t hash = hashAt(place);
  const Entry entry = at(place);
  if (gone(entry, clock)) return leave(place, hash, Departure::kExpired, sink);
  if (entry.frequency() > 0)
    return requeue(place, hash, main_, static_cast<std::uint8_t>(entry.frequency() - 1));
  leave(place, hash, Departure::kEvicted, sink);
}

// Moves the oldest entry of a queue to the end of the main one.
void Shard::requeue(std::uint32_t place, std::uint64_t hash, Log& from, std::uint8_t frequency) {
  const std::uint32_t total = at(place).total();
  const std::uint32_t target = main_.append(segments_, total);
  std::memcpy(segments_.at(target), segments_.at(place), total);
  Entry moved = at(target);
  moved.setState(static_cast<std::uint8_t>(frequency | kStateMain));
  index_.move(hash, place, target);
  const std::uint64_t charge = moved.charge();
  --from.count;
  from.charge -= charge;
  ++main_.count;
  main_.charge += charge;
  const std::uint32_t id = segments_.segmentOf(place);
  segments_[id].live -= total;
  segments_[id].begin += total;
}

void Shard::link(std::uint32_t place) noexcept {
  Entry entry = at(place);
  entry.setOlder(newest_);
  entry.setNewer(kNowhere);
  if (newest_ != kNowhere) at(newest_).setNewer(place);
  newest_ = place;
  if (oldest_ == kNowhere) oldest_ = place;
}

void Shard::unlink(std::uint32_t place) noexcept {
  const Entry entry = at(place);
  if (entry.newer() == kNowhere) newest_ = entry.older();
  else at(entry.newer()).setOlder(entry.older());
  if (entry.older() == kNowhere) oldest_ = entry.newer();
  else at(entry.older()).setNewer(entry.newer());
}

void Shard::bringToFront(std::uint32_t place) noexcept {
  if (newest_ == place) return;
  unlink(place);
  link(place);
}

// Overwriting, deleting and LRU leave dead entries between living ones. With a byte budget they may take what the charges
// leave over and 1/40 more, else a part of the whole.
void Shard::sweepIfWorthwhile() {
  const std::uint64_t dead = small_.dead + main_.dead;
  if (dead <= 2 * segments_.bytes()) return;
  if (options_.maxBytes > 0 ? held() <= options_.maxBytes + options_.maxBytes / 40 : dead <= charge() / (linked_ ? 8 : 32))
    return;
  sweep(small_);
  sweep(main_);
}

// Copies the living entries to new segments in their order, one segment after the other, so that at most one more than
// now is held. Without memory for that one the rest stays as it is.
void Shard::sweep(Log& log) {
  if (log.dead == 0) return;
  Log swept;
  try {
    while (!log.segments.empty()) {
      const std::uint32_t id = log.segments.front();
      while (segments_[id].begin < segments_[id].end) sweepOne(log, swept, id);
      log.segments.pop_front();
      segments_.close(id);
    }
  } catch (const std::bad_alloc&) {
    while (!swept.segments.empty()) {
      log.segments.push_front(swept.segments.back());
      swept.segments.pop_back();
    }
    return;
  }
  log.segments = std::move(swept.segments);
}

void Shard::sweepOne(Log& log, Log& swept, std::uint32_t id) {
  const std::uint32_t place = segments_.placeOf(id, segments_[id].begin);
  const Entry entry = at(place);
  const std::uint32_t total = entry.total();
  if (entry.dead()) {
    log.dead -= total;
  } else {
    const std::uint32_t target = swept.append(segments_, total);
    std::memcpy(segments_.at(target), segments_.at(place), total);
    index_.move(hashAt(target), place, target);
    if (linked_) relink(target);
    segments_[id].live -= total;
  }
  segments_[id].begin += total;
}

// Tells the neighbours of an entry that it stands here now.
void Shard::relink(std::uint32_t place) noexcept {
  const Entry entry = at(place);
  if (entry.newer() == kNowhere) newest_ = place;
  else at(entry.newer()).setOlder(place);
  if (entry.older() == kNowhere) oldest_ = place;
  else at(entry.older()).setNewer(place);
}

}  // namespace easy11
