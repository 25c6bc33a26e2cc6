#pragma once
// A model in a file: docs/guides/als-internals.md, "The file". What src/core/als/snapshot-format.ts writes, this opens in place.
#include <memory>

#include "state.hpp"

namespace easy11::als {

constexpr std::size_t kModelHeader = 64;
// Checksums are taken of pieces of so many bytes, so that several threads can check a file.
constexpr std::size_t kModelPiece = 1 << 20;

struct ModelLayout {
  std::uint32_t factors = 0, users = 0, items = 0, entries = 0, checksum = 0;
  // Where the sections begin, in bytes from the beginning of the file; 64 divides them.
  std::uint64_t x = 0, y = 0, starts = 0, columns = 0, weights = 0, bases = 0;
};

// kCorrupt unless the header is whole and its sections fill exactly `size` bytes; kVersion for that of another version.
Status readModelHeader(const char* data, std::size_t size, ModelLayout& out) noexcept;
// Checks everything, then lets `state` lie in this memory, which `keeper` keeps. Settings stand in `state` already.
Status openModel(State& state, char* data, std::size_t size, std::shared_ptr<void> keeper, const JobControl& control);

}  // namespace easy11::als
