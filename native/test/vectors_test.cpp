// Every answer of an index of vectors against comparing with each row.
#include <algorithm>
#include <tuple>

#include "vectors_oracle.hpp"

using easy11::SparseVectors;
using easy11::Status;

TEST("through random puts, deletes and refreshes every answer is that of comparing with each row") {
  for (const std::uint32_t terms : {6u, 300u, 4000u}) {
    VectorsWorld world(terms);
    const auto change = [&] {
      // Three windows, of which the last has few rows; the set grows, then shrinks.
      const std::uint32_t id = world.random.chance(30) ? 50000 + world.random.below(200) : world.random.below(20000);
      if (world.random.chance(world.rows.size() > 9000 ? 2 : 6))
        world.remove(id);
      else
        world.put(id, world.row(terms));
    };
    for (std::uint32_t i = 0; i < check::share(60000); ++i) {
      change();
      if (i % check::share(2000) == 0) world.compareAny(terms);
      if (i % check::share(15000) == 100)
        world.refresh([&] {
          for (int k = 0; k < 50; ++k) change();
          world.compareAny(terms);
        });
    }
    for (int i = 0; i < 10; ++i) world.compareAny(terms);
    world.check();
    while (!world.rows.empty()) world.remove(world.rows.begin()->first);
    world.compareAny(terms);
    world.check();
  }
} END_TEST

TEST("rows that are just alike come in order of id, from every window") {
  VectorsWorld world(2);
  for (std::uint32_t id = 0; id < 70000; id += 7) world.put(id, {{1, 1.0f}, {2, id % 2 == 0 ? 1.0f : 2.0f}});
  world.refresh([] {});
  for (int i = 0; i < 5; ++i) world.compareAny(3);
} END_TEST

TEST("many rows at once, and rows of many terms") {
  VectorsWorld world(3);
  std::vector<std::uint32_t> ids, starts{0}, terms;
  std::vector<float> weights;
  for (std::uint32_t id = 0; id < 3000; ++id) {
    const VectorsWorld::Row row = world.row(2000, id % 100 == 0 ? 3000 : 10);
    for (const auto& [term, weight] : row) {
      terms.push_back(term);
      weights.push_back(weight);
      world.factors.emplace(term, 1.0);
    }
    ids.push_back(id * 3);
    starts.push_back(static_cast<std::uint32_t>(terms.size()));
    world.rows[id * 3] = row;
  }
  CHECK(world.index->putMany(ids.data(), ids.size(), starts.data(), terms.data(), weights.data(), terms.size()) == Status::kOk);
  for (int i = 0; i < 8; ++i) world.compareAny(2000);
  world.check();
} END_TEST

TEST("what makes no sense is refused, and nothing lost") {
  VectorsWorld world(4);
  world.put(5, {{1, 1.0f}, {3, 2.0f}});
  const auto refused = [&](std::uint32_t id, const VectorsWorld::Row& row) {
    bool isNew = false;
    CHECK(world.index->put(id, world.give(row), world.scratch(), isNew) == Status::kInvalidArgument);
  };
  refused(5, {});
  refused(5, {{3, 1.0f}, {1, 1.0f}});
  refused(5, {{3, 1.0f}, {3, 1.0f}});
  refused(5, {{3, 0.0f}});
  refused(5, {{3, -1.0f}});
  refused(5, {{3, std::nanf("")}});
  refused(5, {{3, 1e10f}});
  refused(5, {{SparseVectors::kMaxTerm + 1, 1.0f}});
  refused(SparseVectors::kMaxId + 1, {{1, 1.0f}});
  const std::uint32_t ids[] = {7}, terms[] = {1, 1}, back[] = {1, 0}, past[] = {0, 3};
  const float weights[] = {1, 1};
  CHECK(world.index->putMany(ids, 1, back, terms, weights, 2) == Status::kInvalidArgument);
  CHECK(world.index->putMany(ids, 1, past, terms, weights, 2) == Status::kInvalidArgument);
  CHECK(world.index->setFactor(1, 0) == Status::kInvalidArgument);
  SparseVectors::Wanted wanted;
  std::uint32_t found = 0;
  CHECK(world.index->nearest(0, wanted, world.scratch(), found) == Status::kInvalidArgument);
  wanted.limit = SparseVectors::kMaxLimit + 1;
  CHECK(world.index->nearest(0, wanted, world.scratch(), found) == Status::kInvalidArgument);
  CHECK(world.index->similarity(5, 6) < 0 && world.index->similarity(SparseVectors::kMaxId, 5) < 0);
  world.check();
  world.index->close();
  CHECK_EQUAL(world.index->rows(), 0u);
} END_TEST

CHECK_MAIN
