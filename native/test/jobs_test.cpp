// Work that takes long can be stopped at any point, and leaves the index empty and usable.
#include <chrono>
#include <thread>

#include "world.hpp"

using easy11::Status;
using world::World;

namespace {

void fill(World& world, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const oracle::Entry entry = world.entry("id" + std::to_string(i));
    bool isNew = false;
    CHECK(world.index->append(World::input(entry, entry.joined()), isNew) == Status::kOk);
  }
}

}  // namespace

TEST("a build can be cancelled at any moment") {
  std::uint64_t longest = 0;
  for (int attempt = 0; attempt < 12; ++attempt) {
    World world(4, 3000);
    fill(world, 20000);
    auto task = world.index->build();
    std::atomic<bool> cancel{false};
    Status status = Status::kInternal;
    std::thread thread([&] { status = task->run(cancel, nullptr, nullptr); });
    std::this_thread::sleep_for(std::chrono::milliseconds(attempt * 6));
    const auto before = std::chrono::steady_clock::now();
    cancel = true;
    thread.join();
    const auto took = std::chrono::steady_clock::now() - before;
    longest = std::max(longest, static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
    status = task->finish(status);
    CHECK(status == Status::kOk || status == Status::kCancelled);
    if (status == Status::kOk) continue;
    CHECK_EQUAL(world.index->stats().entries, 0u);
    world.bulkBuild(30);
    world.compareRandomly(20);
  }
  CHECK(longest < 2000);
} END_TEST

TEST("a cancelled job that never started is cancelled") {
  World world(4);
  fill(world, 100);
  const std::atomic<bool> cancel{true};
  auto task = world.index->build();
  CHECK(task->finish(task->run(cancel, nullptr, nullptr)) == Status::kCancelled);
  world.bulkBuild(100);
  auto save = world.index->save("/tmp/easy11-never");
  CHECK(save->finish(save->run(cancel, nullptr, nullptr)) == Status::kCancelled);
} END_TEST

TEST("an id appended twice is refused, and building can be tried again after all entries are gone") {
  World world(6);
  const oracle::Entry entry = world.entry("x");
  bool isNew = false;
  CHECK(world.index->append(World::input(entry, ""), isNew) == Status::kOk && isNew);
  CHECK(world.index->append(World::input(entry, ""), isNew) == Status::kOk && !isNew);
  CHECK(world.finish(world.index->build()) == Status::kOk);
  CHECK_EQUAL(world.index->stats().entries, 1u);
  bool found = false;
  CHECK(world.index->remove("x", found) == Status::kOk && found);
  world.bulkBuild(50);
  world.compareRandomly(30);
} END_TEST

TEST("progress only grows and ends at the total") {
  struct Seen {
    std::uint64_t done = 0, total = 0;
    bool grows = true;
  } seen;
  World world(4, 3000);
  fill(world, 20000);
  const std::atomic<bool> cancel{false};
  auto task = world.index->build();
  const Status status = task->run(cancel, [](void* context, std::uint64_t done, std::uint64_t total) {
    Seen& seen = *static_cast<Seen*>(context);
    seen.grows = seen.grows && done >= seen.done && done <= total;
    seen.done = done;
    seen.total = total;
  }, &seen);
  CHECK(task->finish(status) == Status::kOk);
  CHECK(seen.grows);
  CHECK_EQUAL(seen.done, 20000u);
  CHECK_EQUAL(seen.total, 20000u);
} END_TEST

TEST("an index closed while a build, a save or a merge runs is closed at once") {
  for (int attempt = 0; attempt < 6; ++attempt) {
    World world(attempt + 40, 2000);
    for (std::uint32_t i = 0; i < 256u * 17; ++i) world.set(world.entry("id" + std::to_string(i)));
    auto save = world.index->save("/tmp/easy11-closed");
    const std::atomic<bool> cancel{false};
    std::thread thread([&] { save->run(cancel, nullptr, nullptr); });
    world.index->close();
    thread.join();
    std::remove("/tmp/easy11-closed");
    bool isNew = false;
    CHECK(world.index->set(World::input(world.entry("y"), ""), isNew) != Status::kOk);
    std::uint32_t slots[1000], slips[1000];
    CHECK_EQUAL(world.index->searchPlan("a*", 10, 0, slots, slips), 0);
  }
  World world(3, 2000);
  fill(world, 5000);
  auto build = world.index->build();
  world.index->close();
  const std::atomic<bool> cancel{false};
  CHECK(build->finish(build->run(cancel, nullptr, nullptr)) == Status::kCancelled);
} END_TEST

CHECK_MAIN
