// Dumps come back whole or not at all, and both ways can be stopped.
#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>

#include "../src/cache/dump.hpp"
#include "cache_world.hpp"

using namespace cache_world;

namespace {

const std::string kPath = "/tmp/easy11-cache-dump-test";
const std::atomic<bool> kNever{false};

Status dump(World& world, const std::atomic<bool>& cancel = kNever) {
  auto task = world.cache->dump(kPath, 0, world.call());
  return task->finish(task->run(cancel, nullptr, nullptr));
}
Status load(World& world, const std::atomic<bool>& cancel = kNever) {
  auto task = world.cache->load(kPath, 0, world.call());
  return task->finish(task->run(cancel, nullptr, nullptr));
}

}  // namespace

TEST("a dump brings back every entry") {
  World world(options(CachePolicy::kS3Fifo, 0, 4 << 20, 4)), other(options(CachePolicy::kLru, 0, 16 << 20));
  check::Random random(1);
  for (std::uint32_t i = 0; i < 5000; ++i)
    world.set("key" + std::to_string(i), std::string(random.below(900), 'x') + std::to_string(i), 0, i % 3 == 0 ? std::string("a\0", 2) : "");
  CHECK(dump(world) == Status::kOk);
  CHECK(load(other) == Status::kOk);
  CHECK_EQUAL(other.cache->stats().entries, world.cache->stats().entries);
  for (std::uint32_t i = 0; i < 5000; ++i) {
    std::string one, two;
    const std::string key = "key" + std::to_string(i);
    CHECK(world.get(key, one) == other.get(key, two));
    CHECK(one == two);
  }
  other.cache->invalidateTag("a");
  CHECK(!other.has("key4998") && world.has("key4998"));
} END_TEST

TEST("a file that is cut or has a bit flipped is refused, and the cache is as it was") {
  World world(options(CachePolicy::kS3Fifo, 100, 0));
  for (int i = 0; i < 5; ++i) world.set("key" + std::to_string(i), "value", 1000, std::string("tag\0", 4));
  CHECK(dump(world) == Status::kOk);
  std::ifstream file(kPath, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const easy11::JobControl control{kNever};
  easy11::DumpHeader header;
  CHECK(easy11::checkDump(bytes, control, header) == Status::kOk);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK(easy11::checkDump(std::string_view(bytes).substr(0, size), control, header) != Status::kOk);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string bad = bytes;
    bad[at] = static_cast<char>(bad[at] ^ (1 << at % 8));
    CHECK(easy11::checkDump(bad, control, header) != Status::kOk);
  }
  std::ofstream(kPath, std::ios::binary) << bytes.substr(0, bytes.size() - 1);
  CHECK(load(world) == Status::kCorrupt);
  CHECK_EQUAL(world.cache->stats().entries, 5u);
} END_TEST

TEST("dumping and loading can be cancelled") {
  World world(options(CachePolicy::kS3Fifo, 1000, 0));
  for (int i = 0; i < 1000; ++i) world.set("key" + std::to_string(i), "value");
  CHECK(dump(world) == Status::kOk);
  const std::atomic<bool> cancel{true};
  std::remove(kPath.c_str());
  CHECK(dump(world, cancel) == Status::kCancelled);
  CHECK(!std::ifstream(kPath).good());
  CHECK(dump(world) == Status::kOk);
  CHECK(load(world, cancel) == Status::kCancelled);
  CHECK_EQUAL(world.cache->stats().entries, 1000u);
  std::remove(kPath.c_str());
  CHECK(load(world) == Status::kIo);
} END_TEST

CHECK_MAIN
