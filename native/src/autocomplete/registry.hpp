#pragma once
// The indexes of this process that are shared, by token: how a thread gets hold of an index that another one made.
#include <cstdint>
#include <memory>

#include "core.hpp"

namespace easy11 {

// Not 0, and hard to guess by accident: below 2^53, so that JavaScript has it as a number.
std::uint64_t newToken() noexcept;
void enrol(std::uint64_t token, const std::shared_ptr<Autocomplete::Core>& core);
// Null when there is no such index, or it has been closed by all who had it.
std::shared_ptr<Autocomplete::Core> enrolled(std::uint64_t token);

}  // namespace easy11
