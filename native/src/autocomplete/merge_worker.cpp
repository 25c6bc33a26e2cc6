#include "merge_worker.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>

namespace easy11 {
namespace {
constexpr int kWaits = 50;  // of a millisecond
}

bool MergeWorker::start(std::vector<MergeInput>&& inputs) noexcept {
  if (!idle()) return false;
  inputs_ = std::move(inputs);
  result_ = {};
  cancel_.store(false, std::memory_order_relaxed);
  done_.store(false, std::memory_order_relaxed);
  ended_.store(false, std::memory_order_relaxed);
  release_ = false;
  try {
    thread_ = std::thread([this] { work(); });
  } catch (const std::system_error&) {
    inputs_.clear();
    return false;
  }
  return true;
}

void MergeWorker::work() noexcept {
  try {
    auto segment = std::make_shared<Segment>();
    if (mergeSegments(inputs_, JobControl{cancel_}, *segment) == Built::kDone) {
      for (MergeInput& input : inputs_) result_.newRank.push_back(std::move(input.newRank));
      result_.slots.reserve(segment->size());
      for (std::uint32_t rank = 0; rank < segment->size(); ++rank) result_.slots.push_back(segment->documents.slot(rank));
      result_.segment = std::move(segment);
    }
  } catch (const std::exception&) {
    result_ = {};  // out of memory: the segments stay as they are
  }
  done_.store(true, std::memory_order_release);
  {
    std::unique_lock<std::mutex> lock(mutex_);
    released_.wait(lock, [this] { return release_; });
    // A reader may still have the inputs pinned. Waiting a little for it spares its thread the work of destroying them.
    const auto held = [this] {
      return std::any_of(inputs_.begin(), inputs_.end(), [](const MergeInput& in) { return in.segment.use_count() > 1; });
    };
    for (int round = 0; round < kWaits && held() && !cancel_.load(std::memory_order_relaxed); ++round)
      released_.wait_for(lock, std::chrono::milliseconds(1));
  }
  inputs_.clear();
  ended_.store(true, std::memory_order_release);
}

MergeWorker::Result MergeWorker::take() noexcept {
  done_.store(false, std::memory_order_relaxed);
  return std::move(result_);
}

void MergeWorker::release() noexcept {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    release_ = true;
  }
  released_.notify_one();
}

bool MergeWorker::idle() noexcept {
  if (!running()) return true;
  if (!ended_.load(std::memory_order_acquire)) return false;
  thread_.join();
  return true;
}

void MergeWorker::stop() noexcept {
  if (!running()) return;
  cancel_.store(true, std::memory_order_relaxed);
  release();
  thread_.join();
  inputs_.clear();
  result_ = {};
}

}  // namespace easy11
