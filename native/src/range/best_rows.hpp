#pragma once
// The best rows of a filter by a score, best first.
#include <cstdint>
#include <vector>

#include "filter.hpp"

namespace easy11::range {

class BestRows {
 public:
  // Up to `limit` rows, by value descending and id ascending, of a filter that has been driven. Memory is reserved by the
  // first call.
  std::uint32_t find(const Table& table, const std::vector<Tree>& trees, Filter& filter, std::uint32_t score,
                     std::uint32_t limit, double* values, std::uint32_t* ids);

 private:
  // A node, standing at an entry of its list.
  struct Run {
    double value;
    std::uint32_t id, node;
    std::uint8_t level, at;
  };

  static bool worse(const Run& a, const Run& b) noexcept {
    return a.value < b.value || (a.value == b.value && a.id > b.id);
  }
  void replaceFirst(const Run& run) noexcept;
  bool good(double value, std::uint32_t id) const noexcept {
    return size_ < limit_ || value > values_[size_ - 1] || (value == values_[size_ - 1] && id < ids_[size_ - 1]);
  }
  void keep(double value, std::uint32_t id) noexcept;
  // Begins with the first entry of the node's list behind the row (value, id), or goes down when the list ends before.
  void enter(const Filter& filter, std::uint8_t level, std::uint32_t node, double value, std::uint32_t id);
  void takeLeaf(const Filter& filter, std::uint32_t leaf, std::uint32_t from, std::uint32_t to) noexcept;
  bool search(const Filter& filter);
  void scanAll(const Filter& filter) noexcept;
  void scanSet(const Filter& filter) noexcept;

  const Table* table_ = nullptr;
  std::uint32_t score_ = 0, limit_ = 0, size_ = 0;
  double* values_ = nullptr;
  std::uint32_t* ids_ = nullptr;
  std::vector<Run> heap_;
  bool ordered_ = true;  // the heap is one, not yet a mere list
};

}  // namespace easy11::range
