#pragma once
// CRC-32 as in IEEE 802.3, zlib and zlib.crc32 of Node: reflected polynomial 0xEDB88320.
// Slicing-by-8 (Kounavis and Berry, "A systematic approach to building high performance software-based CRC generators",
// ISCC 2005): eight table look-ups for eight bytes instead of a chain of eight dependent ones. Where the processor multiplies
// without carries, long runs are folded (crc32_folded.cpp) to the same number.
#include <cstddef>
#include <cstdint>

namespace easy11 {

// Continues `crc` (0 to begin with) over `size` bytes.
std::uint32_t crc32(std::uint32_t crc, const void* bytes, std::size_t size) noexcept;

}  // namespace easy11
