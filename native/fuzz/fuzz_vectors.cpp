// A script of operations, byte by byte, on an index of vectors, held against comparing with each row: ties, rows that come and go,
// lists made anew, and refreshes with changes amid them.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <tuple>

#include "vectors_oracle.hpp"

namespace {

constexpr std::uint32_t kTerms = 40;
constexpr int kMostComparisons = 12;

class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
  bool done() const { return at_ == end_; }
  std::uint32_t next() { return done() ? 0 : *at_++; }
  std::uint32_t id() {
    const std::uint32_t high = next();
    return (high << 8 | next()) % 40000;  // three windows
  }
  VectorsWorld::Row row() {
    std::map<std::uint32_t, float> made;
    for (std::uint32_t i = 1 + next() % 6; i > 0; --i) {
      const std::uint32_t term = next() % kTerms, weight = next();
      made[term] = weight < 8 ? 1e9f : weight < 16 ? 1e-9f : static_cast<float>(1 + weight % 7) / 3;
    }
    return {made.begin(), made.end()};
  }

 private:
  const std::uint8_t *at_, *end_;
};

void change(VectorsWorld& world, Script& script) {
  const std::uint32_t what = script.next(), id = script.id();
  if (what < 64) {
    world.remove(id);
  } else if (what < 230) {
    world.put(id, script.row());
  } else {
    // Many rows for few bytes: lists are made anew when there are more than a hundred changes.
    const VectorsWorld::Row row = script.row();
    for (std::uint32_t i = 0, rows = script.next(); i < rows; ++i) world.put((id + i * (1 + what % 8)) % 40000, row);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script(data, size);
  VectorsWorld world(script.next());
  int comparisons = 0;
  while (!script.done()) {
    const std::uint32_t what = script.next();
    if (what < 240)
      change(world, script);
    else if (what < 244)
      world.refresh([&] { change(world, script); });
    else if (comparisons++ < kMostComparisons)
      world.compareAny(kTerms);
  }
  world.compareAny(kTerms);
  world.check();
  if (check::failures() > 0) std::abort();
  return 0;
}
