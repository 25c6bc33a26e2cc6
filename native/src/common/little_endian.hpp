#pragma once
// Numbers in files are little-endian whatever the machine is; compilers turn these into plain moves where it is, too.
#include <cstdint>
#include <cstring>

namespace easy11 {

inline void putLittle32(unsigned char* out, std::uint32_t value) noexcept {
  for (int i = 0; i < 4; ++i) out[i] = static_cast<unsigned char>(value >> (8 * i));
}
inline void putLittle64(unsigned char* out, std::uint64_t value) noexcept {
  for (int i = 0; i < 8; ++i) out[i] = static_cast<unsigned char>(value >> (8 * i));
}
inline std::uint32_t getLittle32(const unsigned char* in) noexcept {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value |= static_cast<std::uint32_t>(in[i]) << (8 * i);
  return value;
}
inline std::uint64_t getLittle64(const unsigned char* in) noexcept {
  return getLittle32(in) | static_cast<std::uint64_t>(getLittle32(in + 4)) << 32;
}
inline std::uint64_t bitsOf(double value) noexcept {
  std::uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}
inline double fromBits(std::uint64_t bits) noexcept {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace easy11
