#pragma once
// Memory of a shard: segments that are filled from the front, and logs, which are sequences of segments.
#include <cstdint>
#include <deque>
#include <memory>
#include <new>
#include <vector>

#include "easy11/bits.hpp"
#include "entry.hpp"
#include "slabs.hpp"

namespace easy11 {

// Where a segment's memory goes back to.
struct FreeSegment {
  Slabs* slabs = nullptr;
  void operator()(char* bytes) const noexcept {
    if (slabs != nullptr) slabs->give(bytes);
    else delete[] bytes;
  }
};

struct LogSegment {
  std::unique_ptr<char[], FreeSegment> bytes;
  std::uint32_t size = 0;
  std::uint32_t begin = 0;  // what lies before has left
  std::uint32_t end = 0;
  std::uint32_t live = 0;  // bytes of living entries
};

// A place is a number of four-byte units: segment * units + offset.
class Segments {
 public:
  // `slabs`: where memory for segments of their size comes from, or null.
  Segments(std::uint32_t bytes, Slabs* slabs) noexcept
      : bytes_(bytes), units_(bytes / 4), slabs_(slabs != nullptr && slabs->bytes() == bytes ? slabs : nullptr) {}

  // May throw std::bad_alloc. A segment for something larger than usual holds that alone.
  std::uint32_t open(std::uint32_t atLeast) {
    std::uint32_t id;
    if (free_.empty()) {
      if (all_.size() >= kNowhere / units_) throw std::bad_alloc();  // places are numbers of 32 bits
      id = static_cast<std::uint32_t>(all_.size());
      all_.emplace_back();
      free_.reserve(all_.capacity());  // close() then never allocates
    } else {
      id = free_.back();
      free_.pop_back();
    }
    LogSegment& segment = all_[id];
    const std::uint32_t size = atLeast > bytes_ ? atLeast : bytes_;
    try {
      if (slabs_ != nullptr && size == bytes_) segment.bytes = {slabs_->take(), FreeSegment{slabs_}};
      else segment.bytes = {new char[size], FreeSegment{}};
    } catch (...) {
      free_.push_back(id);
      throw;
    }
    segment.size = size;
    segment.begin = segment.end = segment.live = 0;
    held_ += size;
    return id;
  }
  void close(std::uint32_t id) noexcept {
    held_ -= all_[id].size;
    all_[id].bytes.reset();
    free_.push_back(id);
  }
  LogSegment& operator[](std::uint32_t id) noexcept { return all_[id]; }
  char* at(std::uint32_t place) noexcept { return all_[place / units_].bytes.get() + std::size_t{place % units_} * 4; }
  void prefetchSegment(std::uint32_t place) const noexcept { prefetch(&all_[segmentOf(place)]); }
  std::uint32_t segmentOf(std::uint32_t place) const noexcept { return place / units_; }
  std::uint32_t placeOf(std::uint32_t segment, std::uint32_t offset) const noexcept {
    return segment * units_ + offset / 4;
  }
  std::uint32_t bytes() const noexcept { return bytes_; }
  std::uint64_t held() const noexcept { return held_ + all_.capacity() * (sizeof(LogSegment) + 4); }
  void clear() noexcept {
    all_.clear();
    free_.clear();
    held_ = 0;
  }

 private:
  std::uint32_t bytes_, units_;
  Slabs* slabs_;
  std::vector<LogSegment> all_;
  std::vector<std::uint32_t> free_;
  std::uint64_t held_ = 0;
};

struct Log {
  std::deque<std::uint32_t> segments;
  std::uint64_t count = 0;   // living entries
  std::uint64_t charge = 0;  // of living entries
  std::uint64_t dead = 0;    // bytes between begin and end that no living entry takes

  // Room at the end for `size` bytes; the place of it. May throw std::bad_alloc.
  std::uint32_t append(Segments& memory, std::uint32_t size) {
    if (segments.empty() || memory[segments.back()].size - memory[segments.back()].end < size) {
      const std::uint32_t id = memory.open(size);
      try {
        segments.push_back(id);
      } catch (...) {
        memory.close(id);
        throw;
      }
    }
    const std::uint32_t id = segments.back();
    LogSegment& segment = memory[id];
    const std::uint32_t place = memory.placeOf(id, segment.end);
    segment.end += size;
    segment.live += size;
    return place;
  }
};

}  // namespace easy11
