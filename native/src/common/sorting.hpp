#pragma once
// Sorting that can be interrupted: runs of bounded length are sorted, then merged pass by pass, and the cancel flag is
// asked between runs, because std::sort over a million entries would not listen for a tenth of a second and more.
#include <algorithm>
#include <cstddef>
#include <vector>

#include "job_control.hpp"

namespace easy11 {

template <class T, class Less>
bool sortInterruptibly(T* values, std::size_t size, Less less, const JobControl& control) {
  constexpr std::size_t kRun = 1 << 15;
  for (std::size_t at = 0; at < size; at += kRun) {
    if (control.cancelled()) return false;
    std::sort(values + at, values + std::min(at + kRun, size), less);
  }
  if (size <= kRun) return true;
  std::vector<T> spare(values, values + size);
  T* from = values;
  T* to = spare.data();
  for (std::size_t run = kRun; run < size; run *= 2) {
    for (std::size_t at = 0; at < size; at += 2 * run) {
      if (control.cancelled()) return false;
      const std::size_t middle = std::min(at + run, size);
      const std::size_t end = std::min(at + 2 * run, size);
      std::merge(from + at, from + middle, from + middle, from + end, to + at, less);
    }
    std::swap(from, to);
  }
  if (from != values) std::copy(from, from + size, values);
  return true;
}

}  // namespace easy11
