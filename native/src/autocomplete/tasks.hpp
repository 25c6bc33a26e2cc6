#pragma once
// The long pieces of work of an index: see easy11/task.hpp.
#include <memory>
#include <string>

#include "../common/guarded.hpp"
#include "core.hpp"
#include "snapshot.hpp"

namespace easy11 {

std::unique_ptr<Task> newBuildTask(std::shared_ptr<Autocomplete::Core> core);
std::unique_ptr<Task> newSaveTask(Autocomplete::Core& core, std::string path, bool index);
std::unique_ptr<Task> newLoadTask(std::shared_ptr<Autocomplete::Core> core, std::string path);
std::unique_ptr<Task> newVerifyTask(std::shared_ptr<Autocomplete::Core> core);

}  // namespace easy11
