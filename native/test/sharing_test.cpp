// One index, many threads: each search answers from one state of the index, whole and exact, while others change it.
#include <atomic>
#include <chrono>
#include <map>
#include <set>
#include <thread>

#include "world.hpp"

using easy11::Autocomplete;
using easy11::EntryInput;
using easy11::EntryOutput;
using easy11::Status;

namespace {

constexpr std::uint32_t kEntries = 400;

// The text says the weight, so that an entry mixed of two versions would show.
void put(Autocomplete& index, std::uint32_t i, std::uint32_t weight) {
  const std::string id = "id" + std::to_string(i);
  const std::string text = "alpha w" + std::to_string(weight) + (weight % 2 == 0 ? " even" : " odd");
  EntryInput entry;
  entry.id = id;
  entry.text = text;
  entry.weight = weight;
  entry.price = weight % 100;
  entry.inStock = weight % 2 == 0;
  const std::string category = "c" + std::to_string(weight % 700);
  entry.categories = category;
  bool isNew = false;
  CHECK(index.set(entry, isNew) == Status::kOk);
}

struct Searcher {
  std::shared_ptr<Autocomplete> index;
  std::vector<std::uint32_t> slots, slips, changes;
  std::map<std::uint32_t, std::pair<std::string, double>> known;  // as a caller remembers entries, by slot
  explicit Searcher(std::shared_ptr<Autocomplete> handle)
      : index(std::move(handle)), slots(1000), slips(1000), changes(1001) {}

  void check(std::string_view plan, std::uint32_t flags, bool everything) {
    const std::int32_t count = index->searchPlan(plan, 1000, flags, slots.data(), slips.data());
    if (everything) CHECK_EQUAL(count, static_cast<std::int32_t>(kEntries));
    index->changes(changes.data());
    if (changes[0] == Autocomplete::kEverythingChanged)
      known.clear();
    else
      for (std::uint32_t i = 1; i <= changes[0]; ++i) known.erase(changes[i]);
    std::set<std::string> ids;
    double before = 1e18;
    std::string idBefore;
    for (std::int32_t i = 0; i < count; ++i) {
      EntryOutput entry;
      CHECK(index->entryAt(static_cast<std::uint32_t>(i), entry));
      const std::string id(entry.id);
      CHECK(ids.insert(id).second);
      CHECK(entry.weight < before || (entry.weight == before && idBefore < id));
      before = entry.weight;
      idBefore = id;
      const auto weight = static_cast<std::uint32_t>(entry.weight);
      CHECK(entry.text == "alpha w" + std::to_string(weight) + (weight % 2 == 0 ? " even" : " odd"));
      CHECK(entry.inStock == (weight % 2 == 0));
      const auto [at, fresh] = known.try_emplace(slots[static_cast<std::size_t>(i)], entry.text, entry.weight);
      if (!fresh) CHECK(at->second.first == entry.text && at->second.second == entry.weight);
    }
  }
};

}  // namespace

TEST("readers on other threads see every state whole while one writes") {
  auto owner = Autocomplete::create();
  for (std::uint32_t i = 0; i < kEntries; ++i) put(*owner, i, i);
  const std::uint64_t token = owner->share();
  CHECK(token != 0);
  CHECK_EQUAL(owner->share(), token);
  std::atomic<bool> done{false};
  std::atomic<std::uint64_t> searches{0};
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; ++t)
    readers.emplace_back([&, t] {
      Searcher searcher(Autocomplete::attach(token));
      CHECK(searcher.index != nullptr);
      CHECK(searcher.index->setFilter("c1\x01" "c350", 0, 60, -1) == Status::kOk);
      for (int round = 0; !done; ++round) {
        searcher.check("alpha*", 0, true);
        searcher.check("even*", easy11::kPrefix, false);
        searcher.check(t == 0 ? "alhpa*" : "even alpha*", easy11::kFuzzy, t == 0);
        searcher.check("alpha*", easy11::kFiltered, false);
        searches += 4;
      }
    });
  check::Random random(5);
  Searcher own(owner);
  const std::uint32_t updates = check::share(40000, 8);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(check::stressSeconds(0));
  for (std::uint32_t i = 0; i < updates || std::chrono::steady_clock::now() < end; ++i) {
    put(*owner, random.below(kEntries), random.below(5000));
    if (i % 512 == 0) own.check("alpha*", 0, true);
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  own.check("alpha*", 0, true);
  CHECK(searches > 0);
  CHECK_EQUAL(owner->size(), std::uint64_t{kEntries});
} END_TEST

TEST("several threads may write, and what is removed on one is gone on all") {
  auto owner = Autocomplete::create();
  const std::uint64_t token = owner->share();
  std::vector<std::thread> writers;
  for (std::uint32_t t = 0; t < 3; ++t)
    writers.emplace_back([&, t] {
      auto handle = Autocomplete::attach(token);
      check::Random random(t);
      const std::uint32_t updates = check::share(12000);
      for (std::uint32_t i = 0; i < updates; ++i) {
        const std::uint32_t number = t * kEntries + random.below(kEntries);
        bool found = false;
        if (random.chance(5))
          CHECK(handle->remove("id" + std::to_string(number), found) == Status::kOk);
        else
          put(*handle, number, random.below(1000));
      }
      bool found = false;
      for (std::uint32_t i = 0; i < kEntries; ++i)
        CHECK(handle->remove("id" + std::to_string(t * kEntries + i), found) == Status::kOk);
    });
  for (std::thread& writer : writers) writer.join();
  CHECK_EQUAL(owner->stats().entries, 0u);
  Searcher searcher(owner);
  CHECK_EQUAL(owner->searchPlan("alpha*", 10, 0, searcher.slots.data(), searcher.slips.data()), 0);
} END_TEST

TEST("an index lives as long as anybody has it open, and its token as long") {
  auto owner = Autocomplete::create();
  put(*owner, 1, 7);
  const std::uint64_t token = owner->share();
  auto second = Autocomplete::attach(token);
  CHECK(second != nullptr);
  owner->close();
  std::uint32_t slots[1], slips[1];
  CHECK_EQUAL(owner->searchPlan("alpha*", 1, 0, slots, slips), 0);
  CHECK_EQUAL(second->searchPlan("alpha*", 1, 0, slots, slips), 1);
  bool isNew = false;
  CHECK(owner->set({}, isNew) == Status::kInvalidArgument);
  CHECK(second->lookUp("id1") >= 0);
  EntryOutput entry;
  CHECK(second->entryAt(0, entry) && entry.text == "alpha w7 odd");
  CHECK(second->categoriesAt(0) == "c7");
  auto third = Autocomplete::attach(token);
  CHECK(third != nullptr);
  second->close();
  third->close();
  CHECK(Autocomplete::attach(token) == nullptr);
  CHECK(Autocomplete::attach(12345) == nullptr);
} END_TEST

TEST("an answer can be looked at after others have changed what it found") {
  auto owner = Autocomplete::create();
  for (std::uint32_t i = 0; i < kEntries; ++i) put(*owner, i, i);
  auto reader = Autocomplete::attach(owner->share());
  Searcher searcher(reader);
  const std::int32_t count = reader->searchPlan("alpha*", 1000, 0, searcher.slots.data(), searcher.slips.data());
  CHECK_EQUAL(count, static_cast<std::int32_t>(kEntries));
  bool found = false;
  for (std::uint32_t i = 0; i < kEntries; ++i) CHECK(owner->remove("id" + std::to_string(i), found) == Status::kOk);
  for (std::uint32_t i = 0; i < kEntries; ++i) {
    EntryOutput entry;
    CHECK(reader->entryAt(i, entry));
    CHECK_EQUAL(static_cast<std::uint32_t>(entry.weight), kEntries - 1 - i);
  }
  CHECK_EQUAL(reader->searchPlan("alpha*", 1000, 0, searcher.slots.data(), searcher.slips.data()), 0);
} END_TEST

CHECK_MAIN
