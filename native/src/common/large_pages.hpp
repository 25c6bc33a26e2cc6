#pragma once
// Memory for large arrays that are read from end to end: in pages of 2 MiB where Linux gives them, since a processor reads ahead
// only within a page.
#include <cstddef>
#include <limits>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace easy11 {

// For std::vector. Small arrays are as with any other allocator.
template <class T>
struct LargePages {
  using value_type = T;
  LargePages() = default;
  template <class U>
  LargePages(const LargePages<U>&) noexcept {}

  T* allocate(std::size_t count) {
    if (count > std::numeric_limits<std::size_t>::max() / sizeof(T) - kPage) throw std::bad_alloc();
    const std::size_t bytes = count * sizeof(T);
    if (bytes < kLeast) return static_cast<T*>(::operator new(bytes));
    void* const at = ::operator new(rounded(bytes), std::align_val_t(kPage));
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    // Only advice: where it is refused, the pages are small.
    (void)::madvise(at, rounded(bytes), MADV_HUGEPAGE);
#endif
    return static_cast<T*>(at);
  }
  void deallocate(T* at, std::size_t count) noexcept {
    if (count * sizeof(T) < kLeast)
      ::operator delete(at);
    else
      ::operator delete(at, std::align_val_t(kPage));
  }

 private:
  static constexpr std::size_t kPage = std::size_t{1} << 21;
  // Rounding up to whole pages then adds a quarter at most.
  static constexpr std::size_t kLeast = 4 * kPage;
  static constexpr std::size_t rounded(std::size_t bytes) noexcept { return (bytes + kPage - 1) / kPage * kPage; }
};

template <class T, class U>
bool operator==(const LargePages<T>&, const LargePages<U>&) noexcept {
  return true;
}
template <class T, class U>
bool operator!=(const LargePages<T>&, const LargePages<U>&) noexcept {
  return false;
}

}  // namespace easy11
