#pragma once
// Matrix factorisation for implicit feedback by alternating least squares (Hu, Koren, Volinsky 2008, with the
// frequency-scaled regularisation of Rendle, Krichene, Zhang, Koren 2022). Users and items are numbers from 0.
// Life of a model: append, build, configure, train as often as wanted, finish; or the same after adopt; or build, configure,
// setRows, finish; or open. Then queries.
// A query or update may run on the owner's thread while ranking tasks run on theirs; updates and tasks exclude each other,
// which is the caller's care. Nothing throws.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "easy11/status.hpp"
#include "easy11/task.hpp"

namespace easy11 {

namespace als {
struct State;
}

enum class Side : std::uint32_t { kUsers = 0, kItems = 1 };

struct AlsSettings {
  std::uint32_t factors = 64;
  double regularization = 0.01;   // λ
  double unobservedWeight = 0.1;  // α₀
  double nu = 1;                  // λ of a row with n interactions: λ (n + α₀ × the other side's rows)^ν
  bool exact = false;             // exact solutions, or two steps of preconditioned conjugate gradient
  std::uint32_t threads = 1;
  std::uint32_t seed = 0;
};

struct AlsStats {
  std::uint64_t users = 0, items = 0, entries = 0, bytes = 0;
};

// The numbers are a contract with FinishMode in src/core/als/engine.ts.
enum class FinishMode : std::uint32_t {
  kSolve = 0,  // turn the tables into the eigenbasis of the items and solve the users once more: after training
  kTurn = 1,   // only turn them: factors from elsewhere
  kKeep = 2,   // nothing: the tables come from a finished model
};

constexpr std::uint32_t kMaxFactors = 1024;
constexpr std::uint32_t kNoItem = 0xffffffffu;  // fills what is left of a list of results

// Results of a ranking: `limit` for each query, unused ones kNoItem.
struct Ranking {
  std::vector<std::uint32_t> items;
  std::vector<float> scores;
};

// What a ranking leaves out for every query.
struct Exclusion {
  bool history = true;               // what the user had
  std::vector<std::uint32_t> items;  // further items
};

class Als {
 public:
  // Null when out of memory.
  static std::shared_ptr<Als> create() noexcept;

  // Takes over the vectors of the first users and items of a finished model, and what they did: `build` puts what is appended
  // into those histories, `configure` keeps the vectors and begins new rows at zero. Nothing may update `other` meanwhile.
  std::unique_ptr<Task> adopt(const Als& other, std::uint32_t users, std::uint32_t items) noexcept;
  // More interactions; `build` takes them over. Numbers below those that `build` is given.
  Status append(const std::uint32_t* users, const std::uint32_t* items, const float* weights, std::size_t count) noexcept;
  std::unique_ptr<Task> build(std::uint32_t users, std::uint32_t items) noexcept;

  // Makes the tables: users zero, items random, the same for a seed everywhere. After build.
  std::unique_ptr<Task> configure(const AlsSettings& settings) noexcept;
  // Overwrites rows before training (a warm start) or instead of it. `values` has one float for each factor of each row.
  Status setRows(Side side, std::uint32_t from, std::size_t count, const float* values) noexcept;
  // Progress: half steps. The first iteration leaves out the users where it begins with the items: their vectors are there.
  std::unique_ptr<Task> train(std::uint32_t iterations, bool withLoss, Side first = Side::kUsers) noexcept;
  // The loss after each iteration that was trained with it.
  const std::vector<double>& losses() const noexcept { return losses_; }
  // Makes the index for queries, after what the mode says.
  std::unique_ptr<Task> finish(FinishMode mode) noexcept;

  Status rows(Side side, std::uint32_t from, std::size_t count, float* out) const noexcept;
  // What fold-in and updateItem compute with: f eigenvalues of the items, then f × f of the users' Gram matrix.
  Status bases(float* out) const noexcept;
  // Opens a finished model in a file, in place: kCorrupt unless it begins with `header` and every checksum is right.
  std::unique_ptr<Task> open(std::string path, std::vector<std::uint32_t> header, const AlsSettings& settings) noexcept;
  std::size_t historySize(std::uint32_t user) const noexcept;
  void history(std::uint32_t user, std::uint32_t* items, float* weights) const noexcept;

  // The user vector for a history, exactly. O(n² f) for n up to the number of factors f, else O(n f² + f³).
  Status foldIn(const std::uint32_t* items, const float* weights, std::size_t count, float* out) noexcept;
  // The best items for a user vector, best first, equal scores by number, but for `excluded`. Returns how many, or −1.
  std::int32_t top(const float* vector, std::uint32_t limit, const std::uint32_t* excluded, std::size_t excludedCount,
                   std::uint32_t* items, float* scores) noexcept;
  // What each item of a history adds to the score of `item`: w yᵢ·A⁻¹yₜ. Returns their sum in `score`.
  Status explain(const std::uint32_t* items, const float* weights, std::size_t count, std::uint32_t item, float* parts,
                 double& score) noexcept;
  // Gives a user (`user` up to the number of users, that being a new one) this history and its vector.
  Status updateUser(std::uint32_t user, const std::uint32_t* items, const float* weights, std::size_t count) noexcept;
  // Gives an item (or a new one) the vector that these users' interactions with it make.
  Status updateItem(std::uint32_t item, const std::uint32_t* users, const float* weights, std::size_t count) noexcept;

  // For each user the best `limit` items into users.size() × limit results. `fresh`: fold the history in anew.
  std::unique_ptr<Task> rank(std::vector<std::uint32_t> users, std::uint32_t limit, bool fresh, Exclusion exclusion,
                             std::shared_ptr<Ranking> out) noexcept;
  // The same for histories: that of list l from starts[l] to starts[l + 1].
  std::unique_ptr<Task> rankHistories(std::vector<std::uint32_t> starts, std::vector<std::uint32_t> items,
                                      std::vector<float> weights, std::uint32_t limit, Exclusion exclusion,
                                      std::shared_ptr<Ranking> out) noexcept;
  // The rows of `side` with the largest cosine to one of them, itself left out.
  std::unique_ptr<Task> similar(Side side, std::uint32_t row, std::uint32_t limit, std::shared_ptr<Ranking> out) noexcept;

  // 0 once closed.
  std::uint32_t factors() const noexcept;
  AlsStats stats() const noexcept;
  std::uint64_t bytes() const noexcept;
  // Frees the memory. Running tasks keep what they work on until they end.
  void close() noexcept;

 private:
  Als();
  std::shared_ptr<als::State> state_;
  std::vector<double> losses_;
};

}  // namespace easy11
