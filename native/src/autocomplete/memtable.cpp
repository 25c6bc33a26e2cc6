#include "memtable.hpp"

#include <algorithm>
#include <cstring>

namespace easy11 {
namespace {

constexpr std::size_t kMaxWords = 16384;
constexpr std::size_t kMaxWordLetters = 1 << 20;
constexpr std::size_t kUsualWords = 8;  // of an entry

// Compares as the first eight bytes do. Shorter words are filled up with zeros.
std::uint64_t keyOf(std::string_view word) noexcept {
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < 8; ++i) key = key << 8 | (i < word.size() ? static_cast<unsigned char>(word[i]) : 0);
  return key;
}

// The first that is not below, without a branch that depends on what is compared.
std::size_t firstNotBelow(const std::vector<std::uint64_t>& keys, std::uint64_t key) noexcept {
  std::size_t at = 0;
  for (std::size_t left = keys.size(); left > 0;) {
    const std::size_t half = (left + 1) / 2;
    at += keys[at + half - 1] < key ? half : 0;
    left -= half;
  }
  return at;
}

}  // namespace

Memtable::Memtable() : entries_(kCapacity) {
  free_.reserve(kCapacity);
  clear();
}

void Memtable::clear() noexcept {
  free_.clear();
  for (std::uint32_t position = kCapacity; position-- > 0;) free_.push_back(static_cast<std::uint16_t>(position));
  size_ = 0;
  letters_.clear();
  words_.clear();
  sorted_.clear();
  keys_.clear();
  for (auto& entry : entries_) entry.reset();
}

bool Memtable::full() const noexcept {
  return size_ == kCapacity || words_.size() > kMaxWords || letters_.size() > kMaxWordLetters;
}

bool Memtable::before(std::uint32_t a, std::uint32_t b) const noexcept {
  if (weights_[a] != weights_[b]) return weights_[a] > weights_[b];
  const Entry& left = *entries_[a];
  const Entry& right = *entries_[b];
  return ranksBefore(left.view.weight, {left.record.data(), left.idSize}, right.view.weight,
                     {right.record.data(), right.idSize});
}

void Memtable::insertInOrder(std::uint32_t position) noexcept {
  std::uint16_t* const end = order_.data() + size_;
  std::uint16_t* const at = std::lower_bound(order_.data(), end, position,
                                             [&](std::uint16_t a, std::uint32_t b) { return before(a, b); });
  std::memmove(at + 1, at, static_cast<std::size_t>(end - at) * sizeof *at);
  *at = static_cast<std::uint16_t>(position);
  ++size_;
}

void Memtable::removeFromOrder(std::uint32_t position) noexcept {
  std::uint16_t* const end = order_.data() + size_;
  std::uint16_t* const at = std::find(order_.data(), end, static_cast<std::uint16_t>(position));
  std::memmove(at, at + 1, static_cast<std::size_t>(end - at - 1) * sizeof *at);
  --size_;
}

std::size_t Memtable::lowerBound(std::string_view wanted) const noexcept {
  const std::uint64_t key = keyOf(wanted);
  std::size_t at = firstNotBelow(keys_, key);
  const auto end = std::find_if(keys_.begin() + static_cast<std::ptrdiff_t>(at), keys_.end(),
                                [&](std::uint64_t other) { return other != key; });
  for (std::size_t left = static_cast<std::size_t>(end - keys_.begin()) - at; left > 0;) {
    const std::size_t half = (left + 1) / 2;
    at += text(words_[sorted_[at + half - 1]]) < wanted ? half : 0;
    left -= half;
  }
  return at;
}

std::uint32_t Memtable::intern(std::string_view word) {
  const std::size_t at = lowerBound(word);
  if (at < sorted_.size() && text(words_[sorted_[at]]) == word) return sorted_[at];
  const auto number = static_cast<std::uint32_t>(words_.size());
  words_.push_back({static_cast<std::uint32_t>(letters_.size()), static_cast<std::uint32_t>(word.size()), {}});
  letters_.append(word);
  if (sorted_.size() == sorted_.capacity()) sorted_.reserve(2 * sorted_.size() + 64);
  keys_.reserve(sorted_.capacity());
  // Nothing fails from here on.
  sorted_.insert(sorted_.begin() + static_cast<std::ptrdiff_t>(at), number);
  keys_.insert(keys_.begin() + static_cast<std::ptrdiff_t>(at), keyOf(word));
  return number;
}

std::uint32_t Memtable::add(const DocumentView& source) {
  const std::uint32_t position = free_.back();
  const auto made = std::make_shared<Entry>();
  Entry& entry = *made;
  entry.record.reserve(source.id.size() + source.text.size() + source.analysis.size());
  entry.record.append(source.id).append(source.text).append(source.analysis);
  entry.idSize = static_cast<std::uint32_t>(source.id.size());
  entry.textSize = static_cast<std::uint32_t>(source.text.size());
  entry.categories.assign(source.categories, source.categories + source.categoryCount);
  entry.view = source;
  entry.words.reserve(kUsualWords);
  eachWord(source.text, source.analysis, source.analysed, [&](std::string_view word, bool extra) {
    entry.words.push_back(intern(word) | (extra ? Postings::kExtra : 0));
  });
  // Nothing fails from here on: a failure above leaves words that no entry has.
  free_.pop_back();
  entries_[position] = made;
  weights_[position] = entry.view.weight;
  for (const std::uint32_t word : entry.words) setBit(words_[word & ~Postings::kExtra].entries.data(), position);
  insertInOrder(position);
  return position;
}

void Memtable::remove(std::uint32_t position) noexcept {
  for (const std::uint32_t word : entries_[position]->words)
    clearBit(words_[word & ~Postings::kExtra].entries.data(), position);
  removeFromOrder(position);
  entries_[position].reset();
  free_.push_back(static_cast<std::uint16_t>(position));
}

void Memtable::setWeight(std::uint32_t position, double weight) {
  auto changed = std::make_shared<Entry>(*entries_[position]);
  changed->view.weight = weight;
  removeFromOrder(position);
  entries_[position] = std::move(changed);
  weights_[position] = weight;
  insertInOrder(position);
}

DocumentView Memtable::view(std::uint32_t position) const noexcept {
  const Entry& entry = *entries_[position];
  DocumentView view = entry.view;
  const std::string_view record = entry.record;
  view.id = record.substr(0, entry.idSize);
  view.text = record.substr(entry.idSize, entry.textSize);
  view.analysis = record.substr(entry.idSize + entry.textSize);
  view.categories = entry.categories.data();
  return view;
}

std::size_t Memtable::bytes() const noexcept {
  std::size_t total = sizeof *this + entries_.capacity() * sizeof(entries_[0]) + letters_.capacity() +
                      words_.capacity() * sizeof(Word) + sorted_.capacity() * 4 + keys_.capacity() * 8;
  for (const std::uint16_t* at = begin(); at != end(); ++at) {
    const Entry& entry = *entries_[*at];
    total += sizeof(Entry) + entry.record.capacity() + 4 * (entry.categories.capacity() + entry.words.capacity());
  }
  return total;
}

}  // namespace easy11
