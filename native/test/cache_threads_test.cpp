// Many threads on one cache.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "cache_world.hpp"

using namespace cache_world;

namespace {

// A value that tells of its key, so that a torn or mixed-up one is seen.
std::string valueFor(const std::string& key, std::uint32_t length) {
  std::string value = key + ":";
  while (value.size() < length) value += key;
  return value;
}

class Listener final : public FlightListener {
 public:
  void landed(std::uint64_t, const std::shared_ptr<const FlightOutcome>& outcome) noexcept override {
    last.store(outcome->kind + 1, std::memory_order_release);
  }
  std::atomic<int> last{0};
};

// A text in the cache's own memory, held for a while.
struct Held {
  std::string key;
  CacheResult result;
  // Whether it was still what it had been.
  bool giveBack() const {
    const std::string_view text(result.sharedBytes, result.sharedSize);
    const bool whole = text == std::string_view(valueFor(key, static_cast<std::uint32_t>(text.size()))).substr(0, text.size());
    Cache::giveBack(result.shared);
    return whole;
  }
};

std::atomic<std::uint32_t> loads{0};

void mix(Cache& cache, std::uint64_t seed, const std::atomic<bool>& stop, std::atomic<std::uint64_t>& added,
         std::atomic<std::uint64_t>& wrong) {
  check::Random random(seed);
  CacheResult result;
  std::vector<Held> held;
  const auto listener = std::make_shared<Listener>();
  class Sink final : public Cache::ManySink {
   public:
    void value(std::size_t, const CacheValue* value) override { bytes += value == nullptr ? 0 : value->bytes.size(); }
    std::size_t bytes = 0;
  } sink;
  while (!stop.load(std::memory_order_relaxed)) {
    const std::string key = "key" + std::to_string(random.below(3000));
    const CacheKey view{key, false};
    const CacheCall call{static_cast<double>(random.below(100000)), nullptr};
    switch (random.below(12)) {
      case 0:
        cache.remove(view, call);
        break;
      case 1: {
        double sum = 0;
        const std::string name = "count" + std::to_string(random.below(4));
        if (cache.add({name, false}, 1, {}, {}, sum) == AddStatus::kOk) added.fetch_add(1);
        break;
      }
      case 2: {
        std::vector<std::string> names;
        std::vector<CacheKey> keys;
        for (int i = 0; i < 100; ++i) names.push_back("key" + std::to_string(random.below(3000)));
        for (const std::string& name : names) keys.push_back({name, false});
        cache.getMany(keys.data(), keys.size(), call, sink);
        break;
      }
      case 3:
        if (random.chance(50)) cache.invalidateTag("tag" + std::to_string(random.below(10)));
        cache.stats();
        break;
      case 4: {
        std::uint64_t flight = 0;
        const JoinStatus joined = cache.join(view, listener, false, call, flight);
        if (joined == JoinStatus::kLead) cache.land(flight, {FlightOutcome::kNothing, ValueKind::kLatin1, ""});
        break;
      }
      case 5: {
        const std::string value = valueFor(key, 40);
        const CacheValue now{value, ValueKind::kLatin1};
        cache.compareAndSet(view, random.chance(2) ? nullptr : &now, now, {}, call);
        break;
      }
      case 6:
      case 7:
      case 8: {
        const std::string value = valueFor(key, random.chance(30) ? 20000 : random.below(600));
        static const std::string tags("tag1\0tag7\0", 10);
        cache.set(view, {value, ValueKind::kLatin1},
                  {random.chance(3) ? 50.0 : 0.0, random.chance(4) ? std::string_view(tags) : std::string_view()}, call);
        break;
      }
      default: {
        CacheCall sharing = call;
        sharing.shareText = random.chance(2);
        if (cache.get(view, GetMode::kGet, 0, sharing, result) != Found::kHit) break;
        if (result.shared == nullptr) {
          if (result.bytes != valueFor(key, static_cast<std::uint32_t>(result.bytes.size())).substr(0, result.bytes.size())) wrong.fetch_add(1);
          break;
        }
        held.push_back({key, result});
        if (held.size() < 20) break;
        // Others have set, evicted and removed what these were of.
        for (const Held& one : held) wrong.fetch_add(one.giveBack() ? 0 : 1);
        held.clear();
      }
    }
  }
  for (const Held& one : held) wrong.fetch_add(one.giveBack() ? 0 : 1);
  cache.leave(listener.get());
}

}  // namespace

TEST("threads that do everything at once see whole values and lose no count") {
  for (const CachePolicy policy : {CachePolicy::kS3Fifo, CachePolicy::kLru}) {
    World world(options(policy, 0, 400000, 2));
    // Counts are asked for so often that they are not evicted; should one be, its count begins anew and the sum says so.
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> added{0}, wrong{0};
    std::vector<std::thread> threads;
    for (std::uint64_t i = 0; i < 4; ++i)
      threads.emplace_back([&, i] { mix(*world.cache, i, stop, added, wrong); });
    const auto dumps = [&] {
      const std::atomic<bool> never{false};
      auto dump = world.cache->dump("/tmp/easy11-cache-stress", 0, world.call());
      if (dump->finish(dump->run(never, nullptr, nullptr)) != Status::kOk) wrong.fetch_add(1);
    };
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(check::stressSeconds(1.5));
    while (std::chrono::steady_clock::now() < end) {
      dumps();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    stop = true;
    for (std::thread& thread : threads) thread.join();
    std::remove("/tmp/easy11-cache-stress");
    CHECK_EQUAL(wrong.load(), 0u);
    CHECK(added.load() > 0);
  }
} END_TEST

TEST("adding from several threads loses nothing") {
  World world(options(CachePolicy::kS3Fifo, 100, 0));
  const std::uint32_t each = check::share(200000);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      double sum = 0;
      for (std::uint32_t n = 0; n < each; ++n) world.cache->add({"sum", false}, 1, {}, {}, sum);
    });
  for (std::thread& thread : threads) thread.join();
  double sum = 0;
  CHECK(world.cache->add({"sum", false}, 0, {}, {}, sum) == AddStatus::kOk);
  CHECK_EQUAL(static_cast<std::uint64_t>(sum), std::uint64_t{4} * each);
} END_TEST

TEST("of threads that miss one key exactly one loads it") {
  World world(options(CachePolicy::kS3Fifo, 100000, 0));
  loads = 0;
  constexpr std::uint32_t kKeys = 2000;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (std::uint32_t n = 0; n < kKeys; ++n) {
        const std::string key = "key" + std::to_string(n);
        const auto listener = std::make_shared<Listener>();
        std::uint64_t flight = 0;
        const JoinStatus joined = world.cache->join({key, false}, listener, false, {}, flight);
        if (joined == JoinStatus::kLead) {
          loads.fetch_add(1);
          world.cache->set({key, false}, {key, ValueKind::kLatin1}, {}, {});
          world.cache->land(flight, {FlightOutcome::kValue, ValueKind::kLatin1, key});
        } else if (joined == JoinStatus::kWait) {
          while (listener->last.load(std::memory_order_acquire) == 0) std::this_thread::yield();
        }
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK_EQUAL(loads.load(), kKeys);
} END_TEST

TEST("one that leaves abandons what it leads, and those who wait hear of it") {
  World world(options(CachePolicy::kS3Fifo, 100, 0));
  const auto leader = std::make_shared<Listener>(), waiting = std::make_shared<Listener>(), gone = std::make_shared<Listener>();
  std::uint64_t flight = 0, same = 0;
  CHECK(world.cache->join({"key", false}, leader, false, {}, flight) == JoinStatus::kLead);
  CHECK(world.cache->join({"key", false}, waiting, false, {}, same) == JoinStatus::kWait && same == flight);
  CHECK(world.cache->join({"key", false}, gone, false, {}, same) == JoinStatus::kWait);
  CHECK(world.cache->join({"key", true}, gone, false, {}, same) == JoinStatus::kLead);
  world.cache->leave(gone.get());
  world.cache->leave(leader.get());
  CHECK_EQUAL(waiting->last.load(), FlightOutcome::kAbandoned + 1);
  CHECK_EQUAL(gone->last.load(), 0);
  world.cache->land(flight, {FlightOutcome::kNothing, ValueKind::kLatin1, ""});
  CHECK(world.cache->join({"key", false}, waiting, false, {}, flight) == JoinStatus::kLead);
} END_TEST

TEST("threads that open and close one name find one cache or a new one, and never a half") {
  std::atomic<std::uint32_t> differing{0};
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      check::Random random(i);
      for (std::uint32_t n = 0; n < check::share(20000); ++n) {
        std::shared_ptr<Cache> cache;
        const Cache::Opened opened = Cache::open("one name", options(CachePolicy::kLru, 1 + random.below(2), 0), cache);
        if (opened == Cache::Opened::kOptionsDiffer) differing.fetch_add(1);
        else if (cache->set({"a", false}, {"b", ValueKind::kLatin1}, {}, {}) != Status::kOk) std::abort();
      }
    });
  for (std::thread& thread : threads) thread.join();
  std::shared_ptr<Cache> cache;
  CHECK(Cache::open("one name", options(CachePolicy::kLru, 9, 0), cache) == Cache::Opened::kOk);
  CHECK_EQUAL(cache->stats().entries, 0u);
} END_TEST

CHECK_MAIN
