#pragma once
// UTF-8: decoding of text known to be well-formed, and the check that it is.
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace easy11 {

// Decodes the code point at `at` and moves past it. Never reads past `end`; bytes that are not UTF-8 give some value.
inline std::uint32_t nextCodePoint(const char*& at, const char* end) noexcept {
  const auto lead = static_cast<unsigned char>(*at++);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  std::uint32_t value = lead & (0x3fu >> more);
  for (int i = 0; i < more && at < end; ++i) value = value << 6 | (static_cast<unsigned char>(*at++) & 0x3fu);
  return value;
}

// Whether the bytes are well-formed UTF-8: no overlong form, no surrogate, nothing above U+10FFFF (Unicode, table 3-7).
bool isUtf8(std::string_view bytes) noexcept;

}  // namespace easy11
