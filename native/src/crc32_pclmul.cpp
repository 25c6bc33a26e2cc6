// CRC-32 by carry-less multiplication (Gopal et al., Fast CRC computation for generic polynomials using PCLMULQDQ, Intel 2009;
// constants for the reflected polynomial 0xEDB88320).
#include "crc32_pclmul.hpp"

#if defined(EASY11_X86)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace easy11 {

#if defined(EASY11_X86)

#define EASY11_TARGET_PCLMUL __attribute__((target("pclmul,sse4.1")))

bool hasPclmul() noexcept {
  static const bool has = [] {
    std::uint32_t a = 0, b = 0, c = 0, d = 0;
    constexpr std::uint32_t kPclmul = 1u << 1, kSse41 = 1u << 19;
    return isa() != Isa::kScalar && __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & (kPclmul | kSse41)) == (kPclmul | kSse41);
  }();
  return has;
}

namespace {

EASY11_TARGET_PCLMUL inline __m128i load(const unsigned char* at) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}
// The 128 bits of `x`, carried on to where `next` lies.
EASY11_TARGET_PCLMUL inline __m128i fold(__m128i x, __m128i by, __m128i next) noexcept {
  return _mm_xor_si128(_mm_xor_si128(_mm_clmulepi64_si128(x, by, 0x00), _mm_clmulepi64_si128(x, by, 0x11)), next);
}

}  // namespace

EASY11_TARGET_PCLMUL std::uint32_t crc32Pclmul(std::uint32_t state, const unsigned char* at, std::size_t size) noexcept {
  const __m128i by4 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4);
  const __m128i by1 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
  __m128i x1 = _mm_xor_si128(load(at), _mm_cvtsi32_si128(static_cast<int>(state)));
  __m128i x2 = load(at + 16), x3 = load(at + 32), x4 = load(at + 48);
  for (at += 64, size -= 64; size >= 64; at += 64, size -= 64) {
    x1 = fold(x1, by4, load(at));
    x2 = fold(x2, by4, load(at + 16));
    x3 = fold(x3, by4, load(at + 32));
    x4 = fold(x4, by4, load(at + 48));
  }
  x1 = fold(fold(fold(x1, by1, x2), by1, x3), by1, x4);
  for (; size >= 16; at += 16, size -= 16) x1 = fold(x1, by1, load(at));
  // 128 bits to 64, then Barrett's reduction to 32.
  const __m128i low = _mm_setr_epi32(~0, 0, ~0, 0);
  x1 = _mm_xor_si128(_mm_srli_si128(x1, 8), _mm_clmulepi64_si128(x1, by1, 0x10));
  x1 = _mm_xor_si128(_mm_srli_si128(x1, 4), _mm_clmulepi64_si128(_mm_and_si128(x1, low), _mm_set_epi64x(0, 0x0163cd6124), 0x00));
  const __m128i barrett = _mm_set_epi64x(0x01f7011641, 0x01db710641);
  x2 = _mm_and_si128(_mm_clmulepi64_si128(_mm_and_si128(x1, low), barrett, 0x10), low);
  return static_cast<std::uint32_t>(_mm_extract_epi32(_mm_xor_si128(x1, _mm_clmulepi64_si128(x2, barrett, 0x00)), 1));
}

#else

bool hasPclmul() noexcept { return false; }
std::uint32_t crc32Pclmul(std::uint32_t state, const unsigned char*, std::size_t) noexcept { return state; }

#endif

}  // namespace easy11
