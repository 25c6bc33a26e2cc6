#pragma once
#include "state.hpp"

namespace easy11::als {

// See the functions of these names of class Als. All throw std::bad_alloc.
Status foldIn(State& state, const std::uint32_t* items, const float* weights, std::size_t count, float* out);
Status explain(State& state, const std::uint32_t* items, const float* weights, std::size_t count, std::uint32_t item,
               float* parts, double& score);
// An item's row from the users who took it. out: stride floats.
Status solveItem(State& state, const std::uint32_t* users, const float* weights, std::size_t count, float* out);

}  // namespace easy11::als
