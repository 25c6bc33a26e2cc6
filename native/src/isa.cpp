#include "easy11/isa.hpp"

#include <cstdlib>
#include <cstring>
#include <initializer_list>

#if defined(EASY11_X86)
#include <cpuid.h>
#endif

namespace easy11 {
namespace {

#if defined(EASY11_X86)
// Which register state the system saves at a context switch; without that the instructions fault, whatever the processor has.
std::uint64_t savedState() noexcept {
  std::uint32_t low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<std::uint64_t>(high) << 32 | low;
}

Isa detect() noexcept {
  std::uint32_t a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0) return Isa::kScalar;
  constexpr std::uint32_t kFma = 1u << 12, kPopcnt = 1u << 23, kOsxsave = 1u << 27, kAvx = 1u << 28, kF16c = 1u << 29;
  constexpr std::uint32_t kFirst = kFma | kPopcnt | kOsxsave | kAvx | kF16c;
  if ((c & kFirst) != kFirst || __get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return Isa::kScalar;
  constexpr std::uint32_t kBmi1 = 1u << 3, kAvx2 = 1u << 5, kBmi2 = 1u << 8, kWanted = kBmi1 | kAvx2 | kBmi2;
  constexpr std::uint32_t kAvx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;  // F, DQ, BW, VL
  constexpr std::uint64_t kYmmSaved = 0x06, kZmmSaved = 0xe6;
  const std::uint64_t saved = savedState();
  if ((b & kWanted) != kWanted || (saved & kYmmSaved) != kYmmSaved) return Isa::kScalar;
  return (b & kAvx512) == kAvx512 && (saved & kZmmSaved) == kZmmSaved ? Isa::kAvx512 : Isa::kAvx2;
}
#elif defined(EASY11_ARM64)
Isa detect() noexcept { return Isa::kNeon; }
#else
Isa detect() noexcept { return Isa::kScalar; }
#endif

bool machineHasVbmi2() noexcept {
#if defined(EASY11_X86)
  std::uint32_t a = 0, b = 0, c = 0, d = 0;
  constexpr std::uint32_t kVbmi2 = 1u << 6;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (c & kVbmi2) != 0;
#else
  return false;
#endif
}

bool runsOn(Isa wanted, Isa machine) noexcept {
  if (wanted == Isa::kScalar || wanted == machine) return true;
  return machine == Isa::kAvx512 && wanted == Isa::kAvx2;
}

Isa choose() noexcept {
  const Isa machine = detect();
  const char* const forced = std::getenv("EASY11_FORCE_ISA");
  if (forced == nullptr) return machine;
  for (const Isa wanted : {Isa::kScalar, Isa::kNeon, Isa::kAvx2, Isa::kAvx512})
    if (std::strcmp(forced, isaName(wanted)) == 0 && runsOn(wanted, machine)) return wanted;
  return machine;
}

}  // namespace

Isa isa() noexcept {
  static const Isa chosen = choose();
  return chosen;
}

bool hasVbmi2() noexcept {
  static const bool has = isa() == Isa::kAvx512 && machineHasVbmi2();
  return has;
}

const char* isaName(Isa isa) noexcept {
  switch (isa) {
    case Isa::kNeon: return "neon";
    case Isa::kAvx2: return "avx2";
    case Isa::kAvx512: return "avx512";
    case Isa::kScalar: break;
  }
  return "scalar";
}

}  // namespace easy11
