#pragma once
// A hash for short strings: eight bytes at a time through a multiply and a shift, with the finaliser of SplitMix64.
// Seeded per table, so that nobody outside can choose strings that collide.
#include <chrono>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace easy11 {

inline std::uint64_t hashString(std::string_view text, std::uint64_t seed) noexcept {
  std::uint64_t hash = seed ^ (text.size() * 0x9e3779b97f4a7c15u);
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t chunk;
    std::memcpy(&chunk, at, 8);
    hash = (hash ^ chunk) * 0xbf58476d1ce4e5b9u;
    hash ^= hash >> 31;
  }
  std::uint64_t chunk = 0;
  if (left > 0) std::memcpy(&chunk, at, left);
  hash = (hash ^ chunk) * 0x94d049bb133111ebu;
  hash ^= hash >> 29;
  hash *= 0xbf58476d1ce4e5b9u;
  return hash ^ hash >> 32;
}

// Differs from table to table and from run to run.
inline std::uint64_t newHashSeed(const void* where) noexcept {
  const auto now = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  return (now ^ static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(where)) << 16) * 0x9e3779b97f4a7c15u;
}

}  // namespace easy11
