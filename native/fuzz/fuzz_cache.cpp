// A script of operations, byte by byte, on caches of every kind, held against a std::map: what they give out is what was set
// last, and nothing that was deleted, invalidated or is past its time.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "easy11/cache.hpp"

using namespace easy11;

namespace {

struct Known {
  std::string value;
  unsigned tags = 0;
  double until = 0;
};

class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
  bool done() const { return at_ == end_; }
  unsigned next() { return done() ? 0 : *at_++; }

 private:
  const std::uint8_t *at_, *end_;
};

void expect(bool condition) {
  if (!condition) std::abort();
}

void run(Script script, const CacheOptions& options) {
  std::shared_ptr<Cache> cache;
  expect(Cache::open("", options, cache) == Cache::Opened::kOk);
  std::map<std::string, Known> model;
  CacheResult result;
  double now = 0;
  while (!script.done()) {
    const unsigned what = script.next();
    const std::string key = std::string(1 + what / 64 * 40, 'k') + static_cast<char>('a' + script.next() % 24);
    const CacheKey view{key, false};
    const CacheCall call{now, nullptr};
    switch (what % 8) {
      case 0: {
        const bool removed = cache->remove(view, call);
        expect(!removed || model.count(key) == 1);
        model.erase(key);
        break;
      }
      case 1:
        now += 16.0 * script.next();
        break;
      case 2: {
        const unsigned tag = script.next() % 4;
        cache->invalidateTag(std::string(1, static_cast<char>('0' + tag)));
        for (auto at = model.begin(); at != model.end();)
          at = (at->second.tags >> tag & 1) != 0 ? model.erase(at) : ++at;
        break;
      }
      case 3: {
        double sum = 0;
        const AddStatus status = cache->add(view, 1, {}, call, sum);
        // A number that the model knows is one more, unless it was evicted and begins anew.
        const auto known = model.find(key);
        if (status == AddStatus::kNotANumber) expect(known != model.end() && known->second.value[0] != '#');
        if (status != AddStatus::kOk) break;
        Known& entry = model[key];
        if (!entry.value.empty() && entry.value[0] == '#' && sum != 1) {
          expect(std::to_string(static_cast<int>(sum) - 1) == entry.value.substr(1));
          entry.value = "#" + std::to_string(static_cast<int>(sum));
        } else {
          expect(sum == 1);
          entry = {"#1", 0, 0};
        }
        break;
      }
      case 4:
      case 5:
      case 6: {
        const unsigned size = script.next(), tags = script.next() % 16, ttl = script.next();
        Known known;
        known.value.assign(1 + size * (what % 8 == 6 ? 40 : 1), static_cast<char>('A' + size % 26));
        known.tags = tags;
        if (ttl % 2 == 1) known.until = now + ttl * 4;
        std::string names;
        for (unsigned i = 0; i < 4; ++i)
          if ((tags >> i & 1) != 0) names.append(1, static_cast<char>('0' + i)).push_back('\0');
        const Status status =
            cache->set(view, {known.value, ValueKind::kLatin1}, {ttl % 2 == 1 ? ttl * 4.0 : 0.0, names}, call);
        if (status == Status::kOk) model[key] = known;
        else expect(status == Status::kInvalidArgument && options.maxBytes > 0);
        break;
      }
      default: {
        if (cache->get(view, GetMode::kGet, 0, call, result) != Found::kHit || result.stale) break;
        const auto known = model.find(key);
        expect(known != model.end());
        if (result.kind == ValueKind::kNumber) expect(known->second.value[0] == '#');
        else expect(known->second.value == result.bytes);
        expect(known->second.until == 0 || now < known->second.until + kTickMilliseconds);
      }
    }
    const CacheStats stats = cache->stats();
    expect(options.max == 0 || stats.entries <= options.max);
    expect(options.maxBytes == 0 || stats.bytes <= options.maxBytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const CachePolicy policy : {CachePolicy::kS3Fifo, CachePolicy::kLru}) {
    CacheOptions options;
    options.policy = policy;
    options.seed = 99;
    options.max = 8;
    run({data, size}, options);
    options.max = 0;
    options.maxBytes = 6000;
    run({data, size}, options);
    options.maxBytes = 40000;
    options.shards = 2;
    run({data, size}, options);
  }
  return 0;
}
