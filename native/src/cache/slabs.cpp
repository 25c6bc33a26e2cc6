#include "slabs.hpp"

#include <algorithm>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace easy11 {

#if defined(__linux__) && defined(MADV_HUGEPAGE)

bool Slabs::useful() noexcept { return true; }

// On a boundary of its own size, without which no large page fits.
char* Slabs::newBlock() noexcept {
  void* const memory =
      mmap(nullptr, 2 * std::size_t{kBlockBytes}, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  char* const begin = static_cast<char*>(memory);
  const std::size_t before = (kBlockBytes - reinterpret_cast<std::uintptr_t>(begin) % kBlockBytes) % kBlockBytes;
  char* const block = begin + before;
  if (before > 0) munmap(begin, before);
  munmap(block + kBlockBytes, kBlockBytes - before);
  madvise(block, kBlockBytes, MADV_HUGEPAGE);  // where it is refused, small pages do
  return block;
}

void Slabs::freeBlock(char* block) noexcept { munmap(block, kBlockBytes); }

#else

bool Slabs::useful() noexcept { return false; }
char* Slabs::newBlock() noexcept { return new (std::nothrow) char[kBlockBytes]; }
void Slabs::freeBlock(char* block) noexcept { delete[] block; }

#endif

Slabs::~Slabs() {
  for (char* const block : blocks_) freeBlock(block);
}

char* Slabs::take() {
  const std::lock_guard<ShortLock> guard(lock_);
  if (free_.empty()) {
    const std::uint32_t pieces = kBlockBytes / bytes_;
    free_.reserve((blocks_.size() + 1) * pieces);  // `give` then never allocates
    blocks_.reserve(blocks_.size() + 1);
    used_.reserve(used_.size() + 1);
    char* const block = newBlock();
    if (block == nullptr) throw std::bad_alloc();
    const auto at = std::lower_bound(blocks_.begin(), blocks_.end(), block) - blocks_.begin();
    blocks_.insert(blocks_.begin() + at, block);
    used_.insert(used_.begin() + at, 0);
    for (std::uint32_t i = pieces; i-- > 0;) free_.push_back(block + std::size_t{i} * bytes_);
  }
  char* const piece = free_.back();
  free_.pop_back();
  ++used_[std::upper_bound(blocks_.begin(), blocks_.end(), piece) - blocks_.begin() - 1];
  return piece;
}

void Slabs::give(char* piece) noexcept {
  const std::lock_guard<ShortLock> guard(lock_);
  const auto at = std::upper_bound(blocks_.begin(), blocks_.end(), piece) - blocks_.begin() - 1;
  free_.push_back(piece);
  // A block that nothing lies in goes back, but for one, so that a cache at its bound does not map and unmap.
  if (--used_[at] > 0 || free_.size() < 2 * std::size_t{kBlockBytes / bytes_}) return;
  char* const block = blocks_[at];
  free_.erase(std::remove_if(free_.begin(), free_.end(),
                             [&](const char* one) { return one >= block && one < block + kBlockBytes; }),
              free_.end());
  blocks_.erase(blocks_.begin() + at);
  used_.erase(used_.begin() + at);
  freeBlock(block);
}

std::uint64_t Slabs::idle() const noexcept {
  const std::lock_guard<ShortLock> guard(lock_);
  return std::uint64_t{free_.size()} * bytes_;
}

}  // namespace easy11
