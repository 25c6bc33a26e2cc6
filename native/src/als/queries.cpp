// What is asked of a finished model on its owner's thread.
#include <cmath>

#include "../common/guarded.hpp"
#include "state.hpp"

namespace easy11::als {
namespace {

const std::atomic<bool> kNever{false};

double traceOf(const std::vector<float>& base) noexcept {
  double sum = 0;
  for (const float value : base) sum += value;
  return sum;
}

// upper += Σ w y yᵀ over a history, through rows scaled by √w.
void addRows(const Factors& table, const std::uint32_t* rows, const float* weights, std::size_t count, float* upper, float* scaled) {
  const std::size_t stride = table.stride();
  for (std::size_t from = 0; from < count; from += kPrimalRows) {
    const std::size_t piece = std::min(kPrimalRows, count - from);
    for (std::size_t i = 0; i < piece; ++i) {
      const float by = std::sqrt(weights[from + i]);
      const float* const y = table.row(rows[from + i]);
      for (std::size_t k = 0; k < stride; ++k) scaled[i * stride + k] = by * y[k];
    }
    kernels().gram(scaled, piece, stride, upper);
  }
}

}  // namespace

Status foldIn(State& state, const std::uint32_t* items, const float* weights, std::size_t count, float* out) {
  const std::size_t stride = state.stride();
  state.scratch.reserve(solverFloats(state.settings, count) + stride);
  float* const x = state.scratch.floats.data();
  if (count == 0) {
    std::memset(out, 0, state.settings.factors * sizeof(float));
    return Status::kOk;
  }
  const RowProblem problem = {state.y.row(0), stride, items, weights, count, state.itemBase.data(),
                              state.lambda(count, state.items, traceOf(state.itemBase)), &kNever};
  solveRow(state.settings, true, problem, x, x + stride);
  std::memcpy(out, x, state.settings.factors * sizeof(float));
  return Status::kOk;
}

Status explain(State& state, const std::uint32_t* items, const float* weights, std::size_t count, std::uint32_t item,
               float* parts, double& score) {
  const std::size_t stride = state.stride();
  state.scratch.reserve(primalScratch(stride) + stride);
  float *const x = state.scratch.floats.data(), *const upper = x + stride;
  std::memset(upper, 0, stride * stride * sizeof(float));
  const float lambda = state.lambda(count, state.items, traceOf(state.itemBase));
  for (std::size_t k = 0; k < stride; ++k) upper[k * stride + k] = state.itemBase[k] + lambda;
  addRows(state.y, items, weights, count, upper, upper + stride * stride);
  std::memcpy(x, state.y.row(item), stride * sizeof(float));
  if (!kernels().cholesky(upper, stride, stride)) return Status::kInternal;
  kernels().substitute(upper, stride, stride, x);
  score = 0;
  for (std::size_t i = 0; i < count; ++i) {
    parts[i] = weights[i] * kernels().dot(x, state.y.row(items[i]), stride);
    score += parts[i];
  }
  return Status::kOk;
}

Status solveItem(State& state, const std::uint32_t* users, const float* weights, std::size_t count, float* out) {
  const std::size_t stride = state.stride();
  std::memset(out, 0, stride * sizeof(float));
  if (count == 0) return Status::kOk;
  state.scratch.reserve(primalScratch(stride));
  float* const upper = state.scratch.floats.data();
  const float unobserved = static_cast<float>(state.settings.unobservedWeight);
  double trace = 0;
  for (std::size_t k = 0; k < stride; ++k) trace += unobserved * state.userGram[k * stride + k];
  const float lambda = state.lambda(count, state.users, trace);
  for (std::size_t k = 0; k < stride * stride; ++k) upper[k] = unobserved * state.userGram[k];
  for (std::size_t k = 0; k < stride; ++k) upper[k * stride + k] += lambda;
  addRows(state.x, users, weights, count, upper, upper + stride * stride);
  for (std::size_t i = 0; i < count; ++i) {
    const float* const x = state.x.row(users[i]);
    for (std::size_t k = 0; k < stride; ++k) out[k] += weights[i] * x[k];
  }
  if (!kernels().cholesky(upper, stride, stride)) return Status::kInternal;
  kernels().substitute(upper, stride, stride, out);
  return Status::kOk;
}

std::unique_ptr<RankScratch> RankScratches::take() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!idle_.empty()) {
      auto scratch = std::move(idle_.back());
      idle_.pop_back();
      return scratch;
    }
    idle_.reserve(kMost);
  }
  return std::make_unique<RankScratch>();
}

void RankScratches::giveBack(std::unique_ptr<RankScratch> scratch) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (idle_.size() < kMost) idle_.push_back(std::move(scratch));
}

std::uint64_t RankScratches::bytes() const noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::uint64_t sum = 0;
  for (const auto& scratch : idle_) sum += scratch->top.marks.capacity() * 4 + scratch->floats.size() * 4;
  return sum;
}

std::uint64_t State::bytes() const noexcept {
  std::uint64_t sum = byUser.bytes() + byItem.bytes() + x.bytes() + y.bytes() + index.bytes() +
                      (pending.rows.capacity() + pending.columns.capacity() + pending.weights.capacity()) * 4 +
                      (userOrder.capacity() + itemOrder.capacity() + userGram.capacity()) * 4 + topScratch.marks.capacity() * 4 +
                      scratch.floats.size() * 4 + rankScratches.bytes() + histories.capacity() * sizeof(History);
  for (const History& history : histories) sum += history.items.capacity() * 8;
  if (adopted)
    for (const History& history : adopted->given) sum += history.items.capacity() * 8;
  return sum;
}

}  // namespace easy11::als
