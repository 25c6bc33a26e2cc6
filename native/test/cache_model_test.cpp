// Whatever is done to a cache, what it gives out is what was set last; and the policy evicts as its reference does.
#include <deque>
#include <map>
#include <set>

#include "cache_world.hpp"

using namespace cache_world;

namespace {

struct Known {
  std::string value;
  std::set<std::string> tags;
  double until = 0;  // 0 for ever
};

// Random operations; a miss is always allowed, a wrong value or one that must be gone never is.
void compareWithModel(const CacheOptions& options, std::uint64_t seed, std::uint32_t steps) {
  World world(options);
  check::Random random(seed);
  std::map<std::string, Known> model;
  const auto sizeOf = [&] { return random.chance(20) ? random.below(6000) : random.below(300); };
  std::uint64_t hits = 0;
  for (std::uint32_t step = 0; step < steps; ++step) {
    const std::string key = "key" + std::to_string(random.below(400));
    switch (random.below(10)) {
      case 0:
        CHECK(!world.remove(key) || model.count(key) == 1);
        model.erase(key);
        break;
      case 1:
        if (random.chance(4)) world.now += random.below(500);
        break;
      case 2:
        if (random.chance(10)) {
          const std::string tag = "tag" + std::to_string(random.below(5));
          world.cache->invalidateTag(tag);
          for (auto at = model.begin(); at != model.end();)
            at = at->second.tags.count(tag) == 1 ? model.erase(at) : ++at;
        }
        break;
      case 3:
        if (random.chance(2000)) {
          world.cache->clear();
          model.clear();
        }
        break;
      case 4:
      case 5:
      case 6: {
        Known known;
        known.value = std::string(sizeOf(), static_cast<char>('a' + random.below(26)));
        std::string tags;
        for (std::uint32_t i = random.chance(3) ? random.below(4) : 0; i > 0; --i)
          if (known.tags.insert("tag" + std::to_string(random.below(5))).second) tags.clear();
        for (const std::string& tag : known.tags) tags.append(tag).push_back('\0');
        const double ttl = random.chance(4) ? 100 + random.below(1000) : 0;
        if (ttl > 0) known.until = world.now + ttl;
        CHECK(world.set(key, known.value, ttl, tags) == Status::kOk);
        model[key] = std::move(known);
        break;
      }
      default: {
        std::string value;
        if (!world.get(key, value)) break;
        ++hits;
        const auto found = model.find(key);
        CHECK(found != model.end());
        if (found == model.end()) return;
        CHECK(found->second.value == value);
        CHECK(found->second.until == 0 || world.now < found->second.until + kTickMilliseconds);
      }
    }
    const CacheStats stats = world.cache->stats();
    CHECK(options.max == 0 || stats.entries <= options.max);
    CHECK(options.maxBytes == 0 || stats.bytes <= options.maxBytes);
  }
  CHECK(options.max == 1 || hits > steps / 20);
}

}  // namespace

TEST("what is given out is what was set last") {
  for (const CachePolicy policy : {CachePolicy::kS3Fifo, CachePolicy::kLru}) {
    compareWithModel(options(policy, 200, 0), 1, check::share(200000));
    compareWithModel(options(policy, 0, 100000), 2, check::share(200000));
    compareWithModel(options(policy, 300, 60000), 3, check::share(100000));
    compareWithModel(options(policy, 0, 4096 * 64, 4), 4, check::share(100000));
    compareWithModel(options(policy, 1, 0), 5, 300);
  }
} END_TEST

namespace {

// S3-FIFO by entries, as in the paper's pseudocode, over deques.
class Reference {
 public:
  explicit Reference(std::size_t capacity) : capacity_(capacity) {}
  bool request(const std::string& key) {
    for (auto* queue : {&small_, &main_})
      for (Item& item : *queue)
        if (item.key == key) {
          if (item.frequency < 3) ++item.frequency;
          return true;
        }
    const bool ghost = ghosts_.erase(key) > 0;
    while (small_.size() + main_.size() + 1 > capacity_) {
      const std::size_t target = capacity_ / 10 > 0 ? capacity_ / 10 : 1;
      if (!small_.empty() && (main_.empty() || small_.size() >= target)) evictSmall();
      else evictMain();
    }
    (ghost ? main_ : small_).push_back({key, 0});
    return false;
  }

 private:
  struct Item {
    std::string key;
    int frequency;
  };
  void evictSmall() {
    const Item item = small_.front();
    small_.pop_front();
    if (item.frequency > 0) {
      main_.push_back({item.key, 0});
      return;
    }
    const std::size_t memory = (small_.size() + main_.size()) * 9 / 10;
    if (memory == 0) return;
    for (auto at = ghosts_.begin(); at != ghosts_.end();)
      at = at->second + memory <= turn_ ? ghosts_.erase(at) : ++at;
    ghosts_[item.key] = turn_++;
  }
  void evictMain() {
    Item item = main_.front();
    main_.pop_front();
    if (item.frequency > 0) main_.push_back({item.key, item.frequency - 1});
  }
  std::size_t capacity_;
  std::deque<Item> small_, main_;
  std::map<std::string, std::size_t> ghosts_;
  std::size_t turn_ = 0;
};

}  // namespace

TEST("S3-FIFO hits where the reference does, on random, skewed and scanned traces") {
  check::Random random(7);
  for (int kind = 0; kind < 3; ++kind) {
    World world(options(CachePolicy::kS3Fifo, 150, 0));
    Reference reference(150);
    std::uint32_t scanned = 0, wrong = 0;
    for (std::uint32_t step = 0; step < check::share(40000); ++step) {
      const double x = static_cast<double>(random.below(1u << 30)) / (1u << 30);
      std::string key = "k" + std::to_string(static_cast<int>((kind == 0 ? x : x * x * x * x) * 1000));
      if (kind == 2 && step % 500 > 400) key = "scan" + std::to_string(scanned++);
      std::string value;
      const bool hit = world.get(key, value);
      if (!hit) world.set(key, key);
      if (hit != reference.request(key)) ++wrong;
    }
    CHECK_EQUAL(wrong, 0u);
  }
} END_TEST

TEST("a large text that was given out is what it was when its entry is set again, evicted, and the cache gone") {
  const std::string first(3000, 'a'), second(3000, 'b');
  CacheResult set, evicted, small;
  {
    World world(options(CachePolicy::kLru, 20, 0));
    CacheCall call = world.call();
    call.shareText = true;
    world.set("set again", first);
    CHECK(world.cache->get({"set again", false}, GetMode::kGet, 0, call, set) == Found::kHit);
    world.set("set again", second);
    CHECK(world.cache->get({"set again", false}, GetMode::kGet, 0, call, evicted) == Found::kHit);
    world.set("small", "text");
    CHECK(world.cache->get({"small", false}, GetMode::kGet, 0, call, small) == Found::kHit);
    for (int i = 0; i < 200; ++i) world.set("other" + std::to_string(i), std::string(3000, 'c'));
    CHECK(!world.has("set again"));
  }
  CHECK(small.shared == nullptr && small.bytes == "text");
  CHECK(set.shared != nullptr && std::string_view(set.sharedBytes, set.sharedSize) == first);
  CHECK(evicted.shared != nullptr && std::string_view(evicted.sharedBytes, evicted.sharedSize) == second);
  Cache::giveBack(set.shared);
  Cache::giveBack(evicted.shared);
} END_TEST

TEST("memory stays within the budget and a segment, whatever is overwritten, deleted and of whatever size") {
  struct Size {
    std::uint32_t from, to;
  };
  for (const CachePolicy policy : {CachePolicy::kS3Fifo, CachePolicy::kLru}) {
    for (const Size size : {Size{20, 21}, Size{100, 101}, Size{10, 400}, Size{1024, 1025}, Size{500, 20000}}) {
      constexpr std::uint64_t kBudget = 8 << 20;
      constexpr std::uint64_t kSegment = 64 * 1024;
      World world(options(policy, 0, kBudget));
      check::Random random(size.to);
      const std::uint32_t average = (size.from + size.to) / 2 + 40;
      const std::uint32_t keys = static_cast<std::uint32_t>(kBudget / average) * 2;
      std::string value(size.to, 'v');
      std::uint64_t worst = 0;
      for (std::uint32_t step = 0; step < keys * 3; ++step) {
        const std::string key = "key" + std::to_string(random.below(keys));
        if (random.chance(10)) world.remove(key);
        else world.cache->set({key, false}, {std::string_view(value).substr(0, size.from + random.below(size.to - size.from)), ValueKind::kBytes}, {}, world.call());
        if (step % 64 == 0) worst = std::max(worst, world.cache->stats().heldBytes);
      }
      const CacheStats stats = world.cache->stats();
      if (std::getenv("EASY11_PRINT") != nullptr)
        std::printf("%s %u-%u: charged %.3f, held at worst %.3f of the budget, %.1f bytes beside each entry\n",
                    policy == CachePolicy::kLru ? "lru" : "s3-fifo", size.from, size.to,
                    static_cast<double>(stats.bytes) / kBudget, static_cast<double>(worst) / kBudget,
                    (static_cast<double>(stats.heldBytes) - (static_cast<double>(stats.bytes) - 32.0 * stats.entries) * (policy == CachePolicy::kLru ? 8.0 / 9 : 1)) / stats.entries);
      CHECK(stats.bytes <= kBudget);
      CHECK(stats.bytes * 100 >= kBudget * 97);
      CHECK(worst <= kBudget * 103 / 100 + kSegment);
    }
  }
} END_TEST

CHECK_MAIN
