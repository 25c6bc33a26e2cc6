#pragma once
// Search-as-you-type over a set of entries that changes: exact, ranked, filtered, forgiving of misspelling.
//
// Data structure
//   A log-structured index. New and changed entries go to a memtable of 128; a full one is frozen into an immutable
//   segment, and segments of like size are merged on a background thread (O'Neil et al., "The log-structured merge-tree",
//   1996), so an update costs microseconds and a query meets O(log n) segments. A segment numbers its entries by rank
//   (weight descending, id ascending), so that whatever lists entries in that order may stop at the k-th.
//   Per segment:
//     dictionary   the distinct words, sorted, with a trie by code point           dictionary.hpp
//     postings     word -> ranks, as a list or, from 1/32 of the entries, a bitmap;  postings.hpp
//                  entry -> words; the best 32 of every trie node with many postings
//     conjunction  several words: the smallest set drives                          conjunction.hpp
//     prefix order entries by text, with range-minimum queries over ranks           prefix_order.hpp
//     slips        misspelt words by a bounded alignment along the trie             slips.hpp
//   Deleted entries are marked in a bitmap per segment and leave with the next merge.
//
// Sources
//   Hsu, Ottaviano: "Space-efficient data structures for top-k completion", WWW 2013 (ranges in lexicographic order with
//   range-minimum queries by rank). Gog, Pibiri, Venturini: "Efficient and effective query auto-completion", SIGIR 2020
//   (rank-ordered document numbers, conjunction with a prefix through a forward index). Damerau: "A technique for computer
//   detection and correction of spelling errors", CACM 1964; Boytsov: "Indexing methods for approximate dictionary
//   searching", JEA 2011 (the alignment along a trie).
//
// Complexity (k results, m letters, P postings of the query's smallest set, n entries)
//   one word O(m + k) when its node is cached, else O(m + P); several words at most the sum of their postings, usually
//   a few times k; prefix of the text O(m + log n + k log k); update O(words * log 128), and
//   while other threads read a copy of the memtable, amortised O(log n) merging.
//
// Threads: an `Autocomplete` is one thread's handle to an index; `share` and `attach` give other threads handles of their own
//   to the same one. Each of a handle's functions is called by one thread at a time. Searches never wait: they read an
//   immutable view that the writer replaces (reader.hpp). Changes, `lookUp` and `stats` take turns at a mutex. A change is seen
//   whole or not at all, by its own thread at once. A Task's `run` may be called on any one thread.
// Nothing is thrown: errors are statuses, and after one the index is as it was.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "easy11/status.hpp"
#include "easy11/task.hpp"

namespace easy11 {

constexpr std::uint32_t kMaxSearchLimit = 1000;

// Flags of a search; numbers shared with SearchFlag in src/core/autocomplete/engine.ts.
enum SearchFlag : std::uint32_t { kFuzzy = 1, kPrefix = 2, kFiltered = 4 };
// Results of a search below zero.
constexpr std::int32_t kNeedsAnalysis = -1;
constexpr std::int32_t kNoWords = -2;

// An entry as the owner gives it. Strings are well-formed UTF-8.
struct EntryInput {
  std::string_view id, text;
  std::string_view analysis;  // "start words \x01 extra words"; meaningful when `analysed`
  bool analysed = false;      // else the text is plain ASCII and is split here
  double weight = 0;
  double price = 0;  // NaN for none
  bool inStock = false;
  std::string_view categories;  // joined by '\x01'
};

// A stored entry. The views live until the next call on the handle.
struct EntryOutput {
  std::string_view id, text;
  double weight = 0;
  double price = 0;
  bool inStock = false;
};

struct AutocompleteStats {
  std::uint64_t entries = 0;
  std::uint64_t words = 0;
  std::uint64_t bytes = 0;
  std::uint64_t pending = 0;
};

class Reader;

class Autocomplete {
 public:
  // Null when there is no memory.
  static std::shared_ptr<Autocomplete> create() noexcept;
  // A number by which other threads of this process can attach, for as long as anybody has the index open. 0 without memory.
  std::uint64_t share() noexcept;
  // Another handle to a shared index. Null when there is none with this token, or no memory.
  static std::shared_ptr<Autocomplete> attach(std::uint64_t token) noexcept;
  ~Autocomplete();
  Autocomplete(const Autocomplete&) = delete;
  Autocomplete& operator=(const Autocomplete&) = delete;

  Status set(const EntryInput& entry, bool& isNew) noexcept;
  Status setWeight(std::string_view id, double weight, bool& found) noexcept;
  Status remove(std::string_view id, bool& found) noexcept;

  // The slot of an id, or -1; the entry becomes the only result. A slot keeps its number until the entry is removed.
  std::int64_t lookUp(std::string_view id) noexcept;
  // What the i-th result of the last search or look-up was then, whatever has changed since on other threads; false when
  // there is none, or when this handle has changed the index since.
  bool entryAt(std::uint32_t i, EntryOutput& out) const noexcept;
  // Of the i-th result the id alone, and with it text and weight; empty when there is none. `fetchAhead` asks the processor
  // for what they read of the first `count` results: each lies elsewhere, and so they are waited for together.
  std::string_view idAt(std::uint32_t i) const noexcept;
  EntryOutput textAt(std::uint32_t i) const noexcept;
  void fetchAhead(std::uint32_t count) const noexcept;
  // Joined by '\x01'; the view lives until the next call.
  std::string_view categoriesAt(std::uint32_t i) noexcept;
  // The slots whose entries have changed between the results of the last call of this and the present ones: their number and
  // then the slots, kMaxChanges at most, or kEverythingChanged.
  static constexpr std::uint32_t kMaxChanges = 1000;
  static constexpr std::uint32_t kEverythingChanged = 0xffffffff;
  void changes(std::uint32_t* out) noexcept;

  // The best `limit` (at most kMaxSearchLimit) entries, into `slots` and `slips`. Returns how many, or one of the negative
  // constants above, or kSearchFailed when memory ran out.
  static constexpr std::int32_t kSearchFailed = -3;
  std::int32_t search(std::string_view query, std::uint32_t limit, std::uint32_t flags, std::uint32_t* slots,
                      std::uint32_t* slips) noexcept;
  std::int32_t searchPlan(std::string_view plan, std::uint32_t limit, std::uint32_t flags, std::uint32_t* slots,
                          std::uint32_t* slips) noexcept;
  // The filter of searches with kFiltered: categories joined by '\x01' ('' for any), inclusive bounds, inStock 0, 1 or -1.
  Status setFilter(std::string_view categories, double priceAtLeast, double priceAtMost, int inStock) noexcept;

  // Bulk build of an empty index: appends, then the task. Until it is finished nothing else changes the index.
  Status append(const EntryInput& entry, bool& isNew) noexcept;
  std::unique_ptr<Task> build() noexcept;
  // With `index`, the file gets an index part, by which `map` opens it in place.
  std::unique_ptr<Task> save(std::string_view path, bool index = false) noexcept;
  // Both into an empty index. `map` maps a file that has an index part and checks its header and the table of its parts, O(1):
  // so little that no thread is worth its while. Nothing is found and nothing can be changed until a task of `verify` has run,
  // for which `awaitVerified` waits. A file that is sound so far and has no such part is left alone, and `mapped` false.
  std::unique_ptr<Task> load(std::string_view path) noexcept;
  Status map(std::string_view path, bool& mapped) noexcept;
  std::unique_ptr<Task> verify() noexcept;
  Status awaitVerified() noexcept;

  AutocompleteStats stats() noexcept;
  std::uint64_t size() const noexcept;
  // Bytes of memory held, without counting entries: cheap enough for every call. What lies in a mapped file is not among them:
  // the system takes its pages back by itself, and nothing is gained by closing the index earlier.
  std::size_t ownBytes() const noexcept;
  // Gives the handle back. The last one waits for a running merge to stop, microseconds to a few milliseconds, and frees
  // everything.
  void close() noexcept;

  class Core;

 private:
  explicit Autocomplete(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;
  std::unique_ptr<Reader> reader_;  // null when closed
};

}  // namespace easy11
