#pragma once
// The long middle of a checksum by carry-less multiplication, where the machine has it.
#include <cstddef>
#include <cstdint>

namespace easy11 {

constexpr std::size_t kFoldLeast = 64;

// Whether `foldedCrc32` may be called.
bool canFoldCrc32() noexcept;
// Continues the state of a checksum (its complement) over `size` bytes, a multiple of 16 and kFoldLeast or more.
std::uint32_t foldedCrc32(std::uint32_t state, const unsigned char* bytes, std::size_t size) noexcept;

}  // namespace easy11
