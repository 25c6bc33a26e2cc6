#pragma once
// Memory of a large value, apart from its entry: counted by shares, so that a text which was given out without copying it stays
// where it is when its entry has left. The counts of all blocks of the process lie together: giving out a text touches nothing of it.
#include <atomic>
#include <cstdint>
#include <string_view>

namespace easy11 {

class Block {
 public:
  static constexpr std::uint64_t kCharge = 32;  // the record, and what the allocator takes for itself

  // A copy of `bytes`, with one share. May throw std::bad_alloc.
  static Block* make(std::string_view bytes);
  void share() noexcept { shares_.fetch_add(1, std::memory_order_relaxed); }
  // From any thread; the last one frees it.
  void giveBack() noexcept {
    if (shares_.fetch_sub(1, std::memory_order_acq_rel) == 1) free();
  }
  const char* bytes() const noexcept { return bytes_; }

 private:
  class Pool;
  void free() noexcept;

  union {
    char* bytes_;
    Block* next_;  // of those that are free
  };
  std::atomic<std::uint64_t> shares_;
};

}  // namespace easy11
