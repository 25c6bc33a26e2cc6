#pragma once
// A lock for sections of tens of nanoseconds: an exchange to take it, a store to give it back. A thread that finds it
// taken spins a moment and then gives its time slice away, so that an owner who was preempted can go on.
#include <atomic>
#include <thread>

namespace easy11 {

class ShortLock {
 public:
  void lock() noexcept {
    for (int spins = 0; taken_.exchange(true, std::memory_order_acquire); ++spins) {
      while (spins < kSpins && taken_.load(std::memory_order_relaxed)) ++spins;
      if (spins >= kSpins) std::this_thread::yield();
    }
  }
  void unlock() noexcept { taken_.store(false, std::memory_order_release); }

 private:
  static constexpr int kSpins = 200;
  std::atomic<bool> taken_{false};
};

}  // namespace easy11
