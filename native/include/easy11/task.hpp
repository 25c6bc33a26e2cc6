#pragma once
// A long piece of work of any engine, in two steps: `run` on any thread, then `finish` by the owner.
#include <atomic>
#include <cstdint>

#include "easy11/status.hpp"

namespace easy11 {

class Task {
 public:
  using Progress = void (*)(void* context, std::uint64_t done, std::uint64_t total);
  virtual ~Task() = default;
  virtual Status run(const std::atomic<bool>& cancel, Progress progress, void* context) noexcept = 0;
  // Takes over what `run` made; `status` is what it returned. Gives the final status.
  virtual Status finish(Status status) noexcept = 0;
};

}  // namespace easy11
