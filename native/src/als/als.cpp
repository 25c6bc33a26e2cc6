// The facade: guards, and what takes no long time.
#include "easy11/als.hpp"

#include <cmath>

#include "../common/guarded.hpp"
#include "queries.hpp"

namespace easy11 {
Als::Als() : state_(std::make_shared<als::State>()) {}

std::shared_ptr<Als> Als::create() noexcept {
  try {
    return std::shared_ptr<Als>(new Als());
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

Status Als::append(const std::uint32_t* users, const std::uint32_t* items, const float* weights, std::size_t count) noexcept {
  return guarded([&] {
    if (!state_) return Status::kInternal;
    als::Entries& pending = state_->pending;
    pending.rows.insert(pending.rows.end(), users, users + count);
    pending.columns.insert(pending.columns.end(), items, items + count);
    pending.weights.insert(pending.weights.end(), weights, weights + count);
    return Status::kOk;
  });
}

Status Als::setRows(Side side, std::uint32_t from, std::size_t count, const float* values) noexcept {
  if (!state_) return Status::kInternal;
  als::Factors& table = side == Side::kUsers ? state_->x : state_->y;
  if (from > table.rows() || count > table.rows() - from) return Status::kInvalidArgument;
  const std::size_t factors = state_->settings.factors;
  for (std::size_t i = 0; i < count; ++i) std::memcpy(table.row(from + i), values + i * factors, factors * sizeof(float));
  return Status::kOk;
}

Status Als::rows(Side side, std::uint32_t from, std::size_t count, float* out) const noexcept {
  if (!state_) return Status::kInternal;
  const als::Factors& table = side == Side::kUsers ? state_->x : state_->y;
  if (from > table.rows() || count > table.rows() - from) return Status::kInvalidArgument;
  const std::size_t factors = state_->settings.factors;
  for (std::size_t i = 0; i < count; ++i) std::memcpy(out + i * factors, table.row(from + i), factors * sizeof(float));
  return Status::kOk;
}

Status Als::bases(float* out) const noexcept {
  if (!state_ || !state_->finished) return Status::kInternal;
  const std::size_t factors = state_->settings.factors, stride = state_->stride();
  std::memcpy(out, state_->itemBase.data(), factors * sizeof(float));
  for (std::size_t i = 0; i < factors; ++i)
    std::memcpy(out + (i + 1) * factors, state_->userGram.data() + i * stride, factors * sizeof(float));
  return Status::kOk;
}

std::size_t Als::historySize(std::uint32_t user) const noexcept {
  if (!state_) return 0;
  if (const auto* const given = state_->given(user)) return given->items.size();
  return user < state_->byUser.rows() ? state_->byUser.size(user) : 0;
}

void Als::history(std::uint32_t user, std::uint32_t* items, float* weights) const noexcept {
  const std::size_t count = historySize(user);
  if (count == 0) return;
  const auto* const given = state_->given(user);
  const std::uint64_t start = given ? 0 : state_->byUser.starts[user];
  std::memcpy(items, (given ? given->items.data() : state_->byUser.columns.data()) + start, count * sizeof *items);
  std::memcpy(weights, (given ? given->weights.data() : state_->byUser.weights.data()) + start, count * sizeof *weights);
}

Status Als::foldIn(const std::uint32_t* items, const float* weights, std::size_t count, float* out) noexcept {
  return guarded([&] {
    return state_ && state_->finished ? als::foldIn(*state_, items, weights, count, out) : Status::kInternal;
  });
}

std::int32_t Als::top(const float* vector, std::uint32_t limit, const std::uint32_t* excluded, std::size_t excludedCount,
                      std::uint32_t* items, float* scores) noexcept {
  std::int32_t found = -1;
  guarded([&] {
    if (!state_ || !state_->finished) return Status::kInternal;
    als::State& state = *state_;
    als::TopScratch& scratch = state.topScratch;
    scratch.begin(state.items);
    for (std::size_t i = 0; i < excludedCount; ++i) scratch.exclude(excluded[i]);
    state.scratch.reserve(state.stride());
    float* const x = state.scratch.floats.data();
    std::memset(x, 0, state.stride() * sizeof(float));
    std::memcpy(x, vector, state.settings.factors * sizeof(float));
    const std::vector<als::Scored>& best = state.index.search(state.y, x, limit, scratch);
    for (std::size_t i = 0; i < best.size(); ++i) {
      items[i] = best[i].item;
      scores[i] = best[i].score;
    }
    found = static_cast<std::int32_t>(best.size());
    return Status::kOk;
  });
  return found;
}

Status Als::explain(const std::uint32_t* items, const float* weights, std::size_t count, std::uint32_t item, float* parts,
                    double& score) noexcept {
  return guarded([&] {
    return state_ && state_->finished ? als::explain(*state_, items, weights, count, item, parts, score) : Status::kInternal;
  });
}

Status Als::updateUser(std::uint32_t user, const std::uint32_t* items, const float* weights, std::size_t count) noexcept {
  return guarded([&] {
    if (!state_ || !state_->finished || user > state_->users) return Status::kInternal;
    als::State& state = *state_;
    als::History history;
    history.items.assign(items, items + count);
    history.weights.assign(weights, weights + count);
    history.given = true;
    std::vector<float> x(state.stride());
    const Status status = als::foldIn(state, items, weights, count, x.data());
    if (status != Status::kOk) return status;
    if (state.histories.size() <= user) state.histories.resize(user + 1 + user / 8);
    if (user == state.users) {
      state.x.append();
      ++state.users;
    }
    std::memcpy(state.x.row(user), x.data(), state.stride() * sizeof(float));
    state.histories[user] = std::move(history);
    return Status::kOk;
  });
}

Status Als::updateItem(std::uint32_t item, const std::uint32_t* users, const float* weights, std::size_t count) noexcept {
  return guarded([&] {
    if (!state_ || !state_->finished || item > state_->items) return Status::kInternal;
    als::State& state = *state_;
    std::vector<float> y(state.stride());
    const Status status = als::solveItem(state, users, weights, count, y.data());
    if (status != Status::kOk) return status;
    state.index.loosen(item);
    if (item == state.items) {
      state.y.append();
      ++state.items;
    }
    std::memcpy(state.y.row(item), y.data(), state.stride() * sizeof(float));
    return Status::kOk;
  });
}

AlsStats Als::stats() const noexcept {
  AlsStats stats;
  if (!state_) return stats;
  stats.users = state_->users;
  stats.items = state_->items;
  stats.entries = state_->byUser.columns.size();
  for (std::size_t u = 0; u < state_->histories.size(); ++u)
    if (state_->histories[u].given) {
      if (u < state_->byUser.rows()) stats.entries -= state_->byUser.size(u);
      stats.entries += state_->histories[u].items.size();
    }
  stats.bytes = bytes();
  return stats;
}

std::uint32_t Als::factors() const noexcept { return state_ ? state_->settings.factors : 0; }

std::uint64_t Als::bytes() const noexcept { return state_ ? state_->bytes() : 0; }

void Als::close() noexcept { state_.reset(); }

}  // namespace easy11
