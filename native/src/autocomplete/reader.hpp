#pragma once
// One reader of an index: what a handle on some thread needs to search without waiting for anybody.
//
// The view it reads is pinned by a hazard pointer (Michael, "Hazard pointers: safe memory reclamation for lock-free
// objects", IEEE TPDS 2004): the writer frees an old view only when no reader has it pinned. It stays pinned until the next
// call, so that what was found can be looked at.
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "change_log.hpp"
#include "filter.hpp"
#include "segment_search.hpp"
#include "view.hpp"

namespace easy11 {

class Reader {
 public:
  // `current` is where the writer publishes its views.
  Reader(const std::atomic<const View*>& current, const Categories& categories, const ChangeLog& log) noexcept
      : current_(current), categories_(categories), log_(log) {}

  const View* pinned() const noexcept { return pinned_.load(std::memory_order_seq_cst); }
  void unpin() noexcept { pinned_.store(nullptr, std::memory_order_seq_cst); }
  // Drops the results, and with them what they were read from.
  void forget() noexcept {
    results_.clear();
    unpin();
  }
  // Lock-free: tries again only when the writer published in between.
  const View& pin() noexcept;

  std::int32_t search(std::string_view query, std::uint32_t limit, std::uint32_t flags, std::uint32_t* slots,
                      std::uint32_t* slips);
  std::int32_t searchPlan(std::string_view plan, std::uint32_t limit, std::uint32_t flags, std::uint32_t* slots,
                          std::uint32_t* slips);
  void setFilter(std::string_view categories, double priceAtLeast, double priceAtMost, int inStock);

  // Makes an entry of the pinned view the only result.
  void choose(std::uint32_t part, std::uint32_t at);
  // The entry of a result of the last search, or of `choose`; false when there is none.
  bool result(std::uint32_t i, DocumentView& out) const noexcept;
  // Parts of it, which cost less than all. Empty, or 0, when there is none.
  DocumentText text(std::uint32_t i) const noexcept;
  double weight(std::uint32_t i) const noexcept;
  void fetchAhead(std::uint32_t count) const noexcept;
  // Tells the changes since it was asked last, up to the pinned view: see ChangeLog.
  void changes(std::uint32_t* out) noexcept;
  std::string joined;  // for the caller's use

  static constexpr std::uint32_t kMemtablePart = 0xffffffff;

 private:
  struct Found {
    std::uint32_t slip;
    std::uint32_t slot;
    double weight;
    std::string_view id;
    std::uint32_t part, at;
  };
  struct Result {
    std::uint32_t part, at;
  };

  const Filter* currentFilter(std::uint32_t flags);
  std::int32_t answer(std::uint32_t limit, std::uint32_t flags, std::uint32_t* slots, std::uint32_t* slips);
  std::int32_t collect(const View& view, SearchMode mode, std::uint32_t limit, const Filter* filter,
                       std::uint32_t* slots, std::uint32_t* slips);
  void unite(const std::vector<Found>& part, std::uint32_t limit);
  bool mayBeMisspelt() const noexcept;

  const std::atomic<const View*>& current_;
  const Categories& categories_;
  const ChangeLog& log_;
  std::atomic<const View*> pinned_{nullptr};
  std::uint64_t seen_ = 0;

  Filter filter_;
  std::string filterCategories_;
  std::uint32_t filterKnown_ = 0;  // how many categories there were when filter_ was made

  Plan plan_;
  Top top_;
  SearchScratch scratch_;
  std::vector<MemtableHit> memtableHits_;
  std::vector<Found> found_, part_, united_;
  std::vector<Result> results_;
};

}  // namespace easy11
