// Every answer equals the oracle's, order included: after bulk builds, after updates, across freezes and merges.
#include "world.hpp"

using world::World;

TEST("a bulk-built index answers as the oracle does") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    World world(seed, seed % 3 == 0 ? 20 : 300);
    world.bulkBuild(static_cast<std::uint32_t>(1 + seed * 150));
    world.compareRandomly(check::share(250));
  }
} END_TEST

TEST("an index that is changed all the time answers as the oracle does") {
  for (std::uint64_t seed = 20; seed < 24; ++seed) {
    World world(seed, seed % 2 == 0 ? 40 : 400);
    if (seed % 2 == 0) world.bulkBuild(1500);
    for (std::uint32_t i = 0; i < check::share(5000, 2); ++i) {
      world.randomUpdate(1800);
      if (i % 50 == 0) world.compareRandomly(check::share(2, 2));
    }
    world.compareRandomly(check::share(100));
    CHECK_EQUAL(world.index->stats().entries, static_cast<std::uint64_t>(world.expected.entries.size()));
  }
} END_TEST

TEST("common words and short prefixes are exact in a larger index") {
  World world(77, 60);
  world.bulkBuild(5000);
  for (std::uint32_t i = 0; i < 300; ++i) world.randomUpdate(7000);
  world.compareRandomly(check::share(150));
} END_TEST

TEST("slots name their entries through freezes and merges") {
  World world(5);
  std::vector<std::int64_t> slots;
  for (std::uint32_t i = 0; i < 3000; ++i) {
    world.set(world.entry("id" + std::to_string(i)));
    slots.push_back(world.index->lookUp("id" + std::to_string(i)));
  }
  for (std::uint32_t i = 0; i < 3000; ++i) world.setWeight("id" + std::to_string(world.random.below(3000)), i);
  for (std::uint32_t i = 0; i < 3000; ++i) {
    const std::string id = "id" + std::to_string(i);
    CHECK_EQUAL(world.index->lookUp(id), slots[i]);
    easy11::EntryOutput entry;
    CHECK(world.index->entryAt(0, entry));
    const oracle::Entry& right = world.expected.entries[id];
    CHECK(entry.id == id && entry.text == right.text && entry.inStock == right.inStock);
    CHECK(entry.weight == right.weight);
    CHECK(entry.price == right.price || (std::isnan(entry.price) && std::isnan(right.price)));
    CHECK(world.index->categoriesAt(0) == right.joined());
  }
} END_TEST

TEST("the number of words is that of the entries present") {
  World world(9);
  for (std::uint32_t i = 0; i < 2500; ++i) world.randomUpdate(900);
  std::vector<std::string> words;
  for (const auto& pair : world.expected.entries) {
    const oracle::Words own = oracle::wordsOf(pair.second);
    words.insert(words.end(), own.start.begin(), own.start.end());
    words.insert(words.end(), own.extra.begin(), own.extra.end());
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  CHECK_EQUAL(world.index->stats().words, static_cast<std::uint64_t>(words.size()));
} END_TEST

TEST("a raw query is split and folded, or handed back") {
  World world(3);
  oracle::Entry entry;
  entry.id = "x";
  entry.text = "Red Mug 12oz";
  world.set(entry);
  std::uint32_t slots[1000], slips[1000];
  const auto search = [&](std::string_view query) { return world.index->search(query, 10, 0, slots, slips); };
  CHECK_EQUAL(search("red"), 1);
  CHECK_EQUAL(search("  MUG, re"), 1);
  CHECK_EQUAL(search("12O"), 1);
  CHECK_EQUAL(search("mug red "), 1);
  CHECK_EQUAL(search("re mug"), 0);
  CHECK_EQUAL(search("caf\xc3\xa9"), easy11::kNeedsAnalysis);
  CHECK_EQUAL(search("t-shirt"), easy11::kNeedsAnalysis);
  CHECK_EQUAL(search("women's"), easy11::kNeedsAnalysis);
  CHECK_EQUAL(search("a`b"), easy11::kNeedsAnalysis);
  CHECK_EQUAL(search(""), easy11::kNoWords);
  CHECK_EQUAL(search(" .,!"), easy11::kNoWords);
} END_TEST

CHECK_MAIN
