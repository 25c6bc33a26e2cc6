#pragma once
// One index of vectors: its windows, its terms, and a refresh that may be on its way.
#include <memory>
#include <vector>

#include "easy11/sparse_vectors.hpp"
#include "search.hpp"
#include "window.hpp"

namespace easy11 {

class SparseVectors::Core {
 public:
  // Entries of a row, ascending, none of whose terms is above kMaxTerm. May throw, and then changed nothing.
  bool put(std::uint32_t id, const vectors::Entry* entries, std::uint32_t count);
  bool remove(std::uint32_t id) noexcept;
  const vectors::Window* windowOf(std::uint32_t id) const noexcept;  // null when there is no such row
  double similarity(std::uint32_t a, std::uint32_t b) const noexcept;
  void reserveTerms(std::uint32_t size);

  void beginRefresh(const double* factors, std::size_t size);
  bool refreshStep();
  void cancelRefresh() noexcept;
  const vectors::Search::Windows& windows() const noexcept { return windows_; }
  std::size_t bytes() const noexcept;

  vectors::Terms terms;
  vectors::Search search;
  std::vector<vectors::Entry> given;  // of the call
  std::uint32_t rows = 0;
  std::uint64_t entries = 0;

 private:
  void list(vectors::Window& window) noexcept;

  vectors::Search::Windows windows_;
  vectors::TermCounts scratch_;
  std::vector<float> nextGreatest_;
  bool refreshing_ = false;
  std::size_t refreshed_ = 0;  // windows
};

}  // namespace easy11
