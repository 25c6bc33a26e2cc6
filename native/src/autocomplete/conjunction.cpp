#include "conjunction.hpp"

#include <algorithm>

namespace easy11 {
namespace {

constexpr std::uint32_t kPatience = 256;  // entries asked before other means are weighed
// What a question costs in postings marked: through the forward index, and by galloping.
constexpr std::uint32_t kForwardCost = 16;
constexpr std::uint32_t kSeekCost = 8;
constexpr std::uint32_t kCollectAtMost = 2048;
constexpr std::uint32_t kFew = 64;  // entries of a prefix that are asked in the order of its words
constexpr std::uint32_t kGap = 64;   // a list this many times as long as what drives is still galloped along
constexpr std::uint32_t kAll = 0xffffffff;

}  // namespace

bool Conjunction::Cursor::seek(std::uint32_t rank) noexcept {
  const RankSpan& list = set->ranks;
  const std::uint32_t end = list.size();
  if (at == end || list[at] >= rank) return at != end && list[at] == rank;
  std::uint32_t step = 1;
  while (step < end - at && list[at + step] < rank) step *= 2;
  at = list.lowerBound(at + step / 2, at + std::min(step + 1, end - at), rank);
  return at != end && list[at] == rank;
}

std::uint64_t* Conjunction::blankBitmap() {
  if (spareUsed_ == spare_.size()) spare_.emplace_back();
  Bitmap& bits = spare_[spareUsed_++];
  bits.assign(bitmapWords(postings_.size()), 0);
  return bits.data();
}

const std::uint64_t* Conjunction::mark(const WordSet& set) {
  std::uint64_t* const bits = blankBitmap();
  const std::size_t words = bitmapWords(postings_.size());
  for (std::uint32_t word = set.low; word < set.high; ++word) {
    if (const std::uint64_t* dense = postings_.denseWord(word))
      for (std::size_t at = 0; at < words; ++at) bits[at] |= dense[at];
    for (const std::uint32_t rank : postings_.list(word)) setBit(bits, rank);
  }
  return bits;
}

void Conjunction::ask(const WordSet& set, std::uint32_t drivenBy, bool inOrder) {
  if (set.bitmap != nullptr)
    bitmaps_.push_back(set.bitmap);
  else if (set.list() && inOrder && set.count / kGap <= drivenBy)
    cursors_.push_back({&set, 0});
  else
    forward_.push_back(&set);
}

// Takes in an entry of the driving set; whether `top` is full.
bool Conjunction::candidate(std::uint32_t rank, Top& top) {
  for (const std::uint64_t* bits : bitmaps_)
    if (!testBit(bits, rank)) return false;
  for (Cursor& cursor : cursors_)
    if (!cursor.seek(rank)) return false;
  if (!forward_.empty()) {
    window_[waiting_++] = rank;
    return waiting_ == kWindow && settle(top);
  }
  if (accept_(rank)) top.offer(hitKey(0, rank));
  return top.full();
}

// Asks the forward index about all that wait.
bool Conjunction::settle(Top& top) {
  for (std::uint32_t i = 0; i < waiting_; ++i) postings_.fetchWords(window_[i]);
  for (std::uint32_t i = 0; i < waiting_; ++i) {
    const std::uint32_t rank = window_[i];
    const WordSpan own = postings_.wordsOf(rank);
    const bool all =
        std::all_of(forward_.begin(), forward_.end(), [&](const WordSet* set) { return own.anyIn(set->low, set->high); });
    if (all && accept_(rank)) top.offer(hitKey(0, rank));
  }
  waiting_ = 0;
  return top.full();
}

// Replaces questions by bitmaps where what is still to be asked would cost more than marking: `left` entries, or those
// that it takes to fill `top` if hits go on coming as they did.
void Conjunction::weigh(std::uint32_t asked, std::uint32_t left, const Top& top) {
  const std::uint64_t wanted = std::uint64_t{top.limit() - top.size()} * asked / (top.size() + 1);
  const std::uint64_t more = std::min<std::uint64_t>(left, wanted);
  const auto replace = [&](const WordSet& set, std::uint32_t price) {
    const std::uint64_t cost = set.count + bitmapWords(postings_.size()) / 4 + (set.high - set.low);
    if (cost >= more * price) return false;
    bitmaps_.push_back(mark(set));
    return true;
  };
  forward_.erase(std::remove_if(forward_.begin(), forward_.end(),
                                [&](const WordSet* set) { return replace(*set, kForwardCost); }),
                 forward_.end());
  cursors_.erase(std::remove_if(cursors_.begin(), cursors_.end(),
                                [&](const Cursor& cursor) { return replace(*cursor.set, kSeekCost); }),
                 cursors_.end());
}

// Goes through a set in rank order until `top` is full. Gives up, false, after `most` entries.
bool Conjunction::drive(const WordSet& set, std::uint32_t most, Top& top) {
  return set.bitmap != nullptr ? driveBits(set.bitmap, most, top) : driveList(set.ranks, most, top);
}

bool Conjunction::driveList(const RankSpan& list, std::uint32_t most, Top& top) {
  std::uint32_t patience = kPatience;
  for (std::uint32_t at = 0; at < list.size(); ++at) {
    if (at == most) return false;
    if (at == patience) {
      if (settle(top)) return true;
      weigh(at, list.size() - at, top);
      patience *= 2;
    }
    if (candidate(list[at], top)) return true;
  }
  settle(top);
  return true;
}

bool Conjunction::driveBits(const std::uint64_t* bits, std::uint32_t most, Top& top) {
  std::uint32_t asked = 0;
  std::uint32_t patience = kPatience;
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
      if (asked == most) return false;
      if (++asked == patience) {
        if (settle(top)) return true;
        const std::uint64_t ahead = std::uint64_t{asked} * (postings_.size() - rank) / (rank + 1);
        weigh(asked, static_cast<std::uint32_t>(std::min<std::uint64_t>(ahead, postings_.size() - rank)), top);
        left &= intersect(at);
        patience *= 2;
      }
      if (candidate(rank, top)) return true;
    }
  }
  settle(top);
  return true;
}

void Conjunction::driveUnion(const WordSet& set, bool inOrder, Top& top) {
  if (inOrder && set.count > kCollectAtMost && set.count > postings_.size() / 64) {
    driveBits(mark(set), kAll, top);
    return;
  }
  if (inOrder) marks_.fit(postings_.size());
  for (std::uint32_t word = set.low; word < set.high; ++word)
    eachRankOfWord(postings_, word, [&](std::uint32_t rank) {
      if (inOrder) {
        marks_.add(rank);
        return true;
      }
      if (rank >= top.bound()) return false;
      candidate(rank, top);
      return true;
    });
  if (inOrder) {
    std::uint32_t asked = 0;
    std::uint32_t patience = kPatience;
    marks_.drain([&](std::uint32_t rank) {
      if (asked++ == patience) {
        if (settle(top)) return true;
        weigh(asked, set.count - std::min(asked, set.count), top);
        patience *= 2;
      }
      return candidate(rank, top);
    });
  }
  settle(top);
}

bool Conjunction::fromCache(const WordSet& set, Top& top) const {
  const RankSpan cached = set.node == kNoNode ? RankSpan{} : postings_.top(set.node);
  if (!cached.there()) return false;
  for (const std::uint32_t rank : cached) {
    if (!accept_(rank)) continue;
    top.append(hitKey(0, rank));
    if (top.full()) return true;
  }
  if (cached.size() < Postings::kCachedTop) return true;  // there are no more
  top.begin(top.limit());
  return false;
}

// The lists that hold all a filter lets through: those of its categories, or the one of its prices if that is shorter.
struct Conjunction::Filtered {
  bool price = false;
  std::uint64_t size = ~std::uint64_t{0};
  RankSpan priced, category;  // `category` is the last of several

  Filtered(const Segment& segment, const Acceptance& accept) {
    const Filter& filter = *accept.filter;
    if (filter.byCategory) {
      size = 0;
      for (const std::uint32_t number : filter.categories) {
        category = segment.filters.category(number);
        size += category.size();
      }
    }
    if (filter.byPrice) priced = segment.filters.priced(accept.prices);
    price = filter.byPrice && priced.size() < size;
    if (price) size = priced.size();
  }
  // Calls each(list, whether it ascends).
  template <class Each>
  void lists(const Segment& segment, const Filter& filter, Each&& each) const {
    if (price)
      each(priced, false);
    else
      for (const std::uint32_t number : filter.categories) each(segment.filters.category(number), true);
  }
};

// Goes through what the filter lets through, when that is less than the smallest set.
bool Conjunction::driveByFilter(const WordSet* sets, std::size_t count, const WordSet& smallest, Top& top) {
  const Filter* const filter = accept_.filter;
  if (filter == nullptr || (!filter->byCategory && !filter->byPrice)) return false;
  const Filtered filtered(segment_, accept_);
  if (filtered.size >= smallest.count) return false;
  const auto size = static_cast<std::uint32_t>(filtered.size);
  const bool oneList = !filtered.price && filter->categories.size() == 1;
  const bool many = size > kCollectAtMost;
  const bool dense = size > postings_.size() / 32;
  if (many && !oneList) {
    const bool inOrder = smallest.bitmap != nullptr || smallest.list();
    if (count == 1 && inOrder) {
      // Hits are expected this far apart; should they keep away four times as long, the filter drives after all.
      const std::uint64_t likely = std::uint64_t{top.limit()} * postings_.size() / size;
      if (drive(smallest, static_cast<std::uint32_t>(std::min<std::uint64_t>(4 * likely + kPatience, size)), top)) return true;
      top.begin(top.limit());
    }
    if (count > 1 && dense && std::all_of(sets, sets + count, [](const WordSet& set) { return set.bitmap != nullptr; }))
      return false;
  }
  const bool marked = many && !oneList && !dense;
  for (std::size_t i = 0; i < count; ++i) ask(sets[i], size, oneList || marked);
  if (oneList) {
    driveList(filtered.category, kAll, top);
  } else if (marked) {
    std::uint64_t* const bits = blankBitmap();
    filtered.lists(segment_, *filter, [&](const RankSpan& list, bool) {
      for (const std::uint32_t rank : list) setBit(bits, rank);
    });
    driveBits(bits, kAll, top);
  } else {
    filtered.lists(segment_, *filter, [&](const RankSpan& list, bool ascends) {
      for (const std::uint32_t rank : list) {
        if (rank >= top.bound()) {
          if (ascends) return;
          continue;
        }
        candidate(rank, top);
      }
    });
    settle(top);
  }
  return true;
}

void Conjunction::run(const WordSet* sets, std::size_t count, Top& top) {
  if (count == 1 && sets[0].list() && accept_.everything()) {
    const RankSpan& list = sets[0].ranks;
    for (std::uint32_t at = 0; at < list.size() && !top.full(); ++at) top.append(hitKey(0, list[at]));
    return;
  }
  if (count == 1 && fromCache(sets[0], top)) return;
  const WordSet* inOrder = nullptr;  // the smallest of those in rank order
  for (std::size_t i = count; i-- > 0;)
    if (sets[i].bitmap != nullptr || sets[i].list()) inOrder = sets + i;
  if (driveByFilter(sets, count, sets[0], top)) return;
  const WordSet* const driver = inOrder != nullptr && sets->count > kCollectAtMost ? inOrder : sets;
  // Words below a prefix are brought into order where there is somebody to ask.
  const bool ordered = driver == inOrder || (count > 1 && driver->count > kFew);
  for (std::size_t i = 0; i < count; ++i)
    if (sets + i != driver) ask(sets[i], driver->count, ordered);
  if (driver == inOrder)
    drive(*driver, kAll, top);
  else
    driveUnion(*driver, ordered, top);
}

}  // namespace easy11
