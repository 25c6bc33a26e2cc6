#pragma once
// Random catalogues and queries, and the comparison of the index with the oracle.
#include <memory>
#include <string>
#include <vector>

#include "check.hpp"
#include "easy11/autocomplete.hpp"
#include "oracle.hpp"

namespace world {

using check::Random;
using easy11::Autocomplete;

// Words from a small alphabet, so that prefixes are shared and slips meet other words.
inline std::string randomWord(Random& random, std::uint32_t longest = 9) {
  static const char* const letters[] = {"a", "b", "e", "n", "t", "s", "0", "é", "ß", "茶", "𝒳"};
  std::string word;
  const std::uint32_t length = 1 + random.below(longest);
  for (std::uint32_t i = 0; i < length; ++i) word += letters[random.chance(12) ? random.below(11) : random.below(5)];
  return word;
}

class World {
 public:
  explicit World(std::uint64_t seed, std::uint32_t vocabulary = 200) : random(seed) {
    for (std::uint32_t i = 0; i < vocabulary; ++i) words_.push_back(randomWord(random));
  }

  Random random;
  oracle::Index expected;
  std::shared_ptr<Autocomplete> index = Autocomplete::create();

  // Common words are much commoner than rare ones.
  const std::string& word() {
    const std::uint32_t size = static_cast<std::uint32_t>(words_.size());
    return words_[random.below(1 + random.below(1 + random.below(size)))];
  }

  oracle::Entry entry(const std::string& id) {
    oracle::Entry entry;
    entry.id = id;
    const std::uint32_t count = random.below(6);
    std::string start;
    bool plain = true;
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::string& next = word();
      for (const char c : next) plain = plain && static_cast<unsigned char>(c) < 0x80;
      start += (i > 0 ? " " : "") + next;
    }
    entry.text = start;
    entry.analysed = !plain || random.chance(4);
    if (entry.analysed) {
      entry.analysis = start + "\x01";
      for (std::uint32_t i = random.below(3); i > 0; --i) entry.analysis += word() + (i > 1 ? " " : "");
      if (entry.analysis.back() == '\x01' && random.chance(2)) entry.analysis.pop_back();
    }
    entry.weight = static_cast<double>(random.below(40)) - 10;
    if (!random.chance(5)) entry.price = random.below(1000);
    entry.inStock = !random.chance(3);
    for (std::uint32_t i = random.below(3); i > 0; --i) entry.categories.push_back("c" + std::to_string(random.below(1 + random.below(30))));
    return entry;
  }

  static easy11::EntryInput input(const oracle::Entry& entry, const std::string& joined) {
    easy11::EntryInput input;
    input.id = entry.id;
    input.text = entry.text;
    input.analysis = entry.analysis;
    input.analysed = entry.analysed;
    input.weight = entry.weight;
    input.price = entry.price;
    input.inStock = entry.inStock;
    input.categories = joined;
    return input;
  }

  void set(const oracle::Entry& entry) {
    bool isNew = false;
    const bool known = expected.entries.count(entry.id) > 0;
    CHECK(index->set(input(entry, entry.joined()), isNew) == easy11::Status::kOk);
    CHECK(isNew == !known);
    expected.entries[entry.id] = entry;
  }
  void setWeight(const std::string& id, double weight) {
    bool found = false;
    CHECK(index->setWeight(id, weight, found) == easy11::Status::kOk);
    CHECK(found == (expected.entries.count(id) > 0));
    if (found) expected.entries[id].weight = weight;
  }
  void remove(const std::string& id) {
    bool found = false;
    CHECK(index->remove(id, found) == easy11::Status::kOk);
    CHECK(found == (expected.entries.erase(id) > 0));
  }
  void randomUpdate(std::uint32_t ids) {
    const std::string id = "id" + std::to_string(random.below(ids));
    const std::uint32_t kind = random.below(10);
    if (kind < 6)
      set(entry(id));
    else if (kind < 8)
      setWeight(id, static_cast<double>(random.below(40)) - 10);
    else
      remove(id);
  }

  easy11::Status finish(std::unique_ptr<easy11::Task> task) {
    if (!task) return easy11::Status::kInvalidArgument;
    const std::atomic<bool> cancel{false};
    return task->finish(task->run(cancel, nullptr, nullptr));
  }
  void bulkBuild(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const oracle::Entry next = entry("id" + std::to_string(i));
      bool isNew = false;
      CHECK(index->append(input(next, next.joined()), isNew) == easy11::Status::kOk);
      CHECK(isNew);
      expected.entries[next.id] = next;
    }
    CHECK(finish(index->build()) == easy11::Status::kOk);
  }

  std::string queryWord() {
    std::string chosen = random.chance(6) ? randomWord(random) : word();
    if (random.chance(3)) {  // a slip
      oracle::Letters letters = oracle::lettersOf(chosen);
      const std::uint32_t at = random.below(static_cast<std::uint32_t>(letters.size()));
      const std::uint32_t kind = random.below(4);
      if (kind == 0) letters[at] = 'a' + random.below(26);
      if (kind == 1) letters.insert(letters.begin() + at, 'a' + random.below(26));
      if (kind == 2 && letters.size() > 1) letters.erase(letters.begin() + at);
      if (kind == 3 && at > 0) std::swap(letters[at], letters[at - 1]);
      chosen.clear();
      for (const std::uint32_t letter : letters) append(chosen, letter);
    }
    return chosen;
  }
  std::string plan() {
    std::string plan;
    const std::uint32_t alternatives = random.chance(5) ? 2 : 1;
    for (std::uint32_t a = 0; a < alternatives; ++a) {
      const std::uint32_t count = 1 + (random.chance(2) ? 0 : random.below(4));
      if (a > 0) plan += '\x01';
      for (std::uint32_t i = 0; i < count; ++i) {
        std::string word = queryWord();
        const bool prefix = i + 1 == count || random.chance(8);
        if (prefix) word = cut(word);
        plan += (i > 0 ? " " : "") + word + (prefix ? "*" : "");
      }
    }
    return plan;
  }
  oracle::Filter filter() {
    oracle::Filter filter;
    filter.on = true;
    if (random.chance(2)) filter.stock = static_cast<int>(random.below(2));
    if (random.chance(3)) filter.atLeast = random.below(1000);
    if (random.chance(3)) filter.atMost = random.below(1000);
    if (random.chance(2))
      for (std::uint32_t i = 1 + random.below(2); i > 0; --i) filter.categories.push_back("c" + std::to_string(random.below(33)));
    return filter;
  }

  void compare(const std::string& plan, std::uint32_t limit, bool fuzzy, bool wholePrefix, const oracle::Filter& filter) {
    std::uint32_t flags = (fuzzy ? easy11::kFuzzy : 0u) | (wholePrefix ? easy11::kPrefix : 0u);
    if (filter.on) {
      flags |= easy11::kFiltered;
      std::string joined;
      for (const std::string& category : filter.categories) joined += (joined.empty() ? "" : "\x01") + category;
      CHECK(index->setFilter(joined, filter.atLeast, filter.atMost, filter.stock) == easy11::Status::kOk);
    }
    std::vector<std::uint32_t> slots(easy11::kMaxSearchLimit), slips(easy11::kMaxSearchLimit);
    const std::int32_t count = index->searchPlan(plan, limit, flags, slots.data(), slips.data());
    std::vector<oracle::Hit> hits;
    for (std::int32_t i = 0; i < count; ++i) {
      easy11::EntryOutput entry;
      CHECK(index->entryAt(i, entry));
      hits.push_back({std::string(entry.id), slips[i]});
    }
    const std::vector<oracle::Hit> right = expected.search(plan, limit, fuzzy && !wholePrefix, wholePrefix, filter);
    if (hits == right) return;
    std::string what = "plan \"" + plan + "\" limit " + std::to_string(limit) + (fuzzy ? " fuzzy" : "") +
                       (wholePrefix ? " prefix" : "") + (filter.on ? " filtered" : "") + "\n  found";
    for (const oracle::Hit& hit : hits) what += " " + hit.id + "/" + std::to_string(hit.slip);
    what += "\n  right";
    for (const oracle::Hit& hit : right) what += " " + hit.id + "/" + std::to_string(hit.slip);
    check::fail(__FILE__, __LINE__, what);
  }
  void compareRandomly(std::uint32_t times) {
    for (std::uint32_t i = 0; i < times; ++i) {
      const bool wholePrefix = random.chance(5);
      std::string wanted = plan();
      if (wholePrefix) {
        wanted = word() + (random.chance(2) ? "" : " " + word()) + (random.chance(3) ? " " + word() : "");
        wanted = cut(wanted);
      }
      if (wanted.empty() || wanted.back() == ' ') continue;
      const std::uint32_t limit = random.chance(4) ? 1 + random.below(200) : 1 + random.below(12);
      compare(wanted, limit, random.chance(2), wholePrefix, random.chance(3) ? filter() : oracle::Filter());
    }
  }

 private:
  static void append(std::string& out, std::uint32_t letter) {
    if (letter < 0x80) {
      out += static_cast<char>(letter);
    } else if (letter < 0x800) {
      out += static_cast<char>(0xc0 | letter >> 6);
      out += static_cast<char>(0x80 | (letter & 0x3f));
    } else if (letter < 0x10000) {
      out += static_cast<char>(0xe0 | letter >> 12);
      out += static_cast<char>(0x80 | (letter >> 6 & 0x3f));
      out += static_cast<char>(0x80 | (letter & 0x3f));
    } else {
      out += static_cast<char>(0xf0 | letter >> 18);
      out += static_cast<char>(0x80 | (letter >> 12 & 0x3f));
      out += static_cast<char>(0x80 | (letter >> 6 & 0x3f));
      out += static_cast<char>(0x80 | (letter & 0x3f));
    }
  }
  std::string cut(const std::string& word) {
    const oracle::Letters letters = oracle::lettersOf(word);
    std::string out;
    const std::size_t keep = 1 + random.below(static_cast<std::uint32_t>(letters.size()));
    for (std::size_t i = 0; i < keep; ++i) append(out, letters[i]);
    return out;
  }

  std::vector<std::string> words_;
};

}  // namespace world
