#pragma once
// A state of the index, as searches see it. Once published to readers it never changes: the writer makes the next one,
// which shares with it all that is the same.
#include <cstdint>
#include <memory>
#include <vector>

#include "dead_bits.hpp"
#include "memtable.hpp"
#include "segment.hpp"

namespace easy11 {

// A segment in use, and which of its entries are gone.
struct Part {
  std::uint32_t number = 0;
  std::shared_ptr<const Segment> segment;
  DeadBits dead;

  std::uint32_t alive() const noexcept { return segment->size() - dead.count(); }
  const DeadBits* deadBits() const noexcept { return dead.count() == 0 ? nullptr : &dead; }
};

struct View {
  std::vector<std::shared_ptr<Part>> parts;  // largest first
  std::shared_ptr<Memtable> memtable;
  std::uint64_t entries = 0;
  std::uint64_t changes = 0;  // how many there have been: see ChangeLog
};

}  // namespace easy11
