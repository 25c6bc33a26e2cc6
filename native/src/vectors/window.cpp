#include "window.hpp"

#include <algorithm>
#include <cmath>

namespace easy11::vectors {

void Window::reserve(std::uint32_t place, std::uint32_t count, bool next) {
  if (changedBits_.empty()) changedBits_.resize(bitmapWords(kWindow));
  if (place >= lengths_.size()) {
    const std::size_t room = std::min<std::size_t>(kWindow, std::max<std::size_t>(place + 1, 2 * lengths_.size()));
    starts_.resize(room);
    now_.resize(room);
    lengths_.resize(room);
  }
  if (next) next_.resize(lengths_.size());
  if (changed_.size() == changed_.capacity()) changed_.reserve(2 * changed_.size() + 16);
  const std::size_t entries = entries_.size() + count;
  // Little more: the lists are soon made anew, and the entries with them.
  if (entries > entries_.capacity()) entries_.reserve(std::max(entries, entries_.size() + entries_.size() / 8 + 64));
}

void Window::note(std::uint32_t place) noexcept {
  ++changes_;
  if (hasChanged(place)) return;
  setBit(changedBits_.data(), place);
  changed_.push_back(static_cast<std::uint16_t>(place));  // there is room
}

void Window::put(std::uint32_t place, const Entry* entries, std::uint32_t count, double square, const double* next) {
  reserve(place, count, next != nullptr);
  if (lengths_[place] == 0) ++rows_;
  starts_[place] = static_cast<std::uint32_t>(entries_.size());
  lengths_[place] = static_cast<std::uint16_t>(count);
  now_.squares[place] = square;
  if (next != nullptr) next_.squares[place] = *next;
  entries_.insert(entries_.end(), entries, entries + count);
  note(place);
}

// What is gone has no terms, so that it is like nothing: it may stay in the lists. Its entries are left for `list`.
void Window::remove(std::uint32_t place) noexcept {
  lengths_[place] = 0;
  now_.squares[place] = 0;
  --rows_;
  ++changes_;
}

void Window::list(TermCounts& scratch) {
  std::size_t size = 0;
  for (const std::uint16_t length : lengths_) size += length;
  std::vector<Entry> entries;
  entries.reserve(size + size / 16 + 64);
  std::vector<std::uint16_t> lists(size);
  auto& [counts, met] = scratch;
  met.clear();
  met.reserve(size);
  // At most a half full, as far as there are that many terms.
  std::uint32_t shift = 31;
  std::vector<Slot> slots;
  const auto eachEntry = [&](auto&& call) {
    for (std::uint32_t place = 0; place < lengths_.size(); ++place)
      for (const Entry *at = entriesOf(place), *end = at + lengths_[place]; at != end; ++at) call(*at, place);
  };
  eachEntry([&](const Entry& entry, std::uint32_t) noexcept {
    if (counts[entry.term]++ == 0) met.push_back(entry.term);
  });
  while (shift > 1 && (std::size_t{1} << (32 - shift)) < 2 * met.size()) --shift;
  try {
    slots.resize(std::size_t{1} << (32 - shift));
  } catch (...) {
    for (const std::uint32_t term : met) counts[term] = 0;
    throw;
  }
  slots_.swap(slots);
  shift_ = shift;
  std::uint32_t start = 0;
  for (const std::uint32_t term : met) {
    std::size_t at = slotOf(term);
    while (slots_[at].length > 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {term, start, counts[term]};
    start += slots_[at].length;
    counts[term] = slots_[at].start;  // from here on where the next of its rows is listed
  }
  eachEntry([&](const Entry& entry, std::uint32_t place) noexcept {
    lists[counts[entry.term]++] = static_cast<std::uint16_t>(place);
  });
  for (const std::uint32_t term : met) counts[term] = 0;
  for (std::uint32_t place = 0; place < lengths_.size(); ++place) {
    const Entry* const from = entriesOf(place);
    starts_[place] = static_cast<std::uint32_t>(entries.size());
    entries.insert(entries.end(), from, from + lengths_[place]);
  }
  lists_.swap(lists);
  entries_.swap(entries);
  std::fill(changedBits_.begin(), changedBits_.end(), 0);
  changed_.clear();
  changes_ = 0;
  now_.shorten();
  next_.shorten();
}

void Window::Lengths::shorten() noexcept {
  double most = 0;
  for (const double square : squares) most = std::max(most, square);
  // A little more, so that rounding takes nothing above kUnits.
  unit = std::sqrt(most) * (1 + 1e-9) / kUnits;
  const double perUnit = unit > 0 ? (1 - 1e-9) / unit : 0;
  for (std::size_t place = 0; place < squares.size(); ++place)
    lengths[place] = static_cast<std::uint16_t>(std::sqrt(squares[place]) * perUnit);
}

void Window::prepareNext(const Terms& terms) {
  next_.resize(lengths_.size());
  for (std::uint32_t place = 0; place < lengths_.size(); ++place) {
    double square = 0;
    for (const Entry *at = entriesOf(place), *end = at + lengths_[place]; at != end; ++at)
      square += (double{at->weight} * double{at->weight}) * terms.nextFactors[at->term];
    next_.squares[place] = square;
  }
  next_.shorten();
}

void Window::takeNext() noexcept {
  std::swap(now_, next_);
  dropNext();
}

std::size_t Window::bytes() const noexcept {
  return sizeof(Window) + entries_.capacity() * sizeof(Entry) + starts_.capacity() * 4 + lengths_.capacity() * 2 + now_.bytes() +
         next_.bytes() + changedBits_.capacity() * 8 +
         slots_.capacity() * sizeof(Slot) + (lists_.capacity() + changed_.capacity()) * 2;
}

}  // namespace easy11::vectors
