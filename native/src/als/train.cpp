// Training: half steps that solve one side's rows for the other's.
#include <cmath>

#include "parallel.hpp"
#include "state.hpp"

namespace easy11::als {
namespace {

constexpr std::size_t kSteps = 2;  // of conjugate gradient, in fast mode

struct Half {
  Factors& own;
  Factors& other;
  const Interactions& interactions;
  const std::vector<std::uint32_t>& order;
};

double sumOf(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += value;
  return sum;
}

// Solves the rows of `half.own` with `base` as the eigenvalues of α₀ times the other side's Gram matrix, in whose basis both are.
Status solveRows(const State& state, const Half& half, const std::vector<float>& base, bool exact, const JobControl& control) {
  const AlsSettings& settings = state.settings;
  const double trace = sumOf(base);
  const std::size_t others = half.other.rows();
  const std::size_t longest = half.order.empty() ? 0 : half.interactions.size(half.order[0]);
  std::vector<Floats> scratch(settings.threads);
  for (Floats& floats : scratch) floats = Floats(solverFloats(settings, longest));
  constexpr std::size_t kPiece = 16;
  const bool done = parallel(settings.threads, half.order.size(), kPiece, control,
                             [&](std::size_t worker, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to && !control.cancelled(); ++i) {
      const std::uint32_t row = half.order[i];
      const std::size_t n = half.interactions.size(row);
      float* const x = half.own.row(row);
      if (n == 0) {
        std::memset(x, 0, half.own.stride() * sizeof(float));
        continue;
      }
      const std::uint64_t start = half.interactions.starts[row];
      const RowProblem problem = {half.other.row(0), half.other.stride(), &half.interactions.columns[start],
                                  &half.interactions.weights[start], n, base.data(),
                                  state.lambda(n, others, trace), &control.cancel};
      solveRow(settings, exact, problem, x, scratch[worker].data());
    }
  });
  return done ? Status::kOk : Status::kCancelled;
}

Status halfStep(const State& state, const Half& half, const JobControl& control) {
  const AlsSettings& settings = state.settings;
  std::vector<double> gram;
  Status status = gramMatrix(half.other, settings.factors, settings.threads, control, gram);
  if (status != Status::kOk) return status;
  Basis basis;
  status = findBasis(gram, settings.factors, half.other.stride(), control, basis);
  if (status == Status::kOk) status = turnInto(basis, half.other, settings.threads, control);
  // An exact solution does not depend on where it starts from.
  if (status == Status::kOk && !settings.exact) status = turnInto(basis, half.own, settings.threads, control);
  if (status != Status::kOk) return status;
  for (float& value : basis.values) value *= static_cast<float>(settings.unobservedWeight);
  return solveRows(state, half, basis.values, settings.exact, control);
}

}  // namespace

float State::lambda(std::size_t n, std::size_t others, double trace) const noexcept {
  const double frequency = static_cast<double>(n) + settings.unobservedWeight * static_cast<double>(others);
  const double wanted = settings.regularization * std::pow(frequency, settings.nu);
  // Below this the system is not positive in single precision.
  return static_cast<float>(std::max({wanted, 1e-6 * trace / settings.factors, 1e-12}));
}

std::size_t dualLimit(const AlsSettings& settings) noexcept {
  // Where the two systems cost the same; short rows are cheaper exactly than by three passes of conjugate gradient.
  return settings.exact ? settings.factors : 12;
}

std::size_t solverFloats(const AlsSettings& settings, std::size_t longest) noexcept {
  const std::size_t stride = padded(settings.factors);
  const std::size_t dual = std::min<std::size_t>(longest, settings.factors);
  return std::max({dualScratch(dual, stride), longest > settings.factors ? primalScratch(stride) : 0, 5 * stride + 64});
}

void solveRow(const AlsSettings& settings, bool exact, const RowProblem& problem, float* x, float* scratch) noexcept {
  const Kernels& kernel = kernels();
  bool solved = true;
  if (problem.size <= (exact ? settings.factors : dualLimit(settings)))
    solved = kernel.dual(problem, x, scratch);
  else if (exact)
    solved = kernel.primal(problem, x, scratch);
  else
    kernel.conjugate(problem, kSteps, x, scratch);
  if (!solved) std::memset(x, 0, problem.stride * sizeof(float));
}

Status train(State& state, std::size_t iterations, bool withLoss, Side first, const JobControl& control) {
  Status status = Status::kOk;
  if (state.byItem.rows() != state.items) {
    status = transpose(state.byUser, state.items, control, state.byItem);
    if (status != Status::kOk) return status;
    state.userOrder = longestFirst(state.byUser);
    state.itemOrder = longestFirst(state.byItem);
  }
  for (std::size_t i = 0; i < iterations; ++i) {
    if (i > 0 || first == Side::kUsers) status = halfStep(state, {state.x, state.y, state.byUser, state.userOrder}, control);
    if (status != Status::kOk) return status;
    control.report(2 * i + 1, 2 * iterations);
    status = halfStep(state, {state.y, state.x, state.byItem, state.itemOrder}, control);
    if (status != Status::kOk) return status;
    if (withLoss) {
      double loss = 0;
      status = computeLoss(state, control, loss);
      if (status != Status::kOk) return status;
      state.losses.push_back(loss);
    }
    control.report(2 * i + 2, 2 * iterations);
  }
  return Status::kOk;
}

Status finish(State& state, FinishMode mode, const JobControl& control) {
  const AlsSettings& settings = state.settings;
  std::vector<double> gram;
  Status status = gramMatrix(state.y, settings.factors, settings.threads, control, gram);
  if (status != Status::kOk) return status;
  Basis basis;
  if (mode != FinishMode::kKeep) {
    status = findBasis(gram, settings.factors, state.stride(), control, basis);
    if (status == Status::kOk) status = turnInto(basis, state.y, settings.threads, control);
    if (status == Status::kOk) status = turnInto(basis, state.x, settings.threads, control);
    if (status == Status::kOk) status = gramMatrix(state.y, settings.factors, settings.threads, control, gram);
    if (status != Status::kOk) return status;
  }
  // From the table as it is: so that a model that was saved and loaded computes with the same numbers.
  state.itemBase.assign(state.stride(), 0.0f);
  for (std::size_t k = 0; k < settings.factors; ++k)
    state.itemBase[k] = static_cast<float>(settings.unobservedWeight * gram[k * settings.factors + k]);
  if (mode == FinishMode::kSolve) {
    if (state.userOrder.empty()) state.userOrder = longestFirst(state.byUser);
    status = solveRows(state, {state.x, state.y, state.byUser, state.userOrder}, state.itemBase, settings.exact, control);
    if (status != Status::kOk) return status;
  }
  status = gramMatrix(state.x, settings.factors, settings.threads, control, gram);
  if (status != Status::kOk) return status;
  state.userGram.assign(state.stride() * state.stride(), 0.0f);
  for (std::size_t i = 0; i < settings.factors; ++i)
    for (std::size_t j = 0; j < settings.factors; ++j)
      state.userGram[i * state.stride() + j] = static_cast<float>(gram[i * settings.factors + j]);
  status = state.index.build(state.y, settings.threads, control);
  if (status != Status::kOk) return status;
  state.byItem = Interactions();
  state.userOrder = state.itemOrder = {};
  state.finished = true;
  return Status::kOk;
}

Status computeLoss(const State& state, const JobControl& control, double& out) {
  const AlsSettings& settings = state.settings;
  std::vector<double> ofUsers, ofItems;
  Status status = gramMatrix(state.x, settings.factors, settings.threads, control, ofUsers);
  if (status == Status::kOk) status = gramMatrix(state.y, settings.factors, settings.threads, control, ofItems);
  if (status != Status::kOk) return status;
  double traceX = 0, traceY = 0, pairs = 0;
  for (std::size_t i = 0; i < ofUsers.size(); ++i) pairs += ofUsers[i] * ofItems[i];
  for (std::size_t i = 0; i < settings.factors; ++i) {
    traceX += settings.unobservedWeight * ofUsers[i * settings.factors + i];
    traceY += settings.unobservedWeight * ofItems[i * settings.factors + i];
  }
  constexpr std::size_t kPiece = 1024;
  const auto square = [&](const Factors& table, std::size_t row) {
    return static_cast<double>(kernels().dot(table.row(row), table.row(row), table.stride()));
  };
  // Sums of fixed pieces, added in order.
  std::vector<double> sums((state.users + kPiece - 1) / kPiece);
  const bool done = parallel(settings.threads, state.users, kPiece, control, [&](std::size_t, std::size_t from, std::size_t to) {
    double sum = 0;
    for (std::size_t u = from; u < to; ++u) {
      for (std::uint64_t e = state.byUser.starts[u]; e < state.byUser.starts[u + 1]; ++e) {
        const double error = kernels().dot(state.x.row(u), state.y.row(state.byUser.columns[e]), state.x.stride()) - 1.0;
        sum += state.byUser.weights[e] * error * error;
      }
      sum += state.lambda(state.byUser.size(u), state.items, traceY) * square(state.x, u);
    }
    sums[from / kPiece] = sum;
  });
  if (!done) return Status::kCancelled;
  out = settings.unobservedWeight * pairs;
  for (const double sum : sums) out += sum;
  for (std::size_t i = 0; i < state.items; ++i)
    out += state.lambda(state.byItem.size(i), state.users, traceX) * square(state.y, i);
  return Status::kOk;
}

}  // namespace easy11::als
