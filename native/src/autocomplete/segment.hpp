#pragma once
// A part of the index that never changes once built: other threads may read it while the owner searches it. What is deleted
// from it is marked in a bitmap of the owner's.
#include <cstdint>
#include <memory>
#include <vector>

#include "dictionary.hpp"
#include "documents.hpp"
#include "filter_lists.hpp"
#include "id_map.hpp"
#include "../common/job_control.hpp"
#include "postings.hpp"
#include "prefix_order.hpp"

namespace easy11 {

class Batch;

struct Segment {
  Documents documents;
  Dictionary dictionary;
  Postings postings;
  PrefixOrder order;
  FilterLists filters;
  std::shared_ptr<const void> backing;  // the file that columns lie in, if they do

  std::uint32_t size() const noexcept { return documents.size(); }
  // Reads how wide the packed columns are, after they were lent memory. False when they are none.
  bool adopt() noexcept { return documents.adopt() && postings.adopt() && order.adopt() && filters.adopt(); }
  // Whether a search can go nowhere outside, whatever the columns hold: for those read from a file. O(size).
  bool valid(std::uint32_t categoryCount) const noexcept {
    return documents.valid(categoryCount) && dictionary.valid() && postings.valid(dictionary, size()) &&
           order.valid(dictionary.size(), size()) && filters.valid(size(), static_cast<std::uint32_t>(documents.prices().size()));
  }
  // Calls each(column) for all that makes up a segment, in the order of the file.
  template <class Self, class Each>
  static void columns(Self& self, Each&& each) {
    Documents::columns(self.documents, each);
    Dictionary::columns(self.dictionary, each);
    Postings::columns(self.postings, each);
    PrefixOrder::columns(self.order, each);
    FilterLists::columns(self.filters, each);
  }
  std::size_t bytes() const noexcept {
    return sizeof *this + documents.bytes() + dictionary.bytes() + postings.bytes() + order.bytes() + filters.bytes();
  }
  // Of them, those that lie in a file.
  std::size_t lentBytes() const noexcept {
    std::size_t total = 0;
    if (backing != nullptr) columns(*this, [&](const auto& column) { total += column.lentBytes(); });
    return total;
  }
};

enum class Built { kDone, kCancelled, kTooLarge };

constexpr std::uint32_t kGone = 0xffffffff;

// Builds a segment of entries in any order, at least one. O(n log n + words).
Built buildSegment(const std::vector<DocumentView>& entries, const JobControl& control, Segment& out);
// Numbers the slots anew, by rank, and the ids with them.
Built buildSegment(const Batch& entries, const JobControl& control, Segment& out, IdMap& ids);

struct MergeInput {
  std::shared_ptr<const Segment> segment;
  Bitmap dead;                         // entries to leave out; empty for none
  std::vector<std::uint32_t> newRank;  // out: where each entry went, or kGone
};

// Merges segments without reading a text again: dictionaries are merged, word numbers mapped.
Built mergeSegments(std::vector<MergeInput>& inputs, const JobControl& control, Segment& out);

}  // namespace easy11
