#include "easy11/crc32.hpp"

#include "crc32_folded.hpp"

namespace easy11 {
namespace {

struct Tables {
  std::uint32_t cell[8][256];
  constexpr Tables() : cell{} {
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
      std::uint32_t value = byte;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ (0xEDB88320u & (0u - (value & 1u)));
      cell[0][byte] = value;
    }
    for (int slice = 1; slice < 8; ++slice)
      for (std::uint32_t byte = 0; byte < 256; ++byte)
        cell[slice][byte] = (cell[slice - 1][byte] >> 8) ^ cell[0][cell[slice - 1][byte] & 0xff];
  }
};
constexpr Tables kTables;

std::uint32_t load32(const unsigned char* bytes) noexcept {
  return static_cast<std::uint32_t>(bytes[0]) | static_cast<std::uint32_t>(bytes[1]) << 8 |
         static_cast<std::uint32_t>(bytes[2]) << 16 | static_cast<std::uint32_t>(bytes[3]) << 24;
}

}  // namespace

std::uint32_t crc32(std::uint32_t crc, const void* bytes, std::size_t size) noexcept {
  const auto* at = static_cast<const unsigned char*>(bytes);
  const auto& t = kTables.cell;
  crc = ~crc;
  if (size >= kFoldLeast && canFoldCrc32()) {
    const std::size_t folded = size / 16 * 16;
    crc = foldedCrc32(crc, at, folded);
    at += folded;
    size -= folded;
  }
  for (; size >= 8; size -= 8, at += 8) {
    const std::uint32_t low = load32(at) ^ crc;
    const std::uint32_t high = load32(at + 4);
    crc = t[7][low & 0xff] ^ t[6][low >> 8 & 0xff] ^ t[5][low >> 16 & 0xff] ^ t[4][low >> 24] ^ t[3][high & 0xff] ^
          t[2][high >> 8 & 0xff] ^ t[1][high >> 16 & 0xff] ^ t[0][high >> 24];
  }
  for (; size > 0; --size, ++at) crc = (crc >> 8) ^ t[0][(crc ^ *at) & 0xff];
  return ~crc;
}

}  // namespace easy11
