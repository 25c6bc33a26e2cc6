#pragma once
#include "state.hpp"

namespace easy11::als {

// Copies the vectors of `from`'s first users and items, and the histories that it was given since its training; those of its
// training, which nothing changes any more, stay where they are until `putTogether`. O((users + items) stride + given).
Status adopt(State& state, std::shared_ptr<const State> from, std::size_t users, std::size_t items, const JobControl& control);

// byUser, which has what is new, becomes that together with the adopted histories; then these are given up. Weights of a pair
// that both have are summed. O(new log n + old), most of it copying.
Status putTogether(State& state, const JobControl& control);

}  // namespace easy11::als
