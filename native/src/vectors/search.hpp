#pragma once
// The search for the rows most like a query, and what it uses again and again.
#include <cstdint>
#include <memory>
#include <vector>

#include "best.hpp"
#include "easy11/sparse_vectors.hpp"
#include "sums.hpp"
#include "window.hpp"

namespace easy11::vectors {

class Search {
 public:
  using Windows = std::vector<std::unique_ptr<Window>>;

  // May throw before it found anything. The query's terms ascend; all are below terms.size().
  void run(const Windows& windows, const Terms& terms, const Entry* query, std::uint32_t count,
           const SparseVectors::Wanted& wanted);
  const Best& best() const noexcept { return best_; }
  // Entries of lists, and of rows compared in full, that the last query read.
  double entriesRead() const noexcept { return static_cast<double>(read_); }
  std::size_t bytes() const noexcept;

 private:
  // A term of the query.
  struct Part {
    std::uint32_t term;
    double share;        // of the square of the query's length
    std::int16_t most;   // an upper bound of what it adds to a sum: in units
    std::uint32_t rows;  // that have it
  };
  void plan(const Terms& terms, const Entry* query, std::uint32_t count, double further);
  void raise() noexcept;
  void look(const Window& window, std::uint32_t first, const Terms& terms) noexcept;
  bool sumUp(const Window& window) noexcept;
  void findReaching(const Window& window, const SumBar& bar) noexcept;
  void compareReaching(const Window& window, std::uint32_t first, const Terms& terms, std::int32_t below) noexcept;
  void compare(const Window& window, std::uint32_t first, std::uint32_t place, const Terms& terms) noexcept;
  bool mayStand(std::uint32_t id) const noexcept;
  SumBar barFor(const Window& window) const noexcept;

  const SparseVectors::Wanted* wanted_ = nullptr;
  Best best_;
  std::vector<double> weights_;  // of the query, by term: 0 between queries
  double square_ = 0;            // of the query's length
  double length_ = 0;
  double unit_ = 0;              // of the sums: a share of square_
  std::vector<Part> parts_;      // those that say most for their rows first
  std::size_t taken_ = 0;        // parts that a row must have one of, to come among the best
  double bar_ = 0;               // a score below which nothing comes among the best, a little lower for rounding
  Sums sums_;                    // by place: 0 between windows
  std::int32_t left_ = 0;        // units of the parts that are not summed up
  std::vector<std::uint16_t> reaching_ = std::vector<std::uint16_t>(kWindow + 1);  // places whose sum reaches the bar
  std::uint32_t reached_ = 0;    // how many those are
  std::uint64_t read_ = 0;
};

}  // namespace easy11::vectors
