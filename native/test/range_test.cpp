// Every answer of a range index against brute force.
#include "range_oracle.hpp"

#include "../src/range/codes.hpp"
#include "../src/range/kernels.hpp"

using easy11::Status;

TEST("a bulk build answers as brute force does") {
  for (const std::uint32_t size : {0u, 1u, 463u, 465u, 5000u, 30000u}) {
    RangeWorld world(size + 1);
    world.bulk(size, size * 2 + 10);
    for (int i = 0; i < 60; ++i) world.compare();
  }
} END_TEST

TEST("after 1,000,000 random inserts, deletes and updates every answer is that of brute force") {
  RangeWorld world(77);
  for (std::uint32_t i = 0; i < 1000000; ++i) {
    if (check::kSanitized && i % 5 != 0) continue;
    // The set grows, then shrinks, so that leaves fill up and run empty.
    const std::uint32_t ids = 40000;
    const std::uint32_t id = world.below(ids);
    const bool shrinking = i > 600000 && i < 800000;
    if (world.chance(shrinking ? 2 : 6)) {
      world.remove(id);
    } else if (const auto known = world.rows.find(id); known != world.rows.end() && !world.chance(4)) {
      RangeRow row = known->second;
      const std::uint32_t column = world.below(6);
      if (column < 4)
        row.numbers[column] = world.value(column);
      else
        row.facets[column - 4] = world.row().facets[column - 4];
      world.set(id, row);
    } else if (!shrinking || world.chance(4)) {
      world.set(id, world.row());
    }
    if (i % 2500 == 0) world.compare();
  }
  for (int i = 0; i < 200; ++i) world.compare();
  for (const auto& [id, row] : world.rows) {
    CHECK(world.index->read(id, world.scratch()));
    for (int n = 0; n < 4; ++n)
      CHECK(world.values[n] == row.numbers[n] || (std::isnan(world.values[n]) && std::isnan(row.numbers[n])));
  }
} END_TEST

TEST("rows that come in ascending order are spread, not piled up") {
  RangeWorld world(5);
  for (std::uint32_t i = 0; i < 60000; ++i) {
    RangeRow row = world.row();
    row.numbers[0] = i;
    world.set(i, row);
  }
  CHECK(world.index->bytes() < 60000 * 300);
  for (int i = 0; i < 40; ++i) world.compare();
} END_TEST

TEST("a build that is cancelled ends as such") {
  RangeWorld world(6);
  const std::uint32_t ids[] = {1, 2, 3};
  const double values[] = {1, 2, 3};
  const std::uint16_t codes[] = {1, 2, 3};
  CHECK(world.index->beginBulk(ids, 3) == Status::kOk);
  for (std::uint32_t n = 0; n < 4; ++n) CHECK(world.index->bulkNumbers(n, values, 3) == Status::kOk);
  for (std::uint32_t f = 0; f < 2; ++f) CHECK(world.index->bulkFacets(f, codes, 3) == Status::kOk);
  const auto task = world.index->build();
  const std::atomic<bool> cancel{true};
  CHECK(task->finish(task->run(cancel, nullptr, nullptr)) == Status::kCancelled);
} END_TEST

TEST("values that a number had not had, with few before, are answered for as all others are") {
  RangeWorld world(9);
  world.bulk(20000, 40000);  // ratings and stocks are few, prices and popularities are not
  const std::size_t bytes = world.index->bytes();
  const auto change = [&](std::uint32_t number, double value) {
    const auto [id, row] = *std::next(world.rows.begin(), world.below(static_cast<std::uint32_t>(world.rows.size())));
    RangeRow changed = row;
    changed.numbers[number] = value;
    world.set(id, changed);
  };
  change(1, 3.25);
  CHECK(world.index->bytes() > bytes + 4 * 20000);
  for (int i = 0; i < 40; ++i) world.compare();
  for (int i = 0; i < 300; ++i) change(3, 1000 + i);
  for (int i = 0; i < 40; ++i) world.compare();
  // Leaves fill up until all is laid out anew, with codes for what is few by then.
  for (std::uint32_t id = 40000; id < 60000; ++id) world.set(id, world.row());
  for (int i = 0; i < 40; ++i) world.compare();
  for (const auto& [id, row] : world.rows) {
    CHECK(world.index->read(id, world.scratch()));
    for (int n = 0; n < 4; ++n)
      CHECK(world.values[n] == row.numbers[n] || (std::isnan(world.values[n]) && std::isnan(row.numbers[n])));
  }
} END_TEST

TEST("a zero keeps its sign, whatever a number is stored as") {
  for (const bool mixed : {false, true}) {
    easy11::RangeSchema schema;
    schema.numbers = {easy11::NumberType::kFloat32};
    schema.trees = {{0, {}}};
    const auto index = easy11::RangeIndex::create(schema);
    std::vector<std::uint32_t> ids;
    std::vector<double> values;
    for (std::uint32_t id = 0; id < 3000; ++id) {
      ids.push_back(id);
      values.push_back(id % 3 == 0 ? 1.0 : mixed && id % 3 == 2 ? -0.0 : 0.0);
    }
    CHECK(index->beginBulk(ids.data(), ids.size()) == Status::kOk);
    CHECK(index->bulkNumbers(0, values.data(), values.size()) == Status::kOk);
    const auto task = index->build();
    const std::atomic<bool> cancel{false};
    CHECK(task->finish(task->run(cancel, nullptr, nullptr)) == Status::kOk);
    RangeWorld world(10);  // for its scratch
    bool isNew = false;
    world.values[0] = -0.0;
    CHECK(index->set(3000, world.scratch(), isNew) == Status::kOk && isNew);
    values.push_back(-0.0);
    for (std::uint32_t id = 0; id <= 3000; ++id) {
      CHECK(index->read(id, world.scratch()));
      CHECK(world.values[0] == values[id] && std::signbit(world.values[0]) == std::signbit(values[id]));
    }
    std::copy_n(std::vector<double>{0, 0, 0, 0}.begin(), 4, world.given);
    CHECK(index->count(1, world.scratch()) == 2001);
  }
} END_TEST

TEST("an id that comes twice, or is out of bounds, is refused and changes nothing") {
  RangeWorld world(7);
  const std::uint32_t twice[] = {4, 5, 4}, tooLarge[] = {easy11::RangeIndex::kMaxId + 1};
  CHECK(world.index->beginBulk(twice, 3) == Status::kInvalidArgument);
  CHECK(world.index->beginBulk(tooLarge, 1) == Status::kInvalidArgument);
  bool isNew = false;
  world.put(world.row());
  CHECK(world.index->set(easy11::RangeIndex::kMaxId + 1, world.scratch(), isNew) == Status::kInvalidArgument);
  CHECK(world.index->rows() == 0);
  world.bulk(1000, 2000);
  for (int i = 0; i < 20; ++i) world.compare();
} END_TEST

TEST("ids that do not ascend are no set, and ids that no row has are passed over") {
  RangeWorld world(8);
  world.bulk(3000, 4000);
  const std::uint32_t down[] = {5, 4}, twice[] = {5, 5}, beyond[] = {4000000, 4000000000u};
  CHECK(world.index->takeIds(down, 2) == Status::kInvalidArgument);
  CHECK(world.index->takeIds(twice, 2) == Status::kInvalidArgument);
  world.given[0] = 2;
  CHECK(world.index->count(1, world.scratch()) == 0);
  CHECK(world.index->takeIds(beyond, 2) == Status::kOk);
  CHECK(world.index->count(1, world.scratch()) == 0);
  for (int i = 0; i < 300; ++i) world.compare();
} END_TEST

TEST("a schema that makes no sense gives no index") {
  easy11::RangeSchema schema = RangeWorld::schema();
  schema.trees.clear();
  CHECK(easy11::RangeIndex::create(schema) == nullptr);
  schema = RangeWorld::schema();
  schema.scores = {9};
  CHECK(easy11::RangeIndex::create(schema) == nullptr);
  schema = RangeWorld::schema();
  schema.trees[0].aggregates = {4};
  CHECK(easy11::RangeIndex::create(schema) == nullptr);
} END_TEST

TEST("the kernels of every instruction set give the same bits") {
  using namespace easy11::range;
  std::mt19937 random(3);
  std::vector<const Kernels*> all{&kScalarKernels};
#if defined(EASY11_X86)
  if (easy11::isa() >= easy11::Isa::kAvx2) all.push_back(&kAvx2Kernels);
  if (easy11::isa() >= easy11::Isa::kAvx512) all.push_back(&kAvx512Kernels);
  if (easy11::hasVbmi2()) all.push_back(&kVbmi2Kernels);
#elif defined(EASY11_ARM64)
  all.push_back(&kNeonKernels);
#endif
  for (int round = 0; round < 300; ++round) {
    std::uint8_t codes[512];
    std::uint16_t wide[512];
    std::int32_t integers[512];
    float floats[512];
    double doubles[512];
    for (int i = 0; i < 512; ++i) {
      codes[i] = static_cast<std::uint8_t>(random());
      wide[i] = static_cast<std::uint16_t>(random() % 5);
      const bool none = random() % 9 == 0;
      integers[i] = none ? 2147483647 : static_cast<std::int32_t>(random());
      floats[i] = none ? std::numeric_limits<float>::infinity() : static_cast<float>(random()) / 7;
      doubles[i] = none ? std::numeric_limits<double>::infinity() : static_cast<double>(random()) / 7 - 1e8;
    }
    const auto size = static_cast<std::uint32_t>(random() % 513);
    std::uint8_t lo = static_cast<std::uint8_t>(random()), hi = static_cast<std::uint8_t>(random());
    if (lo > hi) std::swap(lo, hi);
    std::vector<double> results;
    std::vector<std::uint64_t> bits;
    for (const Kernels* kernel : all) {
      std::uint64_t masks[8], equal[8] = {};
      for (auto& word : masks) word = ~std::uint64_t{0};
      kernel->andCodes(codes, 8, lo, hi, masks);
      kernel->orEqual(wide, 8, 3, equal);
      std::vector<double> sums;
      std::uint64_t members[8];
      ByteSet set;
      for (int code = lo; code < 256; code += 3) set.add(static_cast<std::uint8_t>(code));
      for (int w = 0; w < 8; ++w) members[w] = w % 3 == 0 ? 0 : masks[w] | equal[w];
      std::uint16_t at[512 + 16];
      const std::uint32_t found = kernel->positions(members, 8, at);
      for (std::uint32_t i = 0; i < found; ++i) sums.push_back(at[i]);
      if (kernel->pack != nullptr) {
        std::uint8_t packed[512 + 64];
        CHECK(kernel->pack(codes, 8, members, packed) == found);
        for (std::uint32_t i = 0; i < found; ++i) CHECK(packed[i] == codes[at[i]]);
      }
      for (std::uint32_t count = 1; count <= 8; ++count) sums.push_back(kernel->countBits(members, count));
      sums.push_back(kernel->countEqual(codes, 8, codes[100], members));
      kernel->andMembers(codes, 8, set, members);
      std::uint32_t counts[32] = {}, other[32];
      for (auto& count : other) count = 7;
      kernel->addCounts(other, 32, counts);
      CHECK(counts[31] == 7);
      kernel->subtractCounts(other, 32, counts);
      CHECK(counts[31] == 0);
      std::uint16_t narrow[32];
      for (int i = 0; i < 32; ++i) narrow[i] = static_cast<std::uint16_t>(65535 - i);
      kernel->addNarrow(narrow, 32, counts);
      for (int i = 0; i < 32; ++i) CHECK(counts[i] == 65535u - static_cast<std::uint32_t>(i));
      kernel->subtractNarrow(narrow, 32, counts);
      for (const std::uint32_t count : counts) CHECK(count == 0);
      for (const Summary& s : {kernel->summarise[0](integers, size), kernel->summarise[1](floats, size),
                               kernel->summarise[2](doubles, size)})
        sums.insert(sums.end(), {s.sum, s.min, s.max, static_cast<double>(s.valid)});
      std::vector<std::uint64_t> words(masks, masks + 8);
      words.insert(words.end(), equal, equal + 8);
      words.insert(words.end(), members, members + 8);
      if (kernel == all[0]) {
        results = sums;
        bits = words;
      }
      CHECK(results == sums);
      CHECK(bits == words);
    }
  }
} END_TEST

TEST("sums of codes have the bits of the sums of what they mean") {
  using namespace easy11::range;
  std::mt19937 random(4);
  for (int round = 0; round < 300; ++round) {
    std::vector<double> few;
    for (std::uint32_t i = random() % 254; i > 0; --i) few.push_back(static_cast<double>(random()) / 7 - 3e8);
    std::sort(few.begin(), few.end());
    few.erase(std::unique(few.begin(), few.end()), few.end());
    Codes codes;
    codes.separate(few);
    codes.mean(easy11::NumberType::kFloat64);
    std::uint8_t coded[512];
    double values[512];
    const double none = std::numeric_limits<double>::infinity();
    for (int i = 0; i < 512; ++i) {
      values[i] = few.empty() || random() % 9 == 0 ? none : few[random() % few.size()];
      coded[i] = codes.of(values[i], none);
      CHECK(codes.meanings().values[coded[i]] == values[i]);
    }
    const auto size = static_cast<std::uint32_t>(random() % 513);
    const Summary a = summariseCodes(coded, size, codes.meanings()), b = kScalarKernels.summarise[2](values, size);
    CHECK(a.valid == b.valid && a.sum == b.sum && a.min == b.min && a.max == b.max);
  }
} END_TEST

CHECK_MAIN
