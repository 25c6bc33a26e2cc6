#include "kernels.hpp"

#include "easy11/isa.hpp"

namespace easy11::als {

const Kernels& kernels() noexcept {
#if defined(EASY11_X86)
  switch (isa()) {
    case Isa::kAvx512: return avx512::kKernels;
    case Isa::kAvx2: return avx2::kKernels;
    case Isa::kNeon:
    case Isa::kScalar: break;
  }
#elif defined(EASY11_ARM64)
  if (isa() == Isa::kNeon) return neon::kKernels;
#endif
  return scalar::kKernels;
}

}  // namespace easy11::als
