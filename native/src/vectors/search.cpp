#include "search.hpp"

#include <cmath>

namespace easy11::vectors {
namespace {

// What the whole query has, as far as a product with the length of the longest row is in range: with a unit more for each of
// 4,096 terms, at most Sums::kMost.
constexpr double kMostUnits = 28000, kLeastUnits = 4000;
// Bounds are this much slacker than they are by arithmetic without rounding.
constexpr double kSlack = 1 - 1e-9;
// What it takes to compare a row, beside an entry of a list.
constexpr std::uint32_t kComparing = 24;
constexpr std::uint32_t kAhead = 8;

}  // namespace

// Parts by what they say for their rows, and the units of sums.
void Search::plan(const Terms& terms, const Entry* query, std::uint32_t count, double further) {
  if (weights_.size() < terms.size()) weights_.resize(terms.size());
  parts_.clear();
  parts_.reserve(count);
  square_ = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const double weight = query[i].weight;
    square_ += (weight * weight) * terms.factors[query[i].term];
  }
  square_ += further;
  double most = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t term = query[i].term;
    const double weight = query[i].weight, greatest = std::max(query[i].weight, terms.greatest[term]);
    weights_[term] = weight;
    if (terms.counts[term] > 0) most += (weight * greatest) * terms.factors[term];
  }
  length_ = std::sqrt(square_);
  const double units = kMostUnits * length_ / std::max(length_, terms.longest);
  unit_ = most / square_ / std::max(kLeastUnits, units);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t term = query[i].term, rows = terms.counts[term];
    if (rows == 0) continue;
    const double weight = query[i].weight, greatest = std::max(query[i].weight, terms.greatest[term]);
    const double factor = terms.factors[term];
    const double mostUnits = std::ceil((weight * greatest) * factor / square_ / unit_);
    parts_.push_back({term, (weight * weight) * factor / square_, static_cast<std::int16_t>(mostUnits), rows});
  }
  std::sort(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) {
    const double left = a.share * b.rows, right = b.share * a.rows;
    return left > right || (left == right && a.term < b.term);
  });
  taken_ = parts_.size();
}

// The bar, and of which parts a row must have one to reach it: the square of the others' shares does not.
void Search::raise() noexcept {
  bar_ = std::max(wanted_->least, best_.isFull() ? best_.last().score : 0.0) * kSlack;
  double left = 0;
  for (std::size_t i = taken_; i < parts_.size(); ++i) left += parts_[i].share;
  while (taken_ > 0 && left + parts_[taken_ - 1].share < bar_ * bar_ * kSlack) left += parts_[--taken_].share;
}

// The sums with which a row may reach the bar: by the parts that it has, and by its own length, which is counted in units.
SumBar Search::barFor(const Window& window) const noexcept {
  const double parts = bar_ * bar_ * kSlack / unit_ - left_;
  const double factor = bar_ * kSlack * window.lengthUnit() / (unit_ * length_) * 65536;
  return {static_cast<std::int32_t>(std::max(1.0, std::min<double>(Sums::kMost, parts))), left_,
          static_cast<std::uint32_t>(std::min(32767.0, factor))};
}

bool Search::mayStand(std::uint32_t id) const noexcept {
  const auto& [limit, least, further, excluded, exclusions, filter, filterWords] = *wanted_;
  if (filter != nullptr && ((id >> 5) >= filterWords || ((filter[id >> 5] >> (id & 31)) & 1u) == 0)) return false;
  return exclusions == 0 || !std::binary_search(excluded, excluded + exclusions, id);
}

void Search::compare(const Window& window, std::uint32_t first, std::uint32_t place, const Terms& terms) noexcept {
  if (!mayStand(first + place)) return;
  const std::uint32_t length = window.lengthOf(place);
  read_ += length;
  double shared = 0;
  for (const Entry *at = window.entriesOf(place), *end = at + length; at != end; ++at)
    shared += (double{at->weight} * weights_[at->term]) * terms.factors[at->term];
  if (shared == 0) return;
  const double score = std::min(1.0, shared / std::sqrt(square_ * window.squareOf(place)));
  if (score < wanted_->least || score == 0) return;
  if (best_.offer({score, first + place}) && best_.isFull() && best_.last().score * kSlack > bar_) raise();
}

void Search::findReaching(const Window& window, const SumBar& bar) noexcept {
  reached_ = sums_.reach(bar, window.shortLengths(), window.places(), reaching_.data());
}

// Sums up the lists of the parts that are taken, and of more as long as that costs less than the rows that it may save. True when
// those are all; else what reaches has been found too.
bool Search::sumUp(const Window& window) noexcept {
  left_ = 0;
  for (const Part& part : parts_) left_ += part.most;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const auto [list, length] = window.listOf(parts_[i].term);
    if (i == taken_) findReaching(window, barFor(window));
    if (i >= taken_ && reached_ * kComparing <= length) return false;
    sums_.add(list, length, parts_[i].most);
    read_ += length;
    left_ -= parts_[i].most;
    if (i < taken_) continue;
    // Who did not reach with all that was left does not with less of it.
    const SumBar bar = barFor(window);
    std::uint32_t size = 0;
    for (std::uint32_t k = 0; k < reached_; ++k) {
      const std::uint16_t place = reaching_[k];
      reaching_[size] = place;
      size += bar.isMet(sums_.at(place), window.shortLengths()[place]);
    }
    reached_ = size;
  }
  return taken_ == parts_.size();
}

// Compares the rows that were found and whose sums are below `below`.
void Search::compareReaching(const Window& window, std::uint32_t first, const Terms& terms, std::int32_t below) noexcept {
  double known = bar_;
  SumBar bar = barFor(window);
  for (std::uint32_t k = 0; k < reached_; ++k) {
    if (k + kAhead < reached_) window.prefetchRow(reaching_[k + kAhead]);
    if (bar_ != known) {
      known = bar_;
      bar = barFor(window);
    }
    const std::uint32_t place = reaching_[k];
    const std::int32_t sum = sums_.at(place);
    if (sum < below && !window.hasChanged(place) && bar.isMet(sum, window.shortLengths()[place]))
      compare(window, first, place, terms);
  }
}

void Search::look(const Window& window, std::uint32_t first, const Terms& terms) noexcept {
  for (const std::uint16_t place : window.changed())
    if (window.lengthOf(place) > 0) compare(window, first, place, terms);
  std::int32_t below = Sums::kMost + 1;
  if (sumUp(window)) {
    // Until enough are found nearly all reach: those with the greatest sums come first, and set the bar.
    for (SumBar bar = barFor(window);; bar = barFor(window)) {
      const std::int32_t band = below / 8 * 7;
      const bool isLast = best_.isFull() || band <= bar.bar;
      if (!isLast) bar.bar = band;
      findReaching(window, bar);
      compareReaching(window, first, terms, below);
      below = bar.bar;
      if (isLast) break;
    }
  } else {
    compareReaching(window, first, terms, below);
  }
  sums_.clear(window.places());
}

void Search::run(const Windows& windows, const Terms& terms, const Entry* query, std::uint32_t count,
                 const SparseVectors::Wanted& wanted) {
  wanted_ = &wanted;
  best_.begin(wanted.limit);
  read_ = 0;
  plan(terms, query, count, wanted.further);
  raise();
  for (std::size_t w = 0; w < windows.size() && taken_ > 0; ++w) {
    const auto first = static_cast<std::uint32_t>(w << kWindowBits);
    // Nothing is liker than what is just alike, and ids only rise.
    if (best_.isFull() && best_.last().score >= 1) break;
    if (windows[w] == nullptr) continue;
    if (w + 1 < windows.size() && windows[w + 1] != nullptr)
      for (const Part& part : parts_) windows[w + 1]->prefetchList(part.term);
    look(*windows[w], first, terms);
  }
  for (std::uint32_t i = 0; i < count; ++i) weights_[query[i].term] = 0;
  best_.order();
}

std::size_t Search::bytes() const noexcept {
  return (weights_.capacity()) * 8 + parts_.capacity() * sizeof(Part) + sums_.bytes() + reaching_.capacity() * 2;
}

}  // namespace easy11::vectors
