#pragma once
// A loop on several threads. Which thread takes which piece is left to chance, so a piece's result must not depend on it.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <system_error>
#include <thread>
#include <vector>

#include "../common/job_control.hpp"

namespace easy11::als {

// Calls body(worker, from, to) for pieces of [0, size) until all are done or the job is cancelled; false then. `body` must not
// throw. A thread that cannot be started is done without.
template <class Body>
bool parallel(std::size_t threads, std::size_t size, std::size_t piece, const JobControl& control, Body body) {
  std::atomic<std::size_t> next{0};
  const auto work = [&](std::size_t worker) {
    while (!control.cancelled()) {
      const std::size_t from = next.fetch_add(piece, std::memory_order_relaxed);
      if (from >= size) return;
      body(worker, from, std::min(size, from + piece));
    }
  };
  std::vector<std::thread> others;
  const std::size_t wanted = std::min(threads, (size + piece - 1) / piece);
  others.reserve(wanted);
  for (std::size_t worker = 1; worker < wanted; ++worker) {
    try {
      others.emplace_back(work, worker);
    } catch (const std::system_error&) {
      break;
    }
  }
  work(0);
  for (std::thread& thread : others) thread.join();
  return !control.cancelled();
}

}  // namespace easy11::als
