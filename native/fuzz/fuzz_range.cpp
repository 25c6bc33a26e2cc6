// A script of operations, byte by byte, on a range index, held against plain rows: values tie, are missing and are the extremes
// of their types, leaves fill up and run empty, and every answer is that of brute force.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "range_oracle.hpp"

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint32_t kIds = 3000;
constexpr int kMostComparisons = 12;

class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
  bool done() const { return at_ == end_; }
  std::uint32_t next() { return done() ? 0 : *at_++; }
  std::uint32_t word() {
    const std::uint32_t high = next();
    return high << 8 | next();
  }
  double value(std::uint32_t column) {
    const std::uint32_t what = next();
    if (what < 8) return kNone;
    const double sign = what % 2 == 0 ? 1 : -1;
    const double most[] = {2147483646, 16777216, 9007199254740992, 2147483646};
    if (what < 16) return sign * most[column];
    if (what < 128) return what % 8;
    const double large = sign * word();
    return column == 2 ? large / 7 : large;
  }
  RangeRow row() {
    RangeRow made;
    for (std::uint32_t n = 0; n < 4; ++n) made.numbers[n] = value(n);
    made.facets[0] = static_cast<std::uint16_t>(next() % 12);
    const std::uint32_t brand = next();
    made.facets[1] = static_cast<std::uint16_t>(brand < 240 ? brand % 40 : word() % 3000);
    return made;
  }

 private:
  const std::uint8_t *at_, *end_;
};

void change(RangeWorld& world, Script& script, std::uint32_t id) {
  const auto known = world.rows.find(id);
  if (known == world.rows.end()) return;
  RangeRow row = known->second;
  const std::uint32_t column = script.next() % 6;
  if (column < 4)
    row.numbers[column] = script.value(column);
  else
    row.facets[column - 4] = static_cast<std::uint16_t>(script.next() % 12);
  world.set(id, row);
}

// Many rows for few bytes: a leaf has 512.
void fill(RangeWorld& world, Script& script) {
  const RangeRow row = script.row();
  const std::uint32_t column = script.next() % 4, first = script.word() % kIds, step = 1 + script.next() % 4;
  const std::uint32_t rows = 4 * script.next(), ties = 1 + script.next();
  for (std::uint32_t i = 0, id = first; i < rows && id < kIds; ++i, id += step) {
    RangeRow one = row;
    one.numbers[column] = i % ties;
    world.set(id, one);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script(data, size);
  RangeWorld world(script.word());
  if (const std::uint32_t rows = script.next(); rows > 128) world.bulk(rows * 8, 2 * kIds);
  int comparisons = 0;
  while (!script.done()) {
    const std::uint32_t what = script.next(), id = script.word() % kIds;
    if (what < 64)
      world.remove(id);
    else if (what < 128)
      change(world, script, id);
    else if (what < 230)
      world.set(id, script.row());
    else if (what < 236)
      fill(world, script);
    else if (what < 238)
      world.clear();
    else if (comparisons++ < kMostComparisons)
      world.compare();
  }
  world.compare();
  CHECK(world.index->rows() == world.rows.size());
  if (check::failures() > 0) std::abort();
  return 0;
}
