#include "conjunction.hpp"

#include <algorithm>

namespace easy11 {
namespace {

constexpr std::uint32_t kPatience = 256;  // entries asked through the forward index before other means are weighed
constexpr std::uint32_t kForwardCost = 16;  // of one such question, in postings marked
constexpr std::uint32_t kCollectAtMost = 2048;

}  // namespace

bool Conjunction::Cursor::seek(std::uint32_t rank) noexcept {
  if (at == end || *at >= rank) return at != end && *at == rank;
  std::size_t step = 1;
  while (step < static_cast<std::size_t>(end - at) && at[step] < rank) step *= 2;
  const std::uint32_t* const high = at + std::min(step + 1, static_cast<std::size_t>(end - at));
  at = std::lower_bound(at + step / 2, high, rank);
  return at != end && *at == rank;
}

const std::uint64_t* Conjunction::mark(const WordSet& set) {
  if (spareUsed_ == spare_.size()) spare_.emplace_back();
  Bitmap& bits = spare_[spareUsed_++];
  const std::size_t words = bitmapWords(postings_.size());
  bits.assign(words, 0);
  for (std::uint32_t word = set.low; word < set.high; ++word) {
    if (const std::uint64_t* dense = postings_.denseWord(word))
      for (std::size_t at = 0; at < words; ++at) bits[at] |= dense[at];
    const RankSpan list = postings_.list(word);
    for (const std::uint32_t* at = list.begin; at != list.end; ++at) setBit(bits.data(), *at);
  }
  return bits.data();
}

void Conjunction::ask(const WordSet& set, std::uint32_t drivenBy, bool inOrder) {
  if (set.bitmap != nullptr)
    bitmaps_.push_back(set.bitmap);
  else if (set.list() && inOrder && set.count / 8 <= drivenBy)
    cursors_.push_back({set.begin, set.end});
  else
    forward_.push_back(&set);
}

bool Conjunction::passes(std::uint32_t rank) noexcept {
  for (const std::uint64_t* bits : bitmaps_)
    if (!testBit(bits, rank)) return false;
  for (Cursor& cursor : cursors_)
    if (!cursor.seek(rank)) return false;
  for (const WordSet* set : forward_)
    if (!postings_.hasWordIn(rank, set->low, set->high)) return false;
  return true;
}

// Replaces questions to the forward index by bitmaps where `left` more questions would cost more than marking.
void Conjunction::markAsked(std::uint32_t left) {
  std::size_t kept = 0;
  for (const WordSet* set : forward_) {
    const std::uint64_t cost = set->count + bitmapWords(postings_.size()) / 4 + (set->high - set->low);
    if (cost < std::uint64_t{left} * kForwardCost)
      bitmaps_.push_back(mark(*set));
    else
      forward_[kept++] = set;
  }
  forward_.resize(kept);
}

void Conjunction::driveList(RankSpan list, Top& top) {
  std::uint32_t asked = 0;
  for (const std::uint32_t* at = list.begin; at != list.end; ++at) {
    if (++asked == kPatience && !forward_.empty()) markAsked(static_cast<std::uint32_t>(list.end - at));
    if (!passes(*at) || !accept_(*at)) continue;
    top.append(hitKey(0, *at));
    if (top.full()) return;
  }
}

void Conjunction::driveBits(const std::uint64_t* bits, Top& top) {
  std::uint32_t asked = 0;
  const std::size_t words = bitmapWords(postings_.size());
  const bool byStock = accept_.filter != nullptr && accept_.filter->stock >= 0;
  const std::uint64_t flip = byStock && accept_.filter->stock == 0 ? ~std::uint64_t{0} : 0;
  const std::uint64_t* const stock = accept_.documents->stock();
  const auto intersect = [&](std::size_t at) {
    std::uint64_t left = bits[at];
    for (const std::uint64_t* other : bitmaps_) left &= other[at];
    if (accept_.dead != nullptr) left &= ~accept_.dead->word(at);
    if (byStock) left &= stock[at] ^ flip;
    return left;
  };
  for (std::size_t at = 0; at < words; ++at) {
    std::uint64_t left = intersect(at);
    while (left != 0) {
      const std::uint32_t rank = static_cast<std::uint32_t>(at * 64) + lowestBit(left);
      left &= left - 1;
      if (++asked == kPatience && !forward_.empty()) {
        markAsked(postings_.size() - rank);
        left &= intersect(at);
      }
      if (!passes(rank) || !accept_(rank)) continue;
      top.append(hitKey(0, rank));
      if (top.full()) return;
    }
  }
}

void Conjunction::driveUnion(const WordSet& set, Top& top) {
  const bool alone = bitmaps_.empty() && forward_.empty();
  if (!alone && set.count > kCollectAtMost && set.count > postings_.size() / 64) {
    driveBits(mark(set), top);
    return;
  }
  for (std::uint32_t word = set.low; word < set.high; ++word)
    eachRankOfWord(postings_, word, [&](std::uint32_t rank) {
      if (rank >= top.bound()) return false;
      if (passes(rank) && accept_(rank)) top.offer(hitKey(0, rank));
      return true;
    });
}

bool Conjunction::fromCache(const WordSet& set, Top& top) const {
  const RankSpan cached = set.node == kNoNode ? RankSpan{} : postings_.top(set.node);
  if (cached.begin == nullptr) return false;
  for (const std::uint32_t* at = cached.begin; at != cached.end; ++at) {
    if (!accept_(*at)) continue;
    top.append(hitKey(0, *at));
    if (top.full()) return true;
  }
  if (cached.size() < Postings::kCachedTop) return true;  // there are no more
  top.begin(top.limit());
  return false;
}

// Goes through what the filter lets through, when that is less than `smallest`.
bool Conjunction::driveByFilter(const WordSet* sets, std::size_t count, std::uint32_t smallest, Top& top) {
  const Filter* const filter = accept_.filter;
  if (filter == nullptr) return false;
  std::uint64_t byCategory = ~std::uint64_t{0};
  RankSpan single;
  if (filter->byCategory) {
    byCategory = 0;
    for (const std::uint32_t category : filter->categories) {
      single = segment_.filters.category(category);
      byCategory += single.size();
    }
  }
  RankSpan priced;
  if (filter->byPrice)
    priced = segment_.filters.priced(segment_.documents, filter->priceAtLeast, filter->priceAtMost);
  const bool price = filter->byPrice && priced.size() < byCategory;
  const std::uint64_t least = price ? priced.size() : byCategory;
  if (least >= smallest) return false;
  const bool inOrder = !price && filter->categories.size() == 1;
  for (std::size_t i = 0; i < count; ++i) ask(sets[i], static_cast<std::uint32_t>(least), inOrder);
  const auto offer = [&](RankSpan list, bool ascending) {
    for (const std::uint32_t* at = list.begin; at != list.end; ++at) {
      if (*at >= top.bound()) {
        if (ascending) return;
        continue;
      }
      if (passes(*at) && accept_(*at)) top.offer(hitKey(0, *at));
    }
  };
  if (inOrder)
    driveList(single, top);
  else if (price)
    offer(priced, false);
  else
    for (const std::uint32_t category : filter->categories) offer(segment_.filters.category(category), true);
  return true;
}

void Conjunction::run(const WordSet* sets, std::size_t count, Top& top) {
  if (count == 1 && sets[0].list() && accept_.everything()) {
    for (const std::uint32_t* at = sets[0].begin; at != sets[0].end && !top.full(); ++at) top.append(hitKey(0, *at));
    return;
  }
  if (count == 1 && fromCache(sets[0], top)) return;
  const WordSet* driver = sets;
  for (std::size_t i = 1; i < count; ++i)
    if (sets[i].count < driver->count) driver = sets + i;
  if (driveByFilter(sets, count, driver->count, top)) return;
  for (std::size_t i = 0; i < count; ++i)
    if (sets + i != driver) ask(sets[i], driver->count, driver->list());
  if (driver->bitmap != nullptr)
    driveBits(driver->bitmap, top);
  else if (driver->list())
    driveList({driver->begin, driver->end}, top);
  else
    driveUnion(*driver, top);
}

}  // namespace easy11
