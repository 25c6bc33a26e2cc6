// Memory for the segments of a large cache: pieces of blocks on boundaries of 2 MB, and what is idle goes back.
#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <vector>

#include "../src/cache/slabs.hpp"
#include "cache_world.hpp"

using namespace cache_world;

TEST("pieces are apart, keep what is written to them, and their blocks go back but for less than two") {
  constexpr std::uint32_t kBytes = 256 * 1024;
  Slabs slabs(kBytes);
  check::Random random(3);
  std::vector<std::pair<char*, char>> taken;
  for (int step = 0; step < 2000; ++step) {
    const bool growing = step < 1000;
    if (taken.empty() || random.below(10) < (growing ? 7u : 3u)) {
      char* const piece = slabs.take();
      CHECK_EQUAL(reinterpret_cast<std::uintptr_t>(piece) % (Slabs::useful() ? kBytes : 1), std::uintptr_t{0});
      const char mark = static_cast<char>(random.below(256));
      std::memset(piece, mark, kBytes);
      taken.emplace_back(piece, mark);
    } else {
      const std::size_t at = random.below(static_cast<std::uint32_t>(taken.size()));
      const auto [piece, mark] = taken[at];
      CHECK(std::all_of(piece, piece + kBytes, [mark = mark](char byte) { return byte == mark; }));
      slabs.give(piece);
      taken[at] = taken.back();
      taken.pop_back();
    }
  }
  for (const auto& [piece, mark] : taken) slabs.give(piece);
  CHECK(slabs.idle() < 2 * std::uint64_t{Slabs::kBlockBytes});
}
END_TEST

TEST("a cache of large pages gives back what was set, within its budget") {
  constexpr std::uint64_t kBudget = 128 * 1024 * 1024;
  for (const CachePolicy policy : {CachePolicy::kS3Fifo, CachePolicy::kLru}) {
    World world(options(policy, 0, kBudget, 32));
    check::Random random(5);
    std::unordered_map<std::uint32_t, std::pair<std::uint32_t, char>> expected;  // size and letter of a value
    std::uint64_t worst = 0;
    std::uint32_t hits = 0;
    std::string found;
    for (int step = 0; step < 500'000; ++step) {
      const std::uint32_t id = random.below(300'000);
      const std::string key = "key" + std::to_string(id);
      if (random.chance(16)) {
        world.remove(key);
        expected.erase(id);
      } else if (random.chance(3)) {
        if (!world.get(key, found)) continue;
        ++hits;
        CHECK(expected.count(id) == 1 && found == std::string(expected[id].first, expected[id].second));
      } else {
        // Some are too long for a segment and have a block of their own.
        const std::uint32_t size = 1 + random.below(random.chance(50) ? 4'000 : 1'000);
        expected[id] = {size, static_cast<char>('a' + random.below(26))};
        CHECK(world.set(key, std::string(size, expected[id].second)) == Status::kOk);
      }
      if (step % 1024 == 0) worst = std::max(worst, world.cache->stats().heldBytes);
    }
    CHECK(hits > 5'000);
    CHECK(worst > kBudget / 2 && worst <= kBudget + kBudget * 3 / 100 + 2 * std::uint64_t{Slabs::kBlockBytes});
    world.cache->clear();
    CHECK(world.cache->stats().heldBytes < 6 * std::uint64_t{Slabs::kBlockBytes});
  }
}
END_TEST

CHECK_MAIN
