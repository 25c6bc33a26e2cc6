#include "segment.hpp"
#include "segment_finish.hpp"

namespace easy11 {
namespace {

bool isDead(const MergeInput& input, std::uint32_t rank) noexcept {
  return !input.dead.empty() && testBit(input.dead.data(), rank);
}

// Marks the words that a living entry has, so that forgotten ones leave the dictionary.
bool markWords(const MergeInput& input, const JobControl& control, Bitmap& used) {
  const Segment& segment = *input.segment;
  used.assign(bitmapWords(segment.dictionary.size()), 0);
  for (std::uint32_t rank = 0; rank < segment.size(); ++rank) {
    if (control.cancelledAt(rank)) return false;
    if (isDead(input, rank)) continue;
    const WordSpan words = segment.postings.wordsOf(rank);
    for (std::uint32_t i = 0; i < words.size(); ++i) setBit(used.data(), words[i] & ~Postings::kExtra);
  }
  return true;
}

// Merges the dictionaries and tells where each word of each input went.
Built mergeWords(const std::vector<MergeInput>& inputs, const JobControl& control, Dictionary& out,
                 std::vector<std::vector<std::uint32_t>>& number) {
  std::vector<Bitmap> used(inputs.size());
  std::vector<std::uint32_t> at(inputs.size(), 0);
  number.resize(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!markWords(inputs[i], control, used[i])) return Built::kCancelled;
    number[i].resize(inputs[i].segment->dictionary.size());
  }
  const auto skipUnused = [&](std::size_t i) {
    while (at[i] < number[i].size() && !testBit(used[i].data(), at[i])) ++at[i];
    return at[i] < number[i].size();
  };
  std::uint64_t letters = 0;
  for (std::uint32_t next = 0;; ++next) {
    if (control.cancelledAt(next)) return Built::kCancelled;
    std::string_view least;
    bool any = false;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!skipUnused(i)) continue;
      const std::string_view word = inputs[i].segment->dictionary.word(at[i]);
      if (!any || word < least) least = word;
      any = true;
    }
    if (!any) return Built::kDone;
    letters += least.size();
    if (letters >= kMaxPostings) return Built::kTooLarge;
    out.add(least);
    for (std::size_t i = 0; i < inputs.size(); ++i)
      if (at[i] < number[i].size() && inputs[i].segment->dictionary.word(at[i]) == least) number[i][at[i]++] = next;
  }
}

}  // namespace

Built mergeSegments(std::vector<MergeInput>& inputs, const JobControl& control, Segment& out) {
  std::uint64_t count = 0;
  std::size_t letters = 0;
  std::size_t categories = 0;
  for (MergeInput& input : inputs) {
    const Documents& documents = input.segment->documents;
    input.newRank.assign(documents.size(), kGone);
    for (std::uint32_t rank = 0; rank < documents.size(); ++rank) {
      if (control.cancelledAt(rank)) return Built::kCancelled;
      if (isDead(input, rank)) continue;
      const DocumentView entry = documents.view(rank);
      ++count;
      letters += Documents::recordBytes(entry);
      categories += entry.categoryCount;
    }
  }
  if (count >= kMaxSegmentEntries || categories >= kMaxPostings) return Built::kTooLarge;
  std::vector<std::vector<std::uint32_t>> number;
  const Built merged = mergeWords(inputs, control, out.dictionary, number);
  if (merged != Built::kDone) return merged;

  out.documents.reserve(static_cast<std::uint32_t>(count), letters);
  std::vector<std::uint32_t> ends;
  std::vector<std::uint32_t> words;
  ends.reserve(count);
  std::vector<std::uint32_t> at(inputs.size(), 0);
  std::vector<DocumentView> head(inputs.size());
  const auto advance = [&](std::size_t i) {
    const Documents& documents = inputs[i].segment->documents;
    while (at[i] < documents.size() && isDead(inputs[i], at[i])) ++at[i];
    if (at[i] < documents.size()) head[i] = documents.view(at[i]);
  };
  for (std::size_t i = 0; i < inputs.size(); ++i) advance(i);
  for (std::uint32_t rank = 0; rank < count; ++rank) {
    if (control.cancelledAt(rank)) return Built::kCancelled;
    std::size_t best = inputs.size();
    for (std::size_t i = 0; i < inputs.size(); ++i)
      if (at[i] < inputs[i].segment->size() &&
          (best == inputs.size() || ranksBefore(head[i].weight, head[i].id, head[best].weight, head[best].id)))
        best = i;
    out.documents.add(head[best]);
    const WordSpan own = inputs[best].segment->postings.wordsOf(at[best]);
    for (std::uint32_t i = 0; i < own.size(); ++i)
      words.push_back(number[best][own[i] & ~Postings::kExtra] | (own[i] & Postings::kExtra));
    if (words.size() >= kMaxPostings) return Built::kTooLarge;
    ends.push_back(static_cast<std::uint32_t>(words.size()));
    inputs[best].newRank[at[best]++] = rank;
    advance(best);
  }
  out.documents.finish();
  words.shrink_to_fit();
  return finishSegment(out, std::move(ends), std::move(words), control);
}

}  // namespace easy11
