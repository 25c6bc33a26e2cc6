#include <algorithm>

#include "core.hpp"

namespace easy11 {
namespace {

constexpr std::size_t kFanIn = 4;          // segments of a size that make one of the next
constexpr std::size_t kSweepStep = 256;  // slots brought up to date by an update

// Segments of one tier are within a factor of four of each other.
std::uint32_t tier(std::uint32_t entries) noexcept {
  return highestBit(std::max<std::uint32_t>(entries, Memtable::kCapacity) / Memtable::kCapacity) / 2;
}

}  // namespace

// Called before every update: takes in a finished merge, starts the next, goes on sweeping. Constant time, but for the
// entries deleted while the merge ran.
void Autocomplete::Core::poll() {
  if (worker_.running()) {
    if (worker_.finished()) installMerge();
    if (!worker_.idle()) {
      sweep();
      return;
    }
  }
  if (mergeWanted_) startMerge();
  sweep();
}

// Picks the segments to merge next: the smallest tier that is full, or one that is mostly dead.
bool Autocomplete::Core::chooseMerge(std::vector<std::size_t>& chosen) const {
  constexpr std::uint32_t kTiers = 16;
  for (std::uint32_t wanted = 0; wanted < kTiers; ++wanted) {
    chosen.clear();
    for (std::size_t i = 0; i < view_->parts.size(); ++i)
      if (tier(view_->parts[i]->alive()) == wanted) chosen.push_back(i);
    if (chosen.size() >= kFanIn) return true;
  }
  chosen.clear();
  for (std::size_t i = 0; i < view_->parts.size(); ++i)
    if (view_->parts[i]->dead.count() * 2 > view_->parts[i]->segment->size()) {
      chosen.push_back(i);
      return true;
    }
  return false;
}

bool Autocomplete::Core::isMerging(std::uint32_t number) const noexcept {
  return std::find(merging_.begin(), merging_.end(), number) != merging_.end();
}

void Autocomplete::Core::startMerge() {
  std::vector<std::size_t> chosen;
  mergeWanted_ = false;
  if (!chooseMerge(chosen)) return;
  std::vector<MergeInput> inputs;
  merging_.clear();
  merging_.reserve(chosen.size());
  for (const std::size_t i : chosen) {
    const Part& part = *view_->parts[i];
    inputs.push_back({part.segment, part.dead.plain(part.segment->size()), {}});
  }
  killed_.clear();
  if (!worker_.start(std::move(inputs))) return;
  for (const std::size_t i : chosen) merging_.push_back(view_->parts[i]->number);
}

void Autocomplete::Core::installMerge() {
  // Everything that can fail comes first. Should it fail, the result waits for the next call.
  View& view = edit();
  view.parts.reserve(view.parts.size() + 1);
  retired_.reserve(retired_.size() + merging_.size());
  auto merged = std::make_shared<Part>();
  merged->segment = worker_.result();
  if (merged->segment == nullptr) {  // the merge failed
    worker_.take();
    merging_.clear();
    worker_.release();
    draft_.reset();
    return;
  }
  std::vector<std::uint32_t> ranks;  // of the entries that were deleted meanwhile
  std::size_t input = 0;
  for (const auto& part : view.parts) {
    if (!isMerging(part->number)) continue;
    for (const Killed& killed : killed_)
      if (killed.number == part->number) ranks.push_back(worker_.newRank(input)[killed.rank]);
    ++input;
  }
  moved_.emplace_back();
  for (const std::uint32_t rank : ranks) merged->dead.prepare(rank, merged->segment->size(), false);

  MergeWorker::Result result = worker_.take();
  for (const std::uint32_t rank : ranks) merged->dead.kill(rank);
  merged->number = nextNumber_++;
  moved_.back().number = merged->number;
  moved_.back().slots = std::move(result.slots);
  input = 0;
  for (const auto& part : view.parts)
    if (isMerging(part->number)) retired_.push_back({part->number, merged->number, std::move(result.newRank[input++])});
  killed_.clear();
  view.parts.erase(std::remove_if(view.parts.begin(), view.parts.end(),
                                  [&](const auto& part) { return isMerging(part->number); }),
                   view.parts.end());
  merging_.clear();
  if (merged->alive() > 0) view.parts.push_back(std::move(merged));
  std::sort(view.parts.begin(), view.parts.end(),
            [](const auto& a, const auto& b) { return a->segment->size() > b->segment->size(); });
  mergeWanted_ = true;
  result = {};
  commit();
  worker_.release();
}

// Brings some slots up to date: those of the entries that merges have moved, and no others. When all of a merged segment are,
// nothing can lead through the segments that went into it any more.
void Autocomplete::Core::sweep() {
  for (std::size_t steps = 0; steps < kSweepStep && !moved_.empty();) {
    Moved& moved = moved_.front();
    for (; moved.done < moved.slots.size() && steps < kSweepStep; ++moved.done, ++steps) {
      const std::uint32_t slot = moved.slots[moved.done];
      slots_.prepare(slot);
      slots_[slot] = locate(slot);
    }
    if (moved.done < moved.slots.size()) return;
    retired_.erase(std::remove_if(retired_.begin(), retired_.end(),
                                  [&](const Retired& retired) { return retired.into == moved.number; }),
                   retired_.end());
    moved_.pop_front();
  }
}

}  // namespace easy11
