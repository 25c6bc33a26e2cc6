#pragma once
#include <memory>

#include "core.hpp"

namespace easy11 {

// Sorts the rows for every tree and fills it.
std::unique_ptr<Task> newRangeBuildTask(std::shared_ptr<RangeIndex::Core> core);

}  // namespace easy11
