#include "core.hpp"

#include <cmath>

#include "../common/guarded.hpp"

namespace easy11 {

using namespace vectors;

void SparseVectors::Core::reserveTerms(std::uint32_t size) {
  terms.reserve(size);
  if (scratch_.counts.size() < terms.size()) scratch_.counts.resize(terms.size());
  if (refreshing_ && nextGreatest_.size() < terms.size()) nextGreatest_.resize(terms.size());
}

const Window* SparseVectors::Core::windowOf(std::uint32_t id) const noexcept {
  const std::size_t w = id >> kWindowBits;
  if (w >= windows_.size() || windows_[w] == nullptr) return nullptr;
  return windows_[w]->lengthOf(id % kWindow) > 0 ? windows_[w].get() : nullptr;
}

bool SparseVectors::Core::put(std::uint32_t id, const Entry* row, std::uint32_t count) {
  reserveTerms(row[count - 1].term + 1);
  const std::size_t w = id >> kWindowBits;
  const std::uint32_t place = id % kWindow;
  if (w >= windows_.size()) windows_.resize(w + 1);
  if (windows_[w] == nullptr) windows_[w] = std::make_unique<Window>();
  Window& window = *windows_[w];
  double square = 0, next = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const double weight = row[i].weight;
    square += (weight * weight) * terms.factors[row[i].term];
    next += (weight * weight) * terms.nextFactors[row[i].term];
  }
  const std::uint32_t before = window.lengthOf(place);
  // What it had stays where it is until the lists are made anew.
  const std::uint32_t start = before > 0 ? window.startOf(place) : 0;
  window.put(place, row, count, square, refreshing_ ? &next : nullptr);
  for (std::uint32_t i = 0; i < before; ++i) terms.remove(window.entryAt(start + i).term);
  for (std::uint32_t i = 0; i < count; ++i) {
    terms.add(row[i].term, row[i].weight);
    if (refreshing_) nextGreatest_[row[i].term] = std::max(nextGreatest_[row[i].term], row[i].weight);
  }
  entries += count;
  entries -= before;
  if (before == 0) ++rows;
  if (window.isDue()) list(window);
  return before == 0;
}

// Lists that cannot be made anew for want of memory go on as they are: rows that changed are compared in full.
void SparseVectors::Core::list(Window& window) noexcept {
  guarded([&] {
    window.list(scratch_);
    terms.longest = std::max(terms.longest, window.longest());
    return Status::kOk;
  });
}

bool SparseVectors::Core::remove(std::uint32_t id) noexcept {
  if (windowOf(id) == nullptr) return false;
  std::unique_ptr<Window>& window = windows_[id >> kWindowBits];
  const std::uint32_t place = id % kWindow, length = window->lengthOf(place);
  for (const Entry *at = window->entriesOf(place), *end = at + length; at != end; ++at) terms.remove(at->term);
  window->remove(place);
  entries -= length;
  --rows;
  if (window->rows() == 0)
    window.reset();
  else if (window->isDue())
    list(*window);
  return true;
}

double SparseVectors::Core::similarity(std::uint32_t a, std::uint32_t b) const noexcept {
  const Window *const left = windowOf(a), *const right = windowOf(b);
  if (left == nullptr || right == nullptr) return -1;
  const std::uint32_t i = a % kWindow, j = b % kWindow;
  const Entry *at = left->entriesOf(i), *with = right->entriesOf(j);
  const Entry *const end = at + left->lengthOf(i), *const last = with + right->lengthOf(j);
  double shared = 0;
  while (at != end && with != last) {
    if (at->term == with->term) {
      shared += (double{at->weight} * double{with->weight}) * terms.factors[at->term];
      ++at;
      ++with;
    } else if (at->term < with->term) {
      ++at;
    } else {
      ++with;
    }
  }
  return std::min(1.0, shared / std::sqrt(left->squareOf(i) * right->squareOf(j)));
}

void SparseVectors::Core::beginRefresh(const double* factors, std::size_t size) {
  cancelRefresh();
  std::vector<float> greatest(terms.size());
  nextGreatest_.swap(greatest);
  for (std::size_t t = 0; t < terms.size(); ++t)
    terms.nextFactors[t] = t < size ? factors[t] * factors[t] : terms.factors[t];
  refreshing_ = true;
  refreshed_ = 0;
}

bool SparseVectors::Core::refreshStep() {
  if (!refreshing_) return false;
  for (; refreshed_ < windows_.size(); ++refreshed_) {
    Window* const window = windows_[refreshed_].get();
    if (window == nullptr) continue;
    if (window->isChanged()) window->list(scratch_);
    window->prepareNext(terms);
    for (std::uint32_t place = 0; place < window->places(); ++place)
      for (const Entry *at = window->entriesOf(place), *end = at + window->lengthOf(place); at != end; ++at)
        nextGreatest_[at->term] = std::max(nextGreatest_[at->term], at->weight);
    ++refreshed_;
    return true;
  }
  terms.longest = 0;
  for (const std::unique_ptr<Window>& window : windows_) {
    if (window == nullptr) continue;
    window->takeNext();
    terms.longest = std::max(terms.longest, window->longest());
  }
  std::copy(terms.nextFactors.begin(), terms.nextFactors.end(), terms.factors.begin());
  terms.greatest.swap(nextGreatest_);
  cancelRefresh();
  return false;
}

void SparseVectors::Core::cancelRefresh() noexcept {
  refreshing_ = false;
  nextGreatest_ = {};
  for (const std::unique_ptr<Window>& window : windows_)
    if (window != nullptr) window->dropNext();
}

std::size_t SparseVectors::Core::bytes() const noexcept {
  std::size_t total = sizeof(Core) + terms.bytes() + search.bytes() + windows_.capacity() * sizeof(void*) +
                      given.capacity() * sizeof(Entry) +
                      (scratch_.counts.capacity() + scratch_.met.capacity() + nextGreatest_.capacity()) * 4;
  for (const std::unique_ptr<Window>& window : windows_)
    if (window != nullptr) total += window->bytes();
  return total;
}

}  // namespace easy11
