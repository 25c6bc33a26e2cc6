// Long work: building, training, finishing, ranking.
#include <algorithm>
#include <cmath>

#include "../common/guarded.hpp"
#include "../common/mapped_file.hpp"
#include "extend.hpp"
#include "model_file.hpp"
#include "parallel.hpp"
#include "queries.hpp"

namespace easy11 {
namespace als {
namespace {

// A task around a function (state, control) → Status; `after` runs on the owner's thread.
template <class Body, class After>
class StateTask final : public Task {
 public:
  StateTask(std::shared_ptr<State> state, Body body, After after)
      : state_(std::move(state)), body_(std::move(body)), after_(std::move(after)) {}
  Status run(const std::atomic<bool>& cancel, Progress progress, void* context) noexcept override {
    const JobControl control{cancel, progress, context};
    return guarded([&] { return control.cancelled() ? Status::kCancelled : body_(*state_, control); });
  }
  Status finish(Status status) noexcept override {
    return guarded([&] {
      after_(*state_);
      return status;
    });
  }

 private:
  std::shared_ptr<State> state_;
  Body body_;
  After after_;
};

template <class Body, class After>
std::unique_ptr<Task> makeTask(const std::shared_ptr<State>& state, Body body, After after) noexcept {
  try {
    if (state) return std::make_unique<StateTask<Body, After>>(state, std::move(body), std::move(after));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  return nullptr;
}

constexpr auto kNothing = [](State&) {};

void put(const std::vector<Scored>& best, std::uint32_t limit, std::size_t query, Ranking& out) {
  for (std::size_t i = 0; i < best.size() && i < limit; ++i) {
    out.items[query * limit + i] = best[i].item;
    out.scores[query * limit + i] = best[i].score;
  }
}

constexpr std::size_t kPiece = 16;

// A scratch for each thread that ranks `queries`, given back at the end.
class Workers {
 public:
  Workers(const State& state, std::size_t queries, std::size_t longest) : home_(state.rankScratches) {
    const std::size_t count = std::min<std::size_t>(state.settings.threads, (queries + kPiece - 1) / kPiece);
    const std::size_t floats = solverFloats(state.settings, longest) + state.stride();
    own_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      own_.push_back(home_.take());
      if (own_[i]->floats.size() < floats) own_[i]->floats = Floats(floats);
    }
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() {
    for (auto& one : own_) home_.giveBack(std::move(one));
  }
  RankScratch& operator[](std::size_t i) noexcept { return *own_[i]; }

 private:
  RankScratches& home_;
  std::vector<std::unique_ptr<RankScratch>> own_;
};

const std::atomic<bool> kNever{false};

// One query of a ranking: the vector (folded in unless it is given), then the best items.
void rankOne(const State& state, const std::uint32_t* items, const float* weights, std::size_t count, const float* vector,
             const Exclusion& exclusion, std::uint32_t limit, std::size_t query, RankScratch& worker, Ranking& out) {
  const std::size_t stride = state.stride();
  float* const x = worker.floats.data();
  if (vector == nullptr) {
    std::memset(x, 0, stride * sizeof(float));
    double trace = 0;
    for (const float value : state.itemBase) trace += value;
    const RowProblem problem = {state.y.row(0), stride, items, weights, count, state.itemBase.data(),
                                state.lambda(count, state.items, trace), &kNever};
    if (count > 0) solveRow(state.settings, true, problem, x, x + stride);
    vector = x;
  }
  worker.top.begin(state.items);
  for (std::size_t i = 0; exclusion.history && i < count; ++i) worker.top.exclude(items[i]);
  for (const std::uint32_t item : exclusion.items) worker.top.exclude(item);
  put(state.index.search(state.y, vector, limit, worker.top), limit, query, out);
}

bool areItems(const State& state, const std::vector<std::uint32_t>& items) noexcept {
  return std::all_of(items.begin(), items.end(), [&](std::uint32_t item) { return item < state.items; });
}

void reserve(Ranking& out, std::size_t results) {
  out.items.assign(results, kNoItem);
  out.scores.assign(results, 0.0f);
}

Status similarRows(const State& state, Side side, std::uint32_t row, std::uint32_t limit, const JobControl& control, Ranking& out) {
  const Factors& table = side == Side::kUsers ? state.x : state.y;
  if (row >= table.rows()) return Status::kInvalidArgument;
  reserve(out, limit);
  std::vector<Best> workers(state.settings.threads);
  for (Best& worker : workers) worker.reset(limit);
  const float* const x = table.row(row);
  const auto norm = [&](const float* y) { return std::sqrt(kernels().dot(y, y, table.stride())); };
  const float own = norm(x);
  constexpr std::size_t kRows = 1024;
  const bool done = own == 0 || parallel(state.settings.threads, table.rows(), kRows, control,
                                         [&](std::size_t worker, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      const float other = norm(table.row(i));
      if (i == row || other == 0) continue;
      workers[worker].offer({kernels().dot(x, table.row(i), table.stride()) / (own * other), static_cast<std::uint32_t>(i)});
    }
  });
  if (!done) return Status::kCancelled;
  Best all;
  all.reset(limit);
  for (Best& worker : workers)
    for (const Scored& one : worker.sorted()) all.offer(one);
  put(all.sorted(), limit, 0, out);
  return Status::kOk;
}

}  // namespace
}  // namespace als

std::unique_ptr<Task> Als::adopt(const Als& other, std::uint32_t users, std::uint32_t items) noexcept {
  if (!other.state_) return nullptr;
  return als::makeTask(
      state_,
      [from = std::shared_ptr<const als::State>(other.state_), users, items](als::State& state, const JobControl& control) {
        return als::adopt(state, from, users, items, control);
      },
      als::kNothing);
}

std::unique_ptr<Task> Als::build(std::uint32_t users, std::uint32_t items) noexcept {
  return als::makeTask(
      state_,
      [users, items](als::State& state, const JobControl& control) {
        state.users = users;
        state.items = items;
        const std::uint64_t total = state.pending.rows.size();
        Status status = als::compress(state.pending, users, items, control, state.byUser);
        if (status == Status::kOk && state.adopted) status = als::putTogether(state, control);
        if (status == Status::kOk) control.report(total, total);
        return status;
      },
      als::kNothing);
}

std::unique_ptr<Task> Als::configure(const AlsSettings& settings) noexcept {
  losses_.clear();
  return als::makeTask(
      state_,
      [settings](als::State& state, const JobControl& control) { return als::configure(state, settings, control); },
      als::kNothing);
}

std::unique_ptr<Task> Als::train(std::uint32_t iterations, bool withLoss, Side first) noexcept {
  return als::makeTask(
      state_,
      [iterations, withLoss, first](als::State& state, const JobControl& control) {
        return als::train(state, iterations, withLoss, first, control);
      },
      // The facade outlives its tasks' ends: both belong to the owner's thread.
      [this](als::State& state) { losses_ = state.losses; });
}

std::unique_ptr<Task> Als::finish(FinishMode mode) noexcept {
  return als::makeTask(
      state_, [mode](als::State& state, const JobControl& control) { return als::finish(state, mode, control); },
      als::kNothing);
}

std::unique_ptr<Task> Als::open(std::string path, std::vector<std::uint32_t> header, const AlsSettings& settings) noexcept {
  return als::makeTask(
      state_,
      [path = std::move(path), header = std::move(header), settings](als::State& state, const JobControl& control) {
        if (settings.threads == 0) return Status::kInvalidArgument;
        const auto file = std::make_shared<MappedFile>();
        const Status status = file->open(path);
        if (status != Status::kOk) return status;
        // Another file may have taken the name since the caller read its header.
        const std::size_t bytes = header.size() * sizeof header[0];
        if (file->size() < bytes || std::memcmp(file->data(), header.data(), bytes) != 0) return Status::kCorrupt;
        state.settings = settings;
        return als::openModel(state, file->data(), file->size(), file, control);
      },
      als::kNothing);
}

std::unique_ptr<Task> Als::rank(std::vector<std::uint32_t> users, std::uint32_t limit, bool fresh, Exclusion exclusion,
                                std::shared_ptr<Ranking> out) noexcept {
  return als::makeTask(
      state_,
      [users = std::move(users), limit, fresh, exclusion = std::move(exclusion), out](als::State& state, const JobControl& control) {
        if (!state.finished) return Status::kInternal;
        if (!als::areItems(state, exclusion.items)) return Status::kInvalidArgument;
        als::reserve(*out, users.size() * limit);
        std::size_t longest = 0;
        for (const std::uint32_t user : users) {
          if (user >= state.users) return Status::kInvalidArgument;
          const auto* const given = state.given(user);
          longest = std::max(longest, given ? given->items.size() : user < state.byUser.rows() ? state.byUser.size(user) : 0);
        }
        als::Workers workers(state, users.size(), longest);
        const bool done = als::parallel(state.settings.threads, users.size(), als::kPiece, control,
                                        [&](std::size_t worker, std::size_t from, std::size_t to) {
          for (std::size_t q = from; q < to && !control.cancelled(); ++q) {
            const std::uint32_t user = users[q];
            const auto* const given = state.given(user);
            const bool old = given == nullptr && user < state.byUser.rows();
            const std::uint64_t start = old ? state.byUser.starts[user] : 0;
            const std::size_t count = given ? given->items.size() : old ? state.byUser.size(user) : 0;
            als::rankOne(state, (given ? given->items.data() : state.byUser.columns.data()) + start,
                         (given ? given->weights.data() : state.byUser.weights.data()) + start, count,
                         fresh ? nullptr : state.x.row(user), exclusion, limit, q, workers[worker], *out);
          }
        });
        return done ? Status::kOk : Status::kCancelled;
      },
      als::kNothing);
}

std::unique_ptr<Task> Als::rankHistories(std::vector<std::uint32_t> starts, std::vector<std::uint32_t> items,
                                         std::vector<float> weights, std::uint32_t limit, Exclusion exclusion,
                                         std::shared_ptr<Ranking> out) noexcept {
  return als::makeTask(
      state_,
      [starts = std::move(starts), items = std::move(items), weights = std::move(weights), limit,
       exclusion = std::move(exclusion), out](als::State& state, const JobControl& control) {
        if (!state.finished || starts.empty()) return Status::kInternal;
        if (!als::areItems(state, exclusion.items)) return Status::kInvalidArgument;
        const std::size_t lists = starts.size() - 1;
        als::reserve(*out, lists * limit);
        std::size_t longest = 0;
        for (std::size_t l = 0; l < lists; ++l) longest = std::max<std::size_t>(longest, starts[l + 1] - starts[l]);
        als::Workers workers(state, lists, longest);
        const bool done = als::parallel(state.settings.threads, lists, als::kPiece, control,
                                        [&](std::size_t worker, std::size_t from, std::size_t to) {
          for (std::size_t l = from; l < to && !control.cancelled(); ++l)
            als::rankOne(state, items.data() + starts[l], weights.data() + starts[l], starts[l + 1] - starts[l], nullptr,
                         exclusion, limit, l, workers[worker], *out);
        });
        return done ? Status::kOk : Status::kCancelled;
      },
      als::kNothing);
}

std::unique_ptr<Task> Als::similar(Side side, std::uint32_t row, std::uint32_t limit, std::shared_ptr<Ranking> out) noexcept {
  return als::makeTask(
      state_,
      [side, row, limit, out](als::State& state, const JobControl& control) {
        return state.finished ? als::similarRows(state, side, row, limit, control, *out) : Status::kInternal;
      },
      als::kNothing);
}

}  // namespace easy11
