#pragma once
// Which instruction set the kernels may use. A kernel for more than the baseline stands in a file of its own, its functions
// marked with EASY11_TARGET_…, and is called only through a table that was chosen by isa().
#include <cstdint>

#if (defined(__x86_64__) || defined(_M_X64)) && (defined(__GNUC__) || defined(__clang__))
#define EASY11_X86 1
#define EASY11_TARGET_AVX2 __attribute__((target("avx2,fma,bmi,bmi2,popcnt,f16c")))
#define EASY11_TARGET_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi,bmi2,popcnt,f16c")))
// Of machines that hasVbmi2() tells of.
#define EASY11_TARGET_VBMI2 __attribute__((target("avx512vbmi2,avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi,bmi2,popcnt,f16c")))
#endif
#if defined(__aarch64__) || defined(_M_ARM64)
#define EASY11_ARM64 1
#endif

namespace easy11 {

// In ascending order: a machine that has one has those before it of its kind. NEON is part of the arm64 baseline.
enum class Isa : std::uint8_t { kScalar, kNeon, kAvx2, kAvx512 };

// What the machine and its system can run, lowered by EASY11_FORCE_ISA (scalar, neon, avx2, avx512) when that names one it
// has; decided at the first call.
Isa isa() noexcept;
const char* isaName(Isa isa) noexcept;
// Whether isa() is kAvx512 and bytes can be pushed together too (AVX-512 VBMI2: Ice Lake, Zen 4 and later).
bool hasVbmi2() noexcept;

}  // namespace easy11
