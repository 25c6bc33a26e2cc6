// The face of the engine: guards, and what is in the caller's memory.
#include "easy11/sparse_vectors.hpp"

#include "../common/guarded.hpp"
#include "core.hpp"

namespace easy11 {

using namespace vectors;

namespace {

constexpr float kLeastWeight = 1e-9f, kMostWeight = 1e9f;

// Entries of one row or query; false when they do not ascend or make no sense.
bool readEntries(const std::uint32_t* terms, const float* weights, std::size_t count, std::vector<Entry>& out) {
  out.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (terms[i] > SparseVectors::kMaxTerm || (i > 0 && terms[i] <= terms[i - 1])) return false;
    if (!(weights[i] >= kLeastWeight && weights[i] <= kMostWeight)) return false;
    out[i] = {terms[i], weights[i]};
  }
  return true;
}

}  // namespace

SparseVectors::SparseVectors(std::unique_ptr<Core> core) noexcept : core_(std::move(core)) {}
SparseVectors::~SparseVectors() = default;

std::shared_ptr<SparseVectors> SparseVectors::create() noexcept {
  std::shared_ptr<SparseVectors> index;
  guarded([&] {
    index.reset(new SparseVectors(std::make_unique<Core>()));
    return Status::kOk;
  });
  return index;
}

Status SparseVectors::put(std::uint32_t id, std::uint32_t count, const VectorScratch& scratch, bool& isNew) noexcept {
  if (id > kMaxId || count == 0 || count > VectorScratch::kTerms) return Status::kInvalidArgument;
  return guarded([&] {
    if (!readEntries(scratch.terms, scratch.weights, count, core_->given)) return Status::kInvalidArgument;
    isNew = core_->put(id, core_->given.data(), count);
    return Status::kOk;
  });
}

Status SparseVectors::putMany(const std::uint32_t* ids, std::size_t rows, const std::uint32_t* starts,
                              const std::uint32_t* terms, const float* weights, std::size_t entries) noexcept {
  return guarded([&] {
    for (std::size_t row = 0; row < rows; ++row) {
      const std::size_t from = starts[row], to = starts[row + 1];
      if (ids[row] > kMaxId || to <= from || to > entries || to - from > VectorScratch::kTerms)
        return Status::kInvalidArgument;
      if (!readEntries(terms + from, weights + from, to - from, core_->given)) return Status::kInvalidArgument;
      core_->put(ids[row], core_->given.data(), static_cast<std::uint32_t>(to - from));
    }
    return Status::kOk;
  });
}

bool SparseVectors::remove(std::uint32_t id) noexcept { return core_->remove(id); }
bool SparseVectors::has(std::uint32_t id) const noexcept { return core_->windowOf(id) != nullptr; }

std::uint32_t SparseVectors::read(std::uint32_t id, const VectorScratch& scratch) const noexcept {
  const Window* const window = core_->windowOf(id);
  if (window == nullptr) return 0;
  const Entry* const entries = window->entriesOf(id % kWindow);
  const std::uint32_t length = window->lengthOf(id % kWindow);
  for (std::uint32_t i = 0; i < length; ++i) {
    scratch.terms[i] = entries[i].term;
    scratch.weights[i] = entries[i].weight;
  }
  return length;
}

Status SparseVectors::nearest(std::uint32_t count, const Wanted& wanted, const VectorScratch& scratch,
                              std::uint32_t& found) noexcept {
  found = 0;
  if (count > VectorScratch::kTerms || wanted.limit == 0 || wanted.limit > kMaxLimit) return Status::kInvalidArgument;
  return guarded([&] {
    if (!readEntries(scratch.terms, scratch.weights, count, core_->given)) return Status::kInvalidArgument;
    if (count > 0) core_->reserveTerms(core_->given.back().term + 1);
    core_->search.run(core_->windows(), core_->terms, core_->given.data(), count, wanted);
    for (const Found& one : core_->search.best().all()) {
      scratch.ids[found] = one.id;
      scratch.scores[found++] = one.score;
    }
    return Status::kOk;
  });
}

double SparseVectors::similarity(std::uint32_t a, std::uint32_t b) const noexcept { return core_->similarity(a, b); }

Status SparseVectors::setFactor(std::uint32_t term, double factor) noexcept {
  if (term > kMaxTerm || !(factor > 0 && factor <= 1e9)) return Status::kInvalidArgument;
  return guarded([&] {
    core_->reserveTerms(term + 1);
    core_->terms.factors[term] = core_->terms.nextFactors[term] = factor * factor;
    return Status::kOk;
  });
}

void SparseVectors::counts(std::uint32_t* out, std::size_t size) const noexcept {
  const std::vector<std::uint32_t>& counts = core_->terms.counts;
  for (std::size_t term = 0; term < size; ++term) out[term] = term < counts.size() ? counts[term] : 0;
}

Status SparseVectors::beginRefresh(const double* factors, std::size_t size) noexcept {
  return guarded([&] {
    for (std::size_t term = 0; term < size; ++term)
      if (!(factors[term] > 0 && factors[term] <= 1e9)) return Status::kInvalidArgument;
    core_->beginRefresh(factors, size);
    return Status::kOk;
  });
}

Status SparseVectors::refreshStep(bool& more) noexcept {
  more = false;
  return guarded([&] {
    more = core_->refreshStep();
    return Status::kOk;
  });
}

void SparseVectors::cancelRefresh() noexcept { core_->cancelRefresh(); }

std::uint32_t SparseVectors::rows() const noexcept { return core_->rows; }
std::uint32_t SparseVectors::terms() const noexcept { return core_->terms.used; }
double SparseVectors::entries() const noexcept { return static_cast<double>(core_->entries); }
double SparseVectors::entriesRead() const noexcept { return core_->search.entriesRead(); }
std::size_t SparseVectors::bytes() const noexcept { return core_->bytes(); }

void SparseVectors::close() noexcept {
  guarded([&] {
    core_ = std::make_unique<Core>();
    return Status::kOk;
  });
}

}  // namespace easy11
