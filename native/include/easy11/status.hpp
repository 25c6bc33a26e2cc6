#pragma once
// Statuses shared with EngineStatus in src/core/autocomplete/engine.ts: the numbers are a contract.
#include <cstdint>

namespace easy11 {

enum class Status : std::int32_t {
  kOk = 0,
  kInvalidArgument = 1,
  kOutOfMemory = 2,
  kCancelled = 3,
  kInternal = 4,
  kIo = 5,
  // Not one of our files, truncated, or its checksum does not match.
  kCorrupt = 6,
  // Written by another version of the format.
  kVersion = 7,
};

}  // namespace easy11
