#pragma once
// The best of what is offered: greatest score first, ties by id.
#include <algorithm>
#include <cstdint>
#include <vector>

namespace easy11::vectors {

struct Found {
  double score;
  std::uint32_t id;
};
inline bool isBetter(const Found& a, const Found& b) noexcept {
  return a.score > b.score || (a.score == b.score && a.id < b.id);
}

class Best {
 public:
  // May throw.
  void begin(std::uint32_t limit) {
    limit_ = limit;
    heap_.clear();
    heap_.reserve(limit);
  }
  // Whether it came among the best. O(log limit).
  bool offer(const Found& found) noexcept {
    if (isFull()) {
      if (!isBetter(found, heap_.front())) return false;
      std::pop_heap(heap_.begin(), heap_.end(), isBetter);
      heap_.back() = found;
    } else {
      heap_.push_back(found);  // there is room
    }
    std::push_heap(heap_.begin(), heap_.end(), isBetter);
    return true;
  }
  bool isFull() const noexcept { return heap_.size() == limit_; }
  // The last of the best, which there is.
  const Found& last() const noexcept { return heap_.front(); }
  void order() noexcept { std::sort_heap(heap_.begin(), heap_.end(), isBetter); }
  const std::vector<Found>& all() const noexcept { return heap_; }

 private:
  std::vector<Found> heap_;
  std::uint32_t limit_ = 0;
};

}  // namespace easy11::vectors
