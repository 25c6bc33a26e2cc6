#pragma once
#include <cstddef>
#include <cstdint>

#include "easy11/isa.hpp"

namespace easy11 {

bool hasPclmul() noexcept;
// Carries the register on over `size` bytes: at least 64, a multiple of 16. Only where hasPclmul().
std::uint32_t crc32Pclmul(std::uint32_t state, const unsigned char* at, std::size_t size) noexcept;

}  // namespace easy11
