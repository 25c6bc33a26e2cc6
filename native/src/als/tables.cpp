// The tables that a training begins with.
#include <cmath>
#include <utility>

#include "parallel.hpp"
#include "queries.hpp"

namespace easy11::als {
namespace {

// A random float in ±√3/10/√f, whose standard deviation is 0.1/√f: from integers, so that it is the same on every machine.
float initialValue(std::uint32_t seed, std::uint32_t row, std::uint32_t column, float reach) noexcept {
  std::uint32_t h = seed ^ (row * 0x9e3779b1u) ^ (column * 0x85ebca6bu);
  h = (h ^ h >> 16) * 0x7feb352du;
  h = (h ^ h >> 15) * 0x846ca68bu;
  h ^= h >> 16;
  return (static_cast<float>(h >> 8) / 8388608.0f - 1.0f) * reach;
}

}  // namespace

Status configure(State& state, const AlsSettings& settings, const JobControl& control) {
  if (settings.factors == 0 || settings.factors > kMaxFactors || settings.threads == 0) return Status::kInvalidArgument;
  if (state.hasTables && settings.factors != state.settings.factors) return Status::kInvalidArgument;
  state.settings = settings;
  state.finished = false;
  state.losses.clear();
  if (std::exchange(state.hasTables, false)) {
    // Whoever is new begins at zero: they then follow from the others, and disturb nobody before.
    state.x.grow(state.users);
    state.y.grow(state.items);
    return Status::kOk;
  }
  state.x = Factors(state.users, state.stride());
  state.y = Factors(state.items, state.stride());
  const float reach = 0.173205f / std::sqrt(static_cast<float>(settings.factors));
  constexpr std::size_t kPiece = 4096;
  const bool done = parallel(settings.threads, state.items, kPiece, control, [&](std::size_t, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i)
      for (std::uint32_t k = 0; k < settings.factors; ++k)
        state.y.row(i)[k] = initialValue(settings.seed, static_cast<std::uint32_t>(i), k, reach);
  });
  return done ? Status::kOk : Status::kCancelled;
}

}  // namespace easy11::als
