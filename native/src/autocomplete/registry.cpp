#include "registry.hpp"

#include <mutex>
#include <unordered_map>

#include "../common/hash.hpp"

namespace easy11 {
namespace {

struct Registry {
  std::mutex mutex;
  std::unordered_map<std::uint64_t, std::weak_ptr<Autocomplete::Core>> indexes;
};

// Never destroyed: threads may still look things up while the process ends.
Registry& registry() {
  static Registry* const only = new Registry;
  return *only;
}

}  // namespace

std::uint64_t newToken() noexcept {
  static std::atomic<std::uint64_t> count{0};
  const std::uint64_t number = count.fetch_add(1, std::memory_order_relaxed) + 1;
  return (newHashSeed(&count) >> 12 ^ number) | std::uint64_t{1} << 51;
}

void enrol(std::uint64_t token, const std::shared_ptr<Autocomplete::Core>& core) {
  Registry& all = registry();
  const std::lock_guard<std::mutex> lock(all.mutex);
  for (auto at = all.indexes.begin(); at != all.indexes.end();)
    at = at->second.expired() ? all.indexes.erase(at) : std::next(at);
  all.indexes[token] = core;
}

std::shared_ptr<Autocomplete::Core> enrolled(std::uint64_t token) {
  Registry& all = registry();
  const std::lock_guard<std::mutex> lock(all.mutex);
  const auto found = all.indexes.find(token);
  return found == all.indexes.end() ? nullptr : found->second.lock();
}

}  // namespace easy11
