#pragma once
// How a long piece of work hears that it should stop, and tells how far it is.
#include <atomic>
#include <cstdint>

namespace easy11 {

using ProgressFunction = void (*)(void* context, std::uint64_t done, std::uint64_t total);

struct JobControl {
  const std::atomic<bool>& cancel;
  ProgressFunction progress = nullptr;
  void* context = nullptr;

  bool cancelled() const noexcept { return cancel.load(std::memory_order_relaxed); }
  // For use in loops: asks only every 4,096th time.
  bool cancelledAt(std::uint64_t step) const noexcept { return (step & 0xfff) == 0 && cancelled(); }
  void report(std::uint64_t done, std::uint64_t total) const {
    if (progress != nullptr) progress(context, done, total);
  }
};

}  // namespace easy11
