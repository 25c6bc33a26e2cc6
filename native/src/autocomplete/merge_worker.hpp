#pragma once
// Merges segments on a thread of its own, one merge at a time. The thread reads only what cannot change, and hands the
// result over through one atomic; it also destroys the old segments, because giving back a hundred megabytes takes longer
// than an owner who answers queries may wait.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "segment.hpp"

namespace easy11 {

class MergeWorker {
 public:
  ~MergeWorker() { stop(); }

  // False when a merge is running or no thread can be had.
  bool start(std::vector<MergeInput>&& inputs) noexcept;
  bool running() const noexcept { return thread_.joinable(); }
  // Whether a result waits to be taken. May be asked on any thread.
  bool finished() const noexcept { return done_.load(std::memory_order_acquire); }

  struct Result {
    std::shared_ptr<const Segment> segment;         // null when the merge failed
    std::vector<std::vector<std::uint32_t>> newRank;  // by input
    std::vector<std::uint32_t> slots;                 // of the segment's entries
  };
  // Once done: the segment, still kept here too; null when the merge failed.
  const std::shared_ptr<const Segment>& result() const noexcept { return result_.segment; }
  const std::vector<std::uint32_t>& newRank(std::size_t input) const noexcept { return result_.newRank[input]; }
  // Once done. The owner drops its own references to the inputs, then calls `release`.
  Result take() noexcept;
  void release() noexcept;
  // Whether the thread has ended, so that `start` is possible again. Joins it if so.
  bool idle() noexcept;
  void stop() noexcept;

 private:
  void work() noexcept;

  std::thread thread_;
  std::vector<MergeInput> inputs_;
  Result result_;
  std::atomic<bool> cancel_{false};
  std::atomic<bool> done_{false};
  std::atomic<bool> ended_{false};
  std::mutex mutex_;
  std::condition_variable released_;
  bool release_ = false;
};

}  // namespace easy11
