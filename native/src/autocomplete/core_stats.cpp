#include "core.hpp"

namespace easy11 {
namespace {

// Whether an entry that is not deleted has the word.
bool present(const Part& part, std::uint32_t word) {
  if (part.dead.count() == 0) return true;
  bool found = false;
  eachRankOfWord(part.segment->postings, word, [&](std::uint32_t rank) {
    found = !part.dead.test(rank);
    return !found;
  });
  return found;
}

}  // namespace

AutocompleteStats Autocomplete::Core::stats() {
  AutocompleteStats stats;
  stats.bytes = bytes();
  const Lock lock(mutex_);
  stats.entries = entries();
  const Part* largest = nullptr;
  for (const auto& part : view_->parts)
    if (largest == nullptr || part->segment->size() > largest->segment->size()) largest = part.get();
  stats.pending = stats.entries - (largest != nullptr ? largest->alive() : 0);
  const auto& live = view_->parts;

  // Distinct words over all parts, each of which has them in order.
  std::vector<std::string_view> newest;
  memtable().eachPresentWord([&](std::string_view word) { newest.push_back(word); });
  std::vector<std::uint32_t> at(live.size(), 0);
  std::size_t next = 0;
  for (;;) {
    std::string_view least = next < newest.size() ? newest[next] : std::string_view();
    bool any = next < newest.size();
    for (std::size_t i = 0; i < live.size(); ++i) {
      const Dictionary& dictionary = live[i]->segment->dictionary;
      while (at[i] < dictionary.size() && !present(*live[i], at[i])) ++at[i];
      if (at[i] == dictionary.size()) continue;
      if (!any || dictionary.word(at[i]) < least) least = dictionary.word(at[i]);
      any = true;
    }
    if (!any) return stats;
    ++stats.words;
    if (next < newest.size() && newest[next] == least) ++next;
    for (std::size_t i = 0; i < live.size(); ++i)
      if (at[i] < live[i]->segment->dictionary.size() && live[i]->segment->dictionary.word(at[i]) == least) ++at[i];
  }
}

std::size_t Autocomplete::Core::bytes() noexcept {
  const Lock lock(mutex_);
  if (closed_) return 0;
  std::size_t total = sizeof *this + memtable().bytes() + slots_.bytes() + ids_.bytes() + categories_.bytes();
  for (const auto& part : view_->parts) total += sizeof *part + part->segment->bytes() + part->dead.bytes();
  for (const Retired& retired : retired_) total += retired.newRank.capacity() * 4;
  for (const Moved& moved : moved_) total += moved.slots.capacity() * 4;
  if (staged_) total += staged_->bytes();
  return total;
}

std::size_t Autocomplete::Core::ownBytes() noexcept {
  const std::size_t all = bytes();
  const Lock lock(mutex_);
  if (closed_) return 0;
  std::size_t lent = ids_.lentBytes();
  for (const auto& part : view_->parts) lent += part->segment->lentBytes();
  return all > lent ? all - lent : 0;
}

// With the mutex, when the last reader is gone: frees all but what a running job still needs.
void Autocomplete::Core::closeAll() noexcept {
  closed_ = true;
  worker_.stop();
  old_.clear();
  view_->parts = {};
  view_->memtable.reset();
  merging_ = {};
  retired_ = {};
  moved_ = {};
  killed_ = {};
  slots_ = {};
  ids_ = IdMap();
  categories_ = {};
  staged_.reset();
  opened_.reset();
  entries_.store(0, std::memory_order_relaxed);
}

}  // namespace easy11
