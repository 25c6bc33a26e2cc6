// Gopal, Ozturk, Guilford et al.: "Fast CRC computation for generic polynomials using PCLMULQDQ instruction", Intel 2009.
// A block of 128 bits is moved along the message by two multiplications with powers of x modulo the polynomial; four blocks
// are under way at a time, because one multiplication takes several cycles and the processor can do them at once; where it has
// VPCLMULQDQ (Ice Lake, Zen 3 and later), four times two blocks.
#include "crc32_folded.hpp"

#include <initializer_list>

#include "easy11/isa.hpp"

#if defined(EASY11_X86)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace easy11 {

#if defined(EASY11_X86)

#define EASY11_TARGET_CLMUL __attribute__((target("sse4.1,pclmul")))
#define EASY11_TARGET_WIDE_CLMUL __attribute__((target("avx2,pclmul,vpclmulqdq")))

bool canFoldCrc32() noexcept {
  static const bool can = [] {
    std::uint32_t a = 0, b = 0, c = 0, d = 0;
    constexpr std::uint32_t kClmul = 1u << 1, kSse41 = 1u << 19;
    return isa() >= Isa::kAvx2 && __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & (kClmul | kSse41)) == (kClmul | kSse41);
  }();
  return can;
}

namespace {

// From so many bytes on blocks go in pairs.
constexpr std::size_t kWideLeast = 512;

EASY11_TARGET_CLMUL __m128i load(const unsigned char* at) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

// Moves a block along the message by the distance that `powers` stand for, onto what is there.
EASY11_TARGET_CLMUL __m128i fold(__m128i block, __m128i powers, __m128i onto) noexcept {
  const __m128i low = _mm_clmulepi64_si128(block, powers, 0x00);
  const __m128i high = _mm_clmulepi64_si128(block, powers, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), onto);
}

// Whether two blocks can be multiplied at once.
bool isWide() noexcept {
  static const bool wide = [] {
    std::uint32_t a = 0, b = 0, c = 0, d = 0;
    constexpr std::uint32_t kWideClmul = 1u << 10;
    return isa() >= Isa::kAvx2 && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (c & kWideClmul) != 0;
  }();
  return wide;
}

EASY11_TARGET_WIDE_CLMUL __m256i loadPair(const unsigned char* at) noexcept {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}

EASY11_TARGET_WIDE_CLMUL __m256i foldPair(__m256i blocks, __m256i powers, __m256i onto) noexcept {
  const __m256i low = _mm256_clmulepi64_epi128(blocks, powers, 0x00);
  const __m256i high = _mm256_clmulepi64_epi128(blocks, powers, 0x11);
  return _mm256_xor_si256(_mm256_xor_si256(low, high), onto);
}

// The first size / 128 × 128 bytes, at least so many, as eight blocks. The constants, like those below, are powers of x: by 1024 bits.
EASY11_TARGET_WIDE_CLMUL void foldWide(std::uint32_t state, const unsigned char* at, std::size_t size, __m128i* out) noexcept {
  const __m256i by1024 = _mm256_set_epi64x(0x014a7fe880, 0x01e88ef372, 0x014a7fe880, 0x01e88ef372);
  __m256i first = _mm256_xor_si256(loadPair(at), _mm256_set_epi32(0, 0, 0, 0, 0, 0, 0, static_cast<int>(state)));
  __m256i second = loadPair(at + 32), third = loadPair(at + 64), fourth = loadPair(at + 96);
  for (at += 128, size -= 128; size >= 128; at += 128, size -= 128) {
    first = foldPair(first, by1024, loadPair(at));
    second = foldPair(second, by1024, loadPair(at + 32));
    third = foldPair(third, by1024, loadPair(at + 64));
    fourth = foldPair(fourth, by1024, loadPair(at + 96));
  }
  std::size_t block = 0;
  for (const __m256i pair : {first, second, third, fourth}) {
    out[block++] = _mm256_castsi256_si128(pair);
    out[block++] = _mm256_extracti128_si256(pair, 1);
  }
}

}  // namespace

// The constants are those of the paper for the reflected polynomial: powers of x by 512, 128 and 64 bits, and for the last
// step the polynomial with the quotient of Barrett's reduction.
EASY11_TARGET_CLMUL std::uint32_t foldedCrc32(std::uint32_t state, const unsigned char* at, std::size_t size) noexcept {
  const __m128i by128 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
  const __m128i by64 = _mm_set_epi64x(0, 0x0163cd6124);
  const __m128i barrett = _mm_set_epi64x(0x01f7011641, 0x01db710641);
  const __m128i words = _mm_setr_epi32(-1, 0, -1, 0);
  __m128i first;
  if (size >= kWideLeast && isWide()) {
    __m128i blocks[8];
    foldWide(state, at, size, blocks);
    first = blocks[0];
    for (std::size_t i = 1; i < 8; ++i) first = fold(first, by128, blocks[i]);
    at += size / 128 * 128;
    size %= 128;
  } else {
    const __m128i by512 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4);
    first = _mm_xor_si128(load(at), _mm_cvtsi32_si128(static_cast<int>(state)));
    __m128i second = load(at + 16), third = load(at + 32), fourth = load(at + 48);
    for (at += 64, size -= 64; size >= 64; at += 64, size -= 64) {
      first = fold(first, by512, load(at));
      second = fold(second, by512, load(at + 16));
      third = fold(third, by512, load(at + 32));
      fourth = fold(fourth, by512, load(at + 48));
    }
    first = fold(first, by128, second);
    first = fold(first, by128, third);
    first = fold(first, by128, fourth);
  }
  for (; size >= 16; at += 16, size -= 16) first = fold(first, by128, load(at));
  // From 128 bits to 64, and from there to 32.
  __m128i rest = _mm_xor_si128(_mm_srli_si128(first, 8), _mm_clmulepi64_si128(first, by128, 0x10));
  rest = _mm_xor_si128(_mm_clmulepi64_si128(_mm_and_si128(rest, words), by64, 0x00), _mm_srli_si128(rest, 4));
  const __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(rest, words), barrett, 0x10);
  rest = _mm_xor_si128(_mm_clmulepi64_si128(_mm_and_si128(quotient, words), barrett, 0x00), rest);
  return static_cast<std::uint32_t>(_mm_extract_epi32(rest, 1));
}

#else

bool canFoldCrc32() noexcept { return false; }
std::uint32_t foldedCrc32(std::uint32_t state, const unsigned char*, std::size_t) noexcept { return state; }

#endif

}  // namespace easy11
