#pragma once
// All of a model. Tasks share it with the facade, so that closing does not pull it away under them.
#include <mutex>

#include "basis.hpp"
#include "easy11/als.hpp"
#include "interactions.hpp"
#include "topk.hpp"

namespace easy11::als {

// What one thread needs to solve rows: enough for the largest that it meets.
struct SolverScratch {
  Floats floats;
  void reserve(std::size_t size) {
    if (floats.size() < size) floats = Floats(size);
  }
};

// What one thread needs to rank for many.
struct RankScratch {
  TopScratch top;
  Floats floats;
};

// Scratches that rankings give back: four bytes an item each, which a ranking for one would take longer to clear than to rank.
class RankScratches {
 public:
  std::unique_ptr<RankScratch> take();
  void giveBack(std::unique_ptr<RankScratch> scratch) noexcept;
  std::uint64_t bytes() const noexcept;

 private:
  static constexpr std::size_t kMost = 4;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<RankScratch>> idle_;
};

struct State;

// What a user did, given after training: empty vectors stand for the history of byUser.
struct History {
  std::vector<std::uint32_t> items;
  std::vector<float> weights;
  bool given = false;
};

// Whose histories `build` puts what is new into.
struct Adopted {
  std::shared_ptr<const State> from;
  std::vector<History> given;  // by user: copies, as the other's may change meanwhile
  std::size_t users = 0, items = 0;
};

struct State {
  AlsSettings settings;
  Entries pending;
  std::unique_ptr<Adopted> adopted;
  bool hasTables = false;  // x and y are copies of another model's, which `configure` keeps
  std::size_t users = 0, items = 0;
  Interactions byUser, byItem;
  std::vector<std::uint32_t> userOrder, itemOrder;
  Factors x, y;
  std::vector<float> itemBase;   // eigenvalues of α₀ YᵀY: the items' table is in that basis once finished
  std::vector<float> userGram;   // XᵀX in the same basis, stride × stride
  TopIndex index;
  bool finished = false;
  std::vector<double> losses;
  std::shared_ptr<void> backing;  // the mapped file that histories lie in, if they do
  // Of the owner's thread.
  SolverScratch scratch;
  TopScratch topScratch;
  mutable RankScratches rankScratches;  // of any thread
  std::vector<History> histories;  // that were given after training, by user

  std::size_t stride() const noexcept { return padded(settings.factors); }
  std::uint64_t bytes() const noexcept;
  // λ of a row with n interactions, when the other side has `others` rows whose Gram matrix has this trace.
  float lambda(std::size_t n, std::size_t others, double trace) const noexcept;
  const History* given(std::size_t user) const noexcept {
    return user < histories.size() && histories[user].given ? &histories[user] : nullptr;
  }
};

// Rows with at most so many interactions are solved by the n × n system.
std::size_t dualLimit(const AlsSettings& settings) noexcept;
// Scratch floats for any row of up to `longest` interactions.
std::size_t solverFloats(const AlsSettings& settings, std::size_t longest) noexcept;
// One row, exactly or by conjugate gradient from x. A matrix that is not positive in single precision leaves zeros.
void solveRow(const AlsSettings& settings, bool exact, const RowProblem& problem, float* x, float* scratch) noexcept;

Status configure(State& state, const AlsSettings& settings, const JobControl& control);
Status train(State& state, std::size_t iterations, bool withLoss, Side first, const JobControl& control);
Status finish(State& state, FinishMode mode, const JobControl& control);
// The loss of Rendle et al. (2022), eq. 3: squared errors of interactions, α₀ times squared scores of all pairs, regularisation.
Status computeLoss(const State& state, const JobControl& control, double& out);

}  // namespace easy11::als
