#include <cstring>

#include "batch.hpp"
#include "segment.hpp"
#include "segment_finish.hpp"
#include "../common/sorting.hpp"
#include "word_table.hpp"
#include "words.hpp"

namespace easy11 {
namespace {

struct Ranked {
  std::uint64_t key;  // ascending as weights descend
  std::uint32_t entry;
};

template <class Entries>
bool rankEntries(const Entries& entries, const JobControl& control, std::vector<Ranked>& out) {
  out.resize(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i)
    out[i] = {descendingKey(entries[i].weight), static_cast<std::uint32_t>(i)};
  const auto before = [&](const Ranked& a, const Ranked& b) {
    return a.key != b.key ? a.key < b.key : entries[a.entry].id < entries[b.entry].id;
  };
  return sortInterruptibly(out.data(), out.size(), before, control);
}

// Puts the words in order and gives `number` (in: by first sight) their places.
bool sortWords(const WordTable& table, const JobControl& control, Dictionary& dictionary,
               std::vector<std::uint32_t>& number) {
  std::vector<std::uint32_t> order(table.size());
  for (std::uint32_t i = 0; i < table.size(); ++i) order[i] = i;
  const auto before = [&](std::uint32_t a, std::uint32_t b) { return table.word(a) < table.word(b); };
  if (!sortInterruptibly(order.data(), order.size(), before, control)) return false;
  number.resize(table.size());
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    number[order[i]] = i;
    dictionary.add(table.word(order[i]));
  }
  return true;
}

template <class Entries>
Built build(const Entries& entries, const JobControl& control, Segment& out, std::vector<std::uint32_t>* rankOf) {
  const std::uint64_t count = entries.size();
  if (count >= kMaxSegmentEntries) return Built::kTooLarge;
  std::vector<Ranked> ranked;
  if (!rankEntries(entries, control, ranked)) return Built::kCancelled;

  std::size_t letters = 0;
  std::size_t categories = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const DocumentView& entry = entries[i];
    letters += Documents::recordBytes(entry);
    categories += entry.categoryCount;
  }
  if (categories >= kMaxPostings) return Built::kTooLarge;
  out.documents.reserve(static_cast<std::uint32_t>(count), letters);
  WordTable table;
  std::vector<std::uint32_t> ends;
  std::vector<std::uint32_t> words;
  ends.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (control.cancelledAt(i)) return Built::kCancelled;
    if ((i & 0xfff) == 0) control.report(i / 2, count);
    DocumentView entry = entries[ranked[i].entry];
    if (rankOf != nullptr) {
      (*rankOf)[entry.slot] = static_cast<std::uint32_t>(i);
      entry.slot = static_cast<std::uint32_t>(i);
    }
    out.documents.add(entry);
    eachWord(entry.text, entry.analysis, entry.analysed, [&](std::string_view word, bool extra) {
      words.push_back(table.intern(word) | (extra ? Postings::kExtra : 0));
    });
    if (words.size() >= kMaxPostings || table.letterBytes() >= kMaxPostings) return Built::kTooLarge;
    ends.push_back(static_cast<std::uint32_t>(words.size()));
  }
  out.documents.finish();
  ranked = {};

  std::vector<std::uint32_t> number;
  if (!sortWords(table, control, out.dictionary, number)) return Built::kCancelled;
  for (std::uint32_t& word : words) word = number[word & ~Postings::kExtra] | (word & Postings::kExtra);
  words.shrink_to_fit();
  return finishSegment(out, std::move(ends), std::move(words), control);
}

}  // namespace

Built buildSegment(const std::vector<DocumentView>& entries, const JobControl& control, Segment& out) {
  return build(entries, control, out, nullptr);
}

Built buildSegment(const Batch& entries, const JobControl& control, Segment& out, IdMap& ids) {
  std::vector<std::uint32_t> rankOf(entries.size());
  const Built built = build(entries, control, out, &rankOf);
  if (built != Built::kDone) return built;
  ids.renumber([&](std::uint32_t slot) { return rankOf[slot]; });
  ids.compact();
  return built;
}

}  // namespace easy11
