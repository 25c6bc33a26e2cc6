#include "reader.hpp"

#include <algorithm>

#include "easy11/autocomplete.hpp"

namespace easy11 {
namespace {

bool precedes(std::uint32_t slip, double weight, std::string_view id, std::uint32_t otherSlip, double otherWeight,
              std::string_view otherId) noexcept {
  return slip != otherSlip ? slip < otherSlip : ranksBefore(weight, id, otherWeight, otherId);
}

}  // namespace

// Sequentially consistent on both sides: either the writer sees the pin before it frees, or the reader sees that another
// view has been published and pins that.
const View& Reader::pin() noexcept {
  const View* view = current_.load(std::memory_order_acquire);
  if (pinned_.load(std::memory_order_relaxed) == view) return *view;
  for (;;) {
    pinned_.store(view, std::memory_order_seq_cst);
    const View* const now = current_.load(std::memory_order_seq_cst);
    if (now == view) return *view;
    view = now;
  }
}

void Reader::changes(std::uint32_t* out) noexcept {
  const View* const view = pinned_.load(std::memory_order_relaxed);
  out[0] = 0;
  if (view == nullptr || view->changes == seen_) return;
  log_.read(seen_, view->changes, out);
  seen_ = view->changes;
}

void Reader::choose(std::uint32_t part, std::uint32_t at) { results_.assign(1, {part, at}); }

bool Reader::result(std::uint32_t i, DocumentView& out) const noexcept {
  const View* const view = pinned_.load(std::memory_order_relaxed);
  if (view == nullptr || i >= results_.size()) return false;
  const Result result = results_[i];
  out = result.part == kMemtablePart ? view->memtable->view(result.at)
                                     : view->parts[result.part]->segment->documents.view(result.at);
  return true;
}

DocumentText Reader::text(std::uint32_t i) const noexcept {
  const View* const view = pinned_.load(std::memory_order_relaxed);
  if (view == nullptr || i >= results_.size()) return {};
  const Result result = results_[i];
  if (result.part != kMemtablePart) return view->parts[result.part]->segment->documents.text(result.at);
  const DocumentView entry = view->memtable->view(result.at);
  return {entry.id, entry.text};
}

double Reader::weight(std::uint32_t i) const noexcept {
  const View* const view = pinned_.load(std::memory_order_relaxed);
  if (view == nullptr || i >= results_.size()) return 0;
  const Result result = results_[i];
  return result.part == kMemtablePart ? view->memtable->weight(result.at)
                                      : view->parts[result.part]->segment->documents.weight(result.at);
}

// First where each record lies, then the records: the second needs the first.
void Reader::fetchAhead(std::uint32_t count) const noexcept {
  const View* const view = pinned_.load(std::memory_order_relaxed);
  if (view == nullptr) return;
  count = std::min(count, static_cast<std::uint32_t>(results_.size()));
  const auto each = [&](void (Documents::*fetch)(std::uint32_t) const noexcept) {
    for (std::uint32_t i = 0; i < count; ++i)
      if (const Result result = results_[i]; result.part != kMemtablePart)
        (view->parts[result.part]->segment->documents.*fetch)(result.at);
  };
  each(&Documents::fetchPlace);
  each(&Documents::fetchRecord);
}

void Reader::setFilter(std::string_view categories, double priceAtLeast, double priceAtMost, int inStock) {
  filterCategories_.assign(categories);
  filterKnown_ = categories_.size();
  filter_.set(categories_, filterCategories_, priceAtLeast, priceAtMost, inStock);
}

// The filter, with categories that have become known since it was given.
const Filter* Reader::currentFilter(std::uint32_t flags) {
  if ((flags & kFiltered) == 0) return nullptr;
  const std::uint32_t known = categories_.size();
  if (filter_.byCategory && filterKnown_ != known) {
    filterKnown_ = known;
    filter_.set(categories_, filterCategories_, filter_.priceAtLeast, filter_.priceAtMost, filter_.stock);
  }
  return &filter_;
}

// Whether a word of the query is long enough for a slip.
bool Reader::mayBeMisspelt() const noexcept {
  for (const PlanWord& word : plan_.words) {
    std::size_t codePoints = 0;
    for (const char byte : word.text) codePoints += (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
    if (slipBudget(codePoints) > 0) return true;
  }
  return false;
}

std::int32_t Reader::search(std::string_view query, std::uint32_t limit, std::uint32_t flags, std::uint32_t* slots,
                            std::uint32_t* slips) {
  if (!plan_.readQuery(query)) return kNeedsAnalysis;
  return answer(limit, flags, slots, slips);
}

std::int32_t Reader::searchPlan(std::string_view plan, std::uint32_t limit, std::uint32_t flags, std::uint32_t* slots,
                                std::uint32_t* slips) {
  plan_.readPlan(plan, (flags & kPrefix) != 0);
  return answer(limit, flags, slots, slips);
}

std::int32_t Reader::answer(std::uint32_t limit, std::uint32_t flags, std::uint32_t* slots, std::uint32_t* slips) {
  results_.clear();
  if (plan_.empty()) return kNoWords;
  const View& view = pin();
  limit = std::min(limit, kMaxSearchLimit);
  if (limit == 0) return 0;
  const Filter* const filter = currentFilter(flags);
  if (filter != nullptr && filter->nothing()) return 0;
  if ((flags & kPrefix) != 0) return collect(view, SearchMode::kPrefix, limit, filter, slots, slips);
  const std::int32_t exact = collect(view, SearchMode::kWords, limit, filter, slots, slips);
  if ((flags & kFuzzy) == 0 || static_cast<std::uint32_t>(exact) == limit || !mayBeMisspelt()) return exact;
  return collect(view, SearchMode::kFuzzy, limit, filter, slots, slips);
}

// Puts the hits of one part, in order, among those found so far.
void Reader::unite(const std::vector<Found>& part, std::uint32_t limit) {
  united_.clear();
  auto a = found_.begin();
  auto b = part.begin();
  while (united_.size() < limit && (a != found_.end() || b != part.end())) {
    const bool first =
        b == part.end() || (a != found_.end() && precedes(a->slip, a->weight, a->id, b->slip, b->weight, b->id));
    united_.push_back(first ? *a++ : *b++);
  }
  found_.swap(united_);
}

std::int32_t Reader::collect(const View& view, SearchMode mode, std::uint32_t limit, const Filter* filter,
                             std::uint32_t* slots, std::uint32_t* slips) {
  results_.clear();
  const Memtable& memtable = *view.memtable;
  if (view.parts.size() == 1 && memtable.size() == 0) {
    const Part& part = *view.parts.front();
    SegmentSearch(*part.segment, part.deadBits(), filter, scratch_).run(plan_, mode, limit, top_);
    std::uint32_t count = 0;
    for (const HitKey key : top_.keys()) {
      results_.push_back({0, rankOf(key)});
      slots[count] = part.segment->documents.slot(rankOf(key));
      slips[count++] = slipOf(key);
    }
    return static_cast<std::int32_t>(count);
  }
  found_.clear();
  for (std::uint32_t number = 0; number < view.parts.size(); ++number) {
    const Part& part = *view.parts[number];
    const Documents& documents = part.segment->documents;
    // A full list of better entries makes a segment of lighter ones superfluous.
    if (found_.size() == limit && found_.back().slip == 0 && documents.weight(0) < found_.back().weight) continue;
    SegmentSearch(*part.segment, part.deadBits(), filter, scratch_).run(plan_, mode, limit, top_);
    part_.clear();
    for (const HitKey key : top_.keys()) {
      const std::uint32_t rank = rankOf(key);
      part_.push_back({slipOf(key), documents.slot(rank), documents.weight(rank), documents.id(rank), number, rank});
    }
    unite(part_, limit);
  }
  memtable.search(plan_, mode, limit, filter, scratch_.rows, memtableHits_);
  part_.clear();
  for (const MemtableHit hit : memtableHits_)
    part_.push_back({hit.slip, memtable.slot(hit.position), memtable.weight(hit.position), memtable.id(hit.position),
                     kMemtablePart, hit.position});
  unite(part_, limit);
  std::uint32_t count = 0;
  for (const Found& hit : found_) {
    results_.push_back({hit.part, hit.at});
    slots[count] = hit.slot;
    slips[count++] = hit.slip;
  }
  return static_cast<std::int32_t>(count);
}

}  // namespace easy11
