#pragma once
// Which slots have changed lately, for readers on other threads that remember what entries say. The writer appends, then
// publishes the view that counts the change; a reader that is behind by more than the log holds forgets everything.
#include <array>
#include <atomic>
#include <cstdint>

namespace easy11 {

class ChangeLog {
 public:
  static constexpr std::uint32_t kMost = 1000;
  static constexpr std::uint32_t kEverything = 0xffffffff;

  // Returns the number of changes so far.
  std::uint64_t add(std::uint32_t slot) noexcept {
    const std::uint64_t at = begun_.load(std::memory_order_relaxed);
    begun_.store(at + 1, std::memory_order_seq_cst);
    slots_[at % kSize].store(slot, std::memory_order_seq_cst);
    return at + 1;
  }
  // Puts the changes [from, to) into out[1..], their number into out[0], or kEverything when they are too many or no longer
  // known.
  void read(std::uint64_t from, std::uint64_t to, std::uint32_t* out) const noexcept {
    if (to - from > kMost) {
      out[0] = kEverything;
      return;
    }
    for (std::uint64_t at = from; at < to; ++at)
      out[1 + at - from] = slots_[at % kSize].load(std::memory_order_seq_cst);
    // Had one of them been written over, the writer would have begun a change a whole log further on.
    out[0] = begun_.load(std::memory_order_seq_cst) - from > kSize ? kEverything : static_cast<std::uint32_t>(to - from);
  }

 private:
  static constexpr std::uint32_t kSize = 4096;
  std::array<std::atomic<std::uint32_t>, kSize> slots_{};
  std::atomic<std::uint64_t> begun_{0};
};

}  // namespace easy11
