#include "slip_walk.hpp"

#include <algorithm>

#include "easy11/utf8.hpp"

namespace easy11 {

void SlipWalk::find(const Dictionary& dictionary, std::string_view word, bool prefix, std::vector<SlipRange>& out) {
  dictionary_ = &dictionary;
  out_ = &out;
  out.clear();
  begin(word, prefix);
  const std::uint32_t budget = slipBudget(length_);
  if (budget == 0) {
    const WordRange range = dictionary.find(word, prefix);
    if (!range.empty()) out.push_back({0, range.low, range.high, range.node});
    return;
  }
  if (dictionary.size() == 0) return;
  follow({0, 0, 0}, 0, budget, 0);
  settle();
}

void SlipWalk::begin(std::string_view word, bool prefix) {
  word_ = word;
  prefix_ = prefix;
  length_ = 0;
  const char* at = word.data();
  for (const char* const end = at + word.size(); at < end && length_ < kMaxWordCodePoints; ++length_) {
    bytes_[length_] = static_cast<std::uint32_t>(at - word.data());
    typed_[length_] = nextCodePoint(at, end);
  }
  bytes_[length_] = static_cast<std::uint32_t>(at - word.data());
  word_ = word.substr(0, bytes_[length_]);
  letters_[length_] = 0;
  for (std::uint32_t i = length_; i-- > 0;) {
    const std::uint64_t bit = Dictionary::letterBit(typed_[i]);
    letters_[i] = bit << 32 | bit | static_cast<std::uint32_t>(letters_[i + 1]);
    extra_[i] = (i > 0 && typed_[i - 1] == typed_[i] ? slip::kExtraDoubled : slip::kExtra) +
                (prefix && i + 1 == length_ ? slip::kExtraAtEndOfPrefix : 0) + (i == 0 ? slip::kFirst : 0);
  }
  for (auto& depths : seen_)
    for (std::uint32_t depth = 0; depth <= std::min(length_ + kMostEdits + 1, kDepths - 1); ++depth)
      for (Seen& seen : depths[depth]) seen.node = kNoNode;
}

SlipWalk::Place SlipWalk::below(const Place& place, std::uint32_t child) const noexcept {
  const std::uint32_t label = dictionary_->label(child);
  return {child, place.depth + 1, place.bytes + (label < 0x80 ? 1 : label < 0x800 ? 2 : label < 0x10000 ? 3 : 4)};
}

// Ways to one place differ in the order of their edits only. The table remembers the last place of each depth and distance
// from the diagonal, which is that of the current path.
bool SlipWalk::seenCheaper(const Place& place, std::uint32_t typed, std::uint32_t edits, std::uint32_t cost) noexcept {
  Seen& seen = seen_[edits - 1][place.depth][typed + kMostEdits - place.depth];
  if (seen.node == place.node && seen.cost <= cost) return true;
  seen = {place.node, cost};
  return false;
}

void SlipWalk::foundNode(std::uint32_t node, std::uint32_t cost) {
  const std::uint32_t low = dictionary_->low(node);
  if (prefix_)
    out_->push_back({cost, low, dictionary_->high(node), node});
  else if (dictionary_->terminal(node))
    out_->push_back({cost, low, low + 1, kNoNode});
}

// Follows what was typed from the letter `typed` on, with `edits` left, down from a place that took `cost`.
void SlipWalk::follow(Place place, std::uint32_t typed, std::uint32_t edits, std::uint32_t cost) {
  const Dictionary& dictionary = *dictionary_;
  for (;; ++typed) {
    if (edits == 0) return lookUp(place, typed, cost);
    if (leaf(place.node)) return followTail(place, typed, edits, cost);
    if (seenCheaper(place, typed, edits, cost)) return;
    const bool atEnd = typed == length_;
    if (atEnd) {
      foundNode(place.node, cost);
      if (prefix_) return;
    } else {
      follow(place, typed + 1, edits - 1, cost + extra_[typed]);
    }
    const std::uint32_t letter = atEnd ? kNoNode : typed_[typed];
    const std::uint32_t swapped = typed + 1 < length_ && typed_[typed + 1] != letter ? typed_[typed + 1] : kNoNode;
    std::uint32_t next = kNoNode;
    const std::uint32_t before = dictionary.label(place.node);
    for (std::uint32_t child = dictionary.childBegin(place.node); child < dictionary.childEnd(place.node); ++child) {
      const std::uint32_t label = dictionary.label(child);
      const std::uint64_t mask = dictionary.mask(child);
      if (label == letter) next = child;
      if (fits(mask, typed, edits - 1))
        follow(below(place, child), typed, edits - 1, cost + missing(place, before, label));
      if (atEnd || label == letter) continue;
      if (fits(mask, typed + 1, edits - 1))
        follow(below(place, child), typed + 1, edits - 1,
               cost + substitutionCost(label, letter) + first(place, typed));
      if (label == swapped && fits(mask, typed, edits - 1)) {
        const Place between = below(place, child);
        Place end = between;
        if (leaf(child)) {
          const std::string_view tail = dictionary.word(dictionary.low(child)).substr(between.bytes);
          const std::size_t size = bytes_[typed + 1] - bytes_[typed];
          if (tail.substr(0, size) != word_.substr(bytes_[typed], size)) continue;
          ++end.depth;
          end.bytes += static_cast<std::uint32_t>(size);
        } else {
          const std::uint32_t second = dictionary.childOf(child, letter);
          if (second == kNoNode) continue;
          end = below(between, second);
        }
        follow(end, typed + 2, edits - 1, cost + slip::kTransposition + first(place, typed));
      }
    }
    if (next == kNoNode || !fits(dictionary.mask(next), typed, edits)) return;
    place = below(place, next);
  }
}

// The same inside the rest of a word that shares its beginning with no other.
void SlipWalk::followTail(Place place, std::uint32_t typed, std::uint32_t edits, std::uint32_t cost) {
  const std::uint32_t number = dictionary_->low(place.node);
  const std::string_view word = dictionary_->word(number);
  const char* const end = word.data() + word.size();
  const char* at = word.data() + place.bytes;
  // The letter before this place, which may be past the node's own: a missing one may be its double.
  std::uint32_t before = dictionary_->label(place.node);
  if (place.depth > 0 && at > word.data()) {
    const char* back = at - 1;
    while (back > word.data() && (static_cast<unsigned char>(*back) & 0xc0) == 0x80) --back;
    before = nextCodePoint(back, end);
  }
  for (;; ++typed) {
    if (edits == 0) return lookUp(place, typed, cost);
    if (seenCheaper(place, typed, edits, cost)) return;
    const bool atEnd = typed == length_;
    if (atEnd && (prefix_ || at == end)) {
      out_->push_back({cost, number, number + 1, kNoNode});
      return;
    }
    if (!atEnd) followTail(place, typed + 1, edits - 1, cost + extra_[typed]);
    if (at == end) return;
    const char* next = at;
    const std::uint32_t letter = nextCodePoint(next, end);
    const Place after{place.node, place.depth + 1, static_cast<std::uint32_t>(next - word.data())};
    followTail(after, typed, edits - 1, cost + missing(place, before, letter));
    if (atEnd) return;
    if (letter != typed_[typed]) {
      followTail(after, typed + 1, edits - 1,
                 cost + substitutionCost(letter, typed_[typed]) + first(place, typed));
      if (typed + 1 >= length_ || letter != typed_[typed + 1] || next == end) return;
      if (nextCodePoint(next, end) != typed_[typed]) return;
      followTail({place.node, place.depth + 2, static_cast<std::uint32_t>(next - word.data())}, typed + 2, edits - 1,
                 cost + slip::kTransposition + first(place, typed));
      return;
    }
    before = letter;
    place = after;
    at = next;
  }
}

// The rest as it was typed.
void SlipWalk::lookUp(Place place, std::uint32_t typed, std::uint32_t cost) {
  std::uint32_t node = place.node;
  std::uint32_t at = typed;
  for (; !leaf(node); ++at) {
    if (at == length_) return foundNode(node, cost);
    node = dictionary_->childOf(node, typed_[at]);
    if (node == kNoNode || !fits(dictionary_->mask(node), at + 1, 0)) return;
  }
  const std::uint32_t number = dictionary_->low(node);
  const std::string_view tail = dictionary_->word(number).substr(place.bytes + bytes_[at] - bytes_[typed]);
  const std::string_view rest = word_.substr(bytes_[at]);
  if (prefix_ ? tail.substr(0, rest.size()) == rest : tail == rest)
    out_->push_back({cost, number, number + 1, kNoNode});
}

// Drops what a cheaper range has already, and puts the others in order. Ranges of a trie nest or are apart.
void SlipWalk::settle() {
  std::vector<SlipRange>& ranges = *out_;
  std::sort(ranges.begin(), ranges.end(), [](const SlipRange& a, const SlipRange& b) {
    return a.low != b.low ? a.low < b.low : a.high != b.high ? a.high > b.high : a.slip < b.slip;
  });
  open_.clear();
  std::uint32_t kept = 0;
  for (const SlipRange range : ranges) {
    while (!open_.empty() && ranges[open_.back()].high <= range.low) open_.pop_back();
    if (!open_.empty() && ranges[open_.back()].slip <= range.slip) continue;
    open_.push_back(kept);
    ranges[kept++] = range;
  }
  ranges.resize(kept);
  std::sort(ranges.begin(), ranges.end(), [](const SlipRange& a, const SlipRange& b) {
    return a.slip != b.slip ? a.slip < b.slip : a.low < b.low;
  });
}

}  // namespace easy11
