// Matrix factorisation: exact rows against Gaussian elimination, top k against a scan, any number of threads, cancellation.
#include <chrono>
#include <cmath>
#include <thread>

#include "../src/als/queries.hpp"
#include "check.hpp"
#include "easy11/als.hpp"

using easy11::Als;
using easy11::AlsSettings;
using easy11::FinishMode;
using easy11::Side;
using easy11::Status;

namespace {

Status finish(std::unique_ptr<easy11::Task> task) {
  const std::atomic<bool> never{false};
  return task ? task->finish(task->run(never, nullptr, nullptr)) : Status::kInternal;
}

std::shared_ptr<Als> filled(std::uint64_t seed, std::uint32_t users, std::uint32_t items, std::uint32_t entries) {
  auto model = Als::create();
  check::Random random(seed);
  for (std::uint32_t e = 0; e < entries; ++e) {
    const std::uint32_t user = random.below(users), item = random.below(1 + random.below(items));
    const float weight = static_cast<float>(1 + random.below(3));
    CHECK(model->append(&user, &item, &weight, 1) == Status::kOk);
  }
  CHECK(finish(model->build(users, items)) == Status::kOk);
  return model;
}

std::shared_ptr<Als> trained(const AlsSettings& settings, std::uint32_t iterations) {
  auto model = filled(3, 400, 300, 9000);
  CHECK(finish(model->configure(settings)) == Status::kOk);
  CHECK(finish(model->train(iterations, true)) == Status::kOk);
  CHECK(finish(model->finish(FinishMode::kSolve)) == Status::kOk);
  return model;
}

AlsSettings settingsOf(std::uint32_t factors, bool exact, std::uint32_t threads) {
  AlsSettings settings;
  settings.factors = factors;
  settings.exact = exact;
  settings.threads = threads;
  return settings;
}

std::vector<float> allRows(const Als& model, Side side, std::uint32_t rows, std::uint32_t factors) {
  std::vector<float> out(static_cast<std::size_t>(rows) * factors);
  CHECK(model.rows(side, 0, rows, out.data()) == Status::kOk);
  return out;
}

}  // namespace

TEST("the loss falls in every iteration, and exact and fast end near each other") {
  double last[2] = {0, 0};
  for (const bool exact : {false, true}) {
    const auto model = trained(settingsOf(24, exact, 2), 8);
    const std::vector<double>& losses = model->losses();
    CHECK_EQUAL(losses.size(), 8u);
    for (std::size_t i = 1; i < losses.size(); ++i) CHECK(losses[i] < losses[i - 1] * (1 + 1e-6));
    last[exact ? 1 : 0] = losses.back();
  }
  CHECK(std::abs(last[0] / last[1] - 1) < 0.02);
} END_TEST

TEST("factors are the same to the bit for 1, 2 and 4 threads") {
  for (const bool exact : {false, true}) {
    const auto one = allRows(*trained(settingsOf(20, exact, 1), 3), Side::kItems, 300, 20);
    for (const std::uint32_t threads : {2u, 4u})
      CHECK(allRows(*trained(settingsOf(20, exact, threads), 3), Side::kItems, 300, 20) == one);
  }
} END_TEST

TEST("a model that goes on from another has the bits of one that is given all of it, for any number of threads") {
  constexpr std::uint32_t kUsers = 400, kItems = 300, kFactors = 20;
  const auto old = trained(settingsOf(kFactors, false, 2), 3);
  const std::uint32_t given[] = {40, 3, 17};
  const float givenWeights[] = {1, 2, 4};
  CHECK(old->updateUser(5, given, givenWeights, 3) == Status::kOk);
  CHECK(old->updateUser(kUsers, given, givenWeights, 3) == Status::kOk);
  // New pairs, known pairs, a new user and a new item.
  const std::uint32_t users[] = {7, 5, 5, kUsers + 1, 9, 9}, items[] = {2, 3, 4, kItems, 100, 100};
  const float weights[] = {1, 8, 1, 1, 2, 3};
  const auto finished = [&](Als& model) {
    CHECK(finish(model.train(1, false, Side::kItems)) == Status::kOk);
    CHECK(finish(model.finish(FinishMode::kSolve)) == Status::kOk);
    auto out = allRows(model, Side::kUsers, kUsers + 2, kFactors);
    const auto more = allRows(model, Side::kItems, kItems + 1, kFactors);
    out.insert(out.end(), more.begin(), more.end());
    return out;
  };
  const auto whole = Als::create();
  for (std::uint32_t user = 0; user <= kUsers; ++user) {
    std::vector<std::uint32_t> own(old->historySize(user)), whose(own.size(), user);
    std::vector<float> its(own.size());
    old->history(user, own.data(), its.data());
    CHECK(whole->append(whose.data(), own.data(), its.data(), own.size()) == Status::kOk);
  }
  CHECK(whole->append(users, items, weights, 6) == Status::kOk);
  CHECK(finish(whole->build(kUsers + 2, kItems + 1)) == Status::kOk);
  CHECK(finish(whole->configure(settingsOf(kFactors, false, 2))) == Status::kOk);
  const auto x = allRows(*old, Side::kUsers, kUsers + 1, kFactors), y = allRows(*old, Side::kItems, kItems, kFactors);
  const std::vector<float> zeros(kFactors);
  CHECK(whole->setRows(Side::kUsers, 0, kUsers + 1, x.data()) == Status::kOk);
  CHECK(whole->setRows(Side::kItems, 0, kItems, y.data()) == Status::kOk);
  CHECK(whole->setRows(Side::kItems, kItems, 1, zeros.data()) == Status::kOk);
  const auto expected = finished(*whole);
  for (const std::uint32_t threads : {1u, 2u, 4u}) {
    const auto next = Als::create();
    CHECK(finish(next->adopt(*old, kUsers + 1, kItems)) == Status::kOk);
    CHECK(next->append(users, items, weights, 6) == Status::kOk);
    CHECK(finish(next->build(kUsers + 2, kItems + 1)) == Status::kOk);
    CHECK(finish(next->configure(settingsOf(kFactors, false, threads))) == Status::kOk);
    CHECK(finished(*next) == expected);
    CHECK_EQUAL(next->stats().entries, whole->stats().entries);
  }
} END_TEST

TEST("a model goes on from one that is closed or updated while it is built, and from none that is not finished") {
  const auto old = trained(settingsOf(20, false, 2), 1);
  const auto next = Als::create();
  CHECK(finish(next->adopt(*old, 400, 301)) == Status::kInvalidArgument);
  CHECK(finish(Als::create()->adopt(*filled(3, 400, 300, 9000), 400, 300)) == Status::kInvalidArgument);
  CHECK(finish(next->adopt(*old, 400, 300)) == Status::kOk);
  const std::uint64_t entries = old->stats().entries;
  const std::uint32_t item = 1;
  const float weight = 1;
  auto task = next->build(400, 300);
  Status status = Status::kInternal;
  const std::atomic<bool> never{false};
  std::thread thread([&] { status = task->run(never, nullptr, nullptr); });
  for (std::uint32_t user = 0; user < 400; ++user) CHECK(old->updateUser(user, &item, &weight, 1) == Status::kOk);
  old->close();
  thread.join();
  CHECK(task->finish(status) == Status::kOk);
  CHECK(finish(next->configure(settingsOf(24, false, 2))) == Status::kInvalidArgument);
  CHECK(finish(next->configure(settingsOf(20, false, 2))) == Status::kOk);
  CHECK_EQUAL(next->stats().entries, entries);
} END_TEST

TEST("top k is what scoring every item gives, before and after items change") {
  for (const std::uint32_t factors : {1u, 16u, 40u, 100u}) {
    const auto model = trained(settingsOf(factors, false, 2), 2);
    check::Random random(factors);
    std::uint32_t items = 300;
    for (int round = 0; round < 40; ++round) {
      std::vector<float> x(factors);
      CHECK(model->rows(Side::kUsers, random.below(400), 1, x.data()) == Status::kOk);
      if (round == 20) {
        const std::uint32_t users[] = {1, 5, 9};
        const float weights[] = {1, 1, 3};
        CHECK(model->updateItem(items, users, weights, 3) == Status::kOk);
        CHECK(model->updateItem(7, users, weights, 3) == Status::kOk);
        CHECK(model->updateItem(7, users, weights, 2) == Status::kOk);
        ++items;
      }
      const std::uint32_t limit = 1 + random.below(30);
      const std::vector<std::uint32_t> excluded = {random.below(300), random.below(300), 7 + random.below(3)};
      std::vector<std::uint32_t> found(limit), every(items);
      std::vector<float> scores(limit), allScores(items);
      const std::int32_t count = model->top(x.data(), limit, excluded.data(), excluded.size(), found.data(), scores.data());
      // Everything, which leaves nothing to prune, is the scan.
      const std::int32_t all = model->top(x.data(), items, excluded.data(), excluded.size(), every.data(), allScores.data());
      CHECK(count == static_cast<std::int32_t>(limit) && all <= static_cast<std::int32_t>(items));
      for (std::int32_t i = 0; i < count; ++i) CHECK(found[i] == every[i] && scores[i] == allScores[i]);
      for (std::int32_t i = 1; i < all; ++i) CHECK(allScores[i] <= allScores[i - 1]);
    }
  }
} END_TEST

TEST("top k is what scoring every item gives for the smallest numbers there are") {
  const auto model = trained(settingsOf(16, false, 2), 2);
  check::Random random(149);
  for (int round = 0; round < 200; ++round) {
    std::vector<float> x(16), scores(10), allScores(300);
    // Multiples of the smallest float: a scale made of them is far from exact.
    for (float& value : x) value = std::ldexp(static_cast<float>(random.below(2 + round)) - round / 2, -149);
    std::vector<std::uint32_t> found(10), every(300);
    CHECK_EQUAL(model->top(x.data(), 10, nullptr, 0, found.data(), scores.data()), 10);
    CHECK_EQUAL(model->top(x.data(), 300, nullptr, 0, every.data(), allScores.data()), 300);
    for (std::size_t i = 0; i < 10; ++i) CHECK(found[i] == every[i] && scores[i] == allScores[i]);
  }
} END_TEST

TEST("the dual and the primal system give one solution") {
  easy11::als::Factors table(200, 48);
  check::Random random(5);
  for (std::size_t i = 0; i < 200; ++i)
    for (std::size_t k = 0; k < 40; ++k) table.row(i)[k] = static_cast<float>(random.below(2001)) / 1000 - 1;
  std::vector<float> base(48);
  for (std::size_t k = 0; k < 40; ++k) base[k] = static_cast<float>(40 - k);
  const std::atomic<bool> never{false};
  easy11::als::Floats scratch(easy11::als::dualScratch(200, 48) + easy11::als::primalScratch(48));
  for (std::size_t n = 1; n <= 120; n += n < 20 ? 1 : 13) {
    std::vector<std::uint32_t> columns(n);
    std::vector<float> weights(n), dual(48), primal(48), steps(48);
    for (std::size_t i = 0; i < n; ++i) {
      columns[i] = static_cast<std::uint32_t>((i * 37) % 200);
      weights[i] = static_cast<float>(1 + i % 4);
    }
    const easy11::als::RowProblem problem = {table.row(0), 48, columns.data(), weights.data(), n, base.data(), 0.5f, &never};
    CHECK(easy11::als::kernels().dual(problem, dual.data(), scratch.data()));
    CHECK(easy11::als::kernels().primal(problem, primal.data(), scratch.data()));
    easy11::als::kernels().conjugate(problem, 60, steps.data(), scratch.data());
    for (std::size_t k = 0; k < 48; ++k) {
      CHECK(std::abs(dual[k] - primal[k]) < 2e-5f);
      CHECK(std::abs(steps[k] - primal[k]) < 1e-4f);
    }
  }
} END_TEST

TEST("training that is cancelled ends soon, at any moment") {
  for (int attempt = 0; attempt < 6; ++attempt) {
    auto model = filled(9, 2000, 1500, 60000);
    CHECK(finish(model->configure(settingsOf(96, attempt % 2 == 0, 2))) == Status::kOk);
    auto task = model->train(100000, false);
    std::atomic<bool> cancel{false};
    Status status = Status::kOk;
    std::thread thread([&] { status = task->run(cancel, nullptr, nullptr); });
    std::this_thread::sleep_for(std::chrono::milliseconds(15 * attempt));
    cancel = true;
    thread.join();
    CHECK(task->finish(status) == Status::kCancelled);
    model->close();
    CHECK_EQUAL(model->stats().items, 0u);
  }
} END_TEST

TEST("ranking on threads goes on while the owner asks, and outlives a close") {
  const auto model = trained(settingsOf(32, false, 2), 2);
  std::vector<std::uint32_t> users(400);
  for (std::uint32_t u = 0; u < 400; ++u) users[u] = u;
  auto out = std::make_shared<easy11::Ranking>();
  auto task = model->rank(users, 10, true, {true, {}}, out);
  const std::atomic<bool> never{false};
  Status status = Status::kInternal;
  std::thread thread([&] { status = task->run(never, nullptr, nullptr); });
  std::vector<float> x(32), scores(10);
  std::vector<std::uint32_t> items(10);
  for (int i = 0; i < 200; ++i) {
    CHECK(model->rows(Side::kUsers, static_cast<std::uint32_t>(i), 1, x.data()) == Status::kOk);
    CHECK(model->top(x.data(), 10, nullptr, 0, items.data(), scores.data()) == 10);
  }
  model->close();
  thread.join();
  CHECK(task->finish(status) == Status::kOk);
  CHECK_EQUAL(out->items.size(), 4000u);
} END_TEST

CHECK_MAIN
