// The named caches of the process. An addon is loaded once per process however many environments use it, so this is one
// table for all of them; it holds no share of a cache.
#include <mutex>
#include <string>
#include <unordered_map>

#include "../common/guarded.hpp"
#include "core.hpp"

namespace easy11 {
namespace {

struct Registry {
  std::mutex mutex;
  std::unordered_map<std::string, std::weak_ptr<CacheCore>> byName;
};

// Never destroyed: threads may still close their caches while the process ends.
Registry& registry() {
  static Registry* const registry = new Registry;
  return *registry;
}

}  // namespace

Cache::Opened Cache::open(std::string_view name, const CacheOptions& options, std::shared_ptr<Cache>& out) noexcept {
  Opened opened = Opened::kOutOfMemory;
  guarded([&] {
    if (name.empty()) {
      out = std::make_shared<CacheCore>(options);
      opened = Opened::kOk;
      return Status::kOk;
    }
    Registry& all = registry();
    const std::lock_guard<std::mutex> guard(all.mutex);
    for (auto at = all.byName.begin(); at != all.byName.end();) at = at->second.expired() ? all.byName.erase(at) : ++at;
    auto& entry = all.byName[std::string(name)];
    std::shared_ptr<CacheCore> core = entry.lock();
    if (core != nullptr && !(core->options() == options)) {
      opened = Opened::kOptionsDiffer;
      return Status::kOk;
    }
    if (core == nullptr) entry = core = std::make_shared<CacheCore>(options);
    out = std::move(core);
    opened = Opened::kOk;
    return Status::kOk;
  });
  return opened;
}

}  // namespace easy11
