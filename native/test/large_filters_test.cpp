// An index large enough that a query with a filter has every way open to it (conjunction.hpp): what the filter lets through
// is collected, marked in a bitmap, or left to a set in rank order that gives up. Compared with a scan.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>

#include "check.hpp"
#include "easy11/autocomplete.hpp"

using check::Random;
using easy11::Autocomplete;
using easy11::Status;

namespace {

constexpr std::uint32_t kEntries = 100000;

struct Entry {
  std::string id;
  std::vector<std::string> words;
  double weight, price;
  std::string category;
  bool inStock;
};

struct Filter {
  std::vector<std::string> categories;
  double atLeast = -std::numeric_limits<double>::infinity();
  double atMost = std::numeric_limits<double>::infinity();
  int stock = -1;

  bool accepts(const Entry& entry) const {
    if (atMost < 1000 && !(entry.price >= atLeast && entry.price <= atMost)) return false;
    if (stock >= 0 && entry.inStock != (stock == 1)) return false;
    return categories.empty() || std::count(categories.begin(), categories.end(), entry.category) > 0;
  }
};

// Words of all frequencies, under first letters that many share.
std::string word(Random& random) {
  const std::uint32_t number = random.below(1 + random.below(1 + random.below(400)));
  return std::string(1, static_cast<char>('a' + number % 23)) + std::to_string(number);
}

// Half of the prices go with the weight, so that a dear entry is never far down and a cheap one always is.
Entry entry(Random& random, std::uint32_t i) {
  Entry made;
  made.id = "id" + std::to_string(i);
  for (std::uint32_t n = 1 + random.below(4); n > 0; --n) made.words.push_back(word(random));
  made.weight = random.below(kEntries / 2);
  made.price = random.chance(10) ? std::nan("") : i % 2 == 0 ? 40 + std::floor(made.weight / 2500) : random.below(20);
  made.category = "c" + std::to_string(random.below(1 + random.below(60)));
  made.inStock = !random.chance(3);
  return made;
}

class Catalogue {
 public:
  explicit Catalogue(std::uint64_t seed) : random(seed) {
    for (std::uint32_t i = 0; i < kEntries; ++i) {
      entries_.push_back(entry(random, i));
      const Entry& made = entries_.back();
      std::string text;
      for (const std::string& one : made.words) text += (text.empty() ? "" : " ") + one;
      easy11::EntryInput input;
      input.id = made.id;
      input.text = text;
      input.weight = made.weight;
      input.price = made.price;
      input.inStock = made.inStock;
      input.categories = made.category;
      bool isNew = false;
      CHECK(index->append(input, isNew) == Status::kOk && isNew);
    }
    const std::atomic<bool> never{false};
    const auto build = index->build();
    CHECK(build->finish(build->run(never, nullptr, nullptr)) == Status::kOk);
    for (std::uint32_t i = 0; i < kEntries / 50; ++i) {
      bool found = false;
      CHECK(index->remove(entries_.back().id, found) == Status::kOk && found);
      entries_.pop_back();
    }
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
      return a.weight != b.weight ? a.weight > b.weight : a.id < b.id;
    });
  }

  // Whole words but for the last, of which a part is typed.
  void compare(const std::vector<std::string>& query, const Filter& filter, std::uint32_t limit) {
    std::string plan, joined;
    for (const std::string& one : query) plan += (plan.empty() ? "" : " ") + one;
    for (const std::string& one : filter.categories) joined += (joined.empty() ? "" : "\x01") + one;
    CHECK(index->setFilter(joined, filter.atLeast, filter.atMost, filter.stock) == Status::kOk);
    std::uint32_t slots[1000], slips[1000];
    const std::int32_t count = index->searchPlan(plan + "*", limit, easy11::kFiltered, slots, slips);
    std::string found, right;
    for (std::int32_t i = 0; i < count; ++i) found += std::string(index->idAt(static_cast<std::uint32_t>(i))) + " ";
    std::uint32_t taken = 0;
    for (std::size_t i = 0; i < entries_.size() && taken < limit; ++i)
      if (filter.accepts(entries_[i]) && matches(entries_[i], query)) right += entries_[i].id + " ", ++taken;
    if (found != right) check::fail(__FILE__, __LINE__, plan + ", filter " + joined + "\n  found " + found + "\n  right " + right);
  }

  std::vector<std::string> query() {
    std::vector<std::string> words;
    for (std::uint32_t n = random.below(3); n > 0; --n) words.push_back(word(random));
    words.push_back(word(random).substr(0, 1 + random.below(3)));
    return words;
  }

  Random random;
  std::shared_ptr<Autocomplete> index = Autocomplete::create();

 private:
  static bool matches(const Entry& entry, const std::vector<std::string>& query) {
    for (std::size_t i = 0; i < query.size(); ++i)
      if (std::none_of(entry.words.begin(), entry.words.end(), [&](const std::string& own) {
            return i + 1 < query.size() ? own == query[i] : own.compare(0, query[i].size(), query[i]) == 0;
          }))
        return false;
    return true;
  }
  std::vector<Entry> entries_;
};

}  // namespace

TEST("in a large index the answers of filtered queries are those of a scan, whatever drives them") {
  Catalogue catalogue(91);
  Random& random = catalogue.random;
  for (std::uint32_t i = 0; i < check::share(3000); ++i) {
    Filter filter;
    const std::uint32_t kind = random.below(5);
    if (kind < 3) {  // one price, or several; of those that go with the weight, or of the others
      filter.atLeast = random.chance(2) ? 40 + random.below(20) : random.below(20);
      filter.atMost = filter.atLeast + (random.chance(2) ? 0 : random.below(10));
    }
    if (kind > 1)
      for (std::uint32_t n = 1 + random.below(4); n > 0; --n) filter.categories.push_back("c" + std::to_string(random.below(60)));
    if (random.chance(6)) filter.stock = static_cast<int>(random.below(2));
    catalogue.compare(catalogue.query(), filter, random.chance(5) ? 1 + random.below(300) : 10);
  }
} END_TEST

TEST("in a large index common words before rare beginnings are answered as by a scan") {
  Catalogue catalogue(92);
  for (std::uint32_t i = 0; i < check::share(600); ++i) catalogue.compare(catalogue.query(), Filter(), 10);
} END_TEST

CHECK_MAIN
