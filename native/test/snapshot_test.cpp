// Snapshots come back as they went, and nothing that is not one is taken for one.
#include <cstdio>
#include <thread>

#include "../src/autocomplete/snapshot.hpp"
#include "easy11/crc32.hpp"
#include "index_file.hpp"
#include "world.hpp"

using easy11::Status;
using namespace index_file;
using world::World;

namespace {

Status parse(const std::string& bytes) {
  const std::atomic<bool> never{false};
  easy11::SnapshotContent content;
  content.bytes.assign(bytes.begin(), bytes.end());
  return easy11::parseSnapshot(easy11::JobControl{never}, content);
}

// Makes a changed payload look untouched, so that validation is tested and not the checksum.
void reseal(std::string& bytes) {
  const auto put = [&](std::size_t at, std::uint32_t value) {
    for (int i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
  };
  put(32, easy11::crc32(0, bytes.data() + 64, bytes.size() - 64));
  put(60, easy11::crc32(0, bytes.data(), 60));
}

}  // namespace

TEST("a snapshot gives the same answers, and the same bytes when saved again") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    World world(seed);
    for (std::uint32_t i = 0; i < 900 * (seed - 1); ++i) world.randomUpdate(1200);
    const std::string path = temporary("snapshot");
    CHECK(world.finish(world.index->save(path)) == Status::kOk);
    const std::string first = slurp(path);
    world.index = easy11::Autocomplete::create();
    CHECK(world.finish(world.index->load(path)) == Status::kOk);
    world.compareRandomly(150);
    for (std::uint32_t i = 0; i < 400; ++i) world.randomUpdate(1200);
    world.compareRandomly(80);

    world.index = easy11::Autocomplete::create();
    CHECK(world.finish(world.index->load(path)) == Status::kOk);
    CHECK(world.finish(world.index->save(path)) == Status::kOk);
    CHECK(slurp(path) == first);
    std::remove(path.c_str());
  }
} END_TEST

TEST("a snapshot cut short or changed in any bit is refused") {
  World world(8);
  world.bulkBuild(40);
  const std::string path = temporary("bits");
  CHECK(world.finish(world.index->save(path)) == Status::kOk);
  const std::string bytes = slurp(path);
  std::remove(path.c_str());
  CHECK(parse(bytes) == Status::kOk);
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK(parse(bytes.substr(0, size)) == Status::kCorrupt);
  CHECK(parse(bytes + std::string(8, '\0')) == Status::kCorrupt);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    const Status status = parse(changed);
    CHECK(status == (bit / 32 == 2 ? Status::kVersion : Status::kCorrupt));
  }
} END_TEST

TEST("a sealed but senseless snapshot is refused or safe") {
  World world(9);
  world.bulkBuild(60);
  const std::string path = temporary("fuzz");
  CHECK(world.finish(world.index->save(path)) == Status::kOk);
  const std::string bytes = slurp(path);
  int accepted = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string changed = bytes;
    for (std::uint32_t n = 1 + world.random.below(3); n > 0; --n) {
      const std::size_t at = world.random.chance(4) ? 16 : 64 + world.random.below(static_cast<std::uint32_t>(bytes.size() - 64));
      changed[at] = static_cast<char>(world.random.next());
    }
    reseal(changed);
    if (parse(changed) != Status::kOk) continue;
    ++accepted;
    std::ofstream(path, std::ios::binary).write(changed.data(), static_cast<std::streamsize>(changed.size()));
    auto index = easy11::Autocomplete::create();
    CHECK(world.finish(index->load(path)) == Status::kOk);
    std::uint32_t slots[1000], slips[1000];
    CHECK(index->searchPlan("a*", 1000, easy11::kFuzzy, slots, slips) >= 0);
  }
  CHECK(accepted > 0);
  std::remove(path.c_str());
} END_TEST

TEST("a file that is not there, or is a directory, is an input error and leaves the index usable") {
  World world(10);
  CHECK(world.finish(world.index->load("/nonexistent/easy11")) == Status::kIo);
  CHECK(world.finish(world.index->load("/tmp")) == Status::kIo);
  world.bulkBuild(10);
  CHECK(world.finish(world.index->save("/nonexistent/easy11")) == Status::kIo);
  CHECK(world.index->load("/tmp/x") == nullptr);  // not empty
  world.compareRandomly(20);
} END_TEST

TEST("a snapshot with an index part is opened in place, answers, changes and is saved as another would") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    World world(seed);
    if (seed == 4) world.bulkBuild(3000);
    for (std::uint32_t i = 0; i < 700 * (seed % 4); ++i) world.randomUpdate(1200);
    const std::string path = temporary("index");
    CHECK(world.finish(world.index->save(path, true)) == Status::kOk);
    const std::string bytes = slurp(path);
    world.index = easy11::Autocomplete::create();
    CHECK(openMapped(*world.index, path) == Status::kOk);
    std::remove(path.c_str());  // the mapping stays
    world.compareRandomly(150);
    CHECK(world.finish(world.index->save(path, true)) == Status::kOk);
    CHECK(slurp(path) == bytes);
    for (std::uint32_t i = 0; i < 1500; ++i) world.randomUpdate(1200);
    world.compareRandomly(100);
    // What was changed in memory has not reached the file, and the file loads in the plain way too.
    CHECK(slurp(path) == bytes);
    auto loaded = easy11::Autocomplete::create();
    const std::atomic<bool> never{false};
    const auto load = loaded->load(path);
    CHECK(load->finish(load->run(never, nullptr, nullptr)) == Status::kOk);
    std::remove(path.c_str());
  }
} END_TEST

TEST("until it is checked an opened snapshot gives nothing and takes nothing; one without an index part is built") {
  World world(2, 200);
  world.bulkBuild(500);
  const std::string path = temporary("unchecked");
  const std::atomic<bool> never{false};
  CHECK(world.finish(world.index->save(path, true)) == Status::kOk);
  auto index = easy11::Autocomplete::create();
  bool mapped = false;
  CHECK(index->map(path, mapped) == Status::kOk);
  CHECK(mapped);
  CHECK(index->map(path, mapped) == Status::kInvalidArgument);
  CHECK(!mapped);
  std::uint32_t slots[10], slips[10];
  CHECK_EQUAL(index->searchPlan("a*", 10, 0, slots, slips), 0);
  bool isNew = false;
  easy11::EntryInput entry;
  entry.id = "x";
  entry.text = "y";
  CHECK(index->set(entry, isNew) == Status::kInvalidArgument);
  {
    auto verify = index->verify();
    std::thread waiter([&] { CHECK(index->awaitVerified() == Status::kOk); });
    CHECK(verify->run(never, nullptr, nullptr) == Status::kOk);
    waiter.join();
  }
  CHECK(index->awaitVerified() == Status::kOk);
  CHECK_EQUAL(index->size(), 500u);
  CHECK(world.finish(world.index->save(path)) == Status::kOk);
  world.index = easy11::Autocomplete::create();
  CHECK(openMapped(*world.index, path) == Status::kOk);
  world.compareRandomly(60);
  std::remove(path.c_str());
} END_TEST

TEST("an index part of another layout is left aside and the entries are loaded") {
  World world(4, 200);
  world.bulkBuild(400);
  const std::string path = temporary("layout");
  CHECK(world.finish(world.index->save(path, true)) == Status::kOk);
  std::string bytes = slurp(path);
  const auto meta = static_cast<std::size_t>(number(bytes, static_cast<std::size_t>(number(bytes, 36, 8)), 8));
  CHECK_EQUAL(number(bytes, meta, 8), easy11::kIndexLayout);
  bytes[meta] = 1;
  resealIndex(bytes);
  spill(path, bytes);
  world.index = easy11::Autocomplete::create();
  bool mapped = true;
  CHECK(world.index->map(path, mapped) == Status::kOk);
  CHECK(!mapped);
  CHECK(openMapped(*world.index, path) == Status::kOk);
  CHECK_EQUAL(world.index->size(), 400u);
  world.compareRandomly(60);
  std::remove(path.c_str());
} END_TEST

TEST("an index part that is cut, changed or forged is refused, or is sound") {
  World world(3, 300);
  world.bulkBuild(700);
  const std::string path = temporary("forged");
  CHECK(world.finish(world.index->save(path, true)) == Status::kOk);
  const std::string bytes = slurp(path);
  const std::size_t payloadEnd = 64 + number(bytes, 24, 8);
  check::Random random(17);
  for (int i = 0; i < 40; ++i) {
    const std::size_t size = i == 0 ? payloadEnd : random.below(static_cast<std::uint32_t>(bytes.size()));
    spill(path, bytes.substr(0, size));
    auto index = easy11::Autocomplete::create();
    CHECK(openMapped(*index, path) != Status::kOk);
  }
  const std::uint32_t flips = check::share(1000, 5);
  std::uint32_t sound = 0;
  for (std::uint32_t i = 0; i < flips; ++i) {
    std::string forged = bytes;
    for (std::uint32_t n = 1 + random.below(4); n > 0; --n) {
      const auto at = static_cast<std::uint32_t>(payloadEnd + random.below(static_cast<std::uint32_t>(bytes.size() - payloadEnd)));
      forged[at] = static_cast<char>(random.chance(3) ? 0xff : random.next());
    }
    const bool sealed = !random.chance(10);
    if (sealed) resealIndex(forged);
    if (forged == bytes) continue;
    spill(path, forged);
    auto index = easy11::Autocomplete::create();
    const Status status = openMapped(*index, path);
    if (!sealed) CHECK(status == Status::kCorrupt);
    if (status != Status::kOk) continue;
    ++sound;
    exercise(index, random);
  }
  CHECK(sound > 0);
  std::remove(path.c_str());
} END_TEST

CHECK_MAIN
