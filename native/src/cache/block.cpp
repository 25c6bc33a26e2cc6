#include "block.hpp"

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>

#include "lock.hpp"

namespace easy11 {

// Of the process and never given back, since a text may outlive the cache that it came from.
class Block::Pool {
 public:
  Block* take() {
    const std::lock_guard<ShortLock> guard(lock_);
    if (free_ == nullptr) {
      Block* const blocks = static_cast<Block*>(std::malloc(kAtOnce * sizeof(Block)));
      if (blocks == nullptr) throw std::bad_alloc();
      for (std::size_t i = kAtOnce; i-- > 0;) {
        new (&blocks[i].shares_) std::atomic<std::uint64_t>(0);
        blocks[i].next_ = free_;
        free_ = &blocks[i];
      }
    }
    Block* const taken = free_;
    free_ = taken->next_;
    return taken;
  }
  void give(Block* block) noexcept {
    const std::lock_guard<ShortLock> guard(lock_);
    block->next_ = free_;
    free_ = block;
  }
  static Pool& ofTheProcess() noexcept {
    static Pool* const pool = new Pool;
    return *pool;
  }

 private:
  static constexpr std::size_t kAtOnce = 1024;
  ShortLock lock_;
  Block* free_ = nullptr;
};

Block* Block::make(std::string_view bytes) {
  char* const copy = static_cast<char*>(std::malloc(bytes.size()));
  if (copy == nullptr) throw std::bad_alloc();
  Block* block = nullptr;
  try {
    block = Pool::ofTheProcess().take();
  } catch (...) {
    std::free(copy);
    throw;
  }
  std::memcpy(copy, bytes.data(), bytes.size());
  block->bytes_ = copy;
  block->shares_.store(1, std::memory_order_relaxed);
  return block;
}

void Block::free() noexcept {
  std::free(bytes_);
  Pool::ofTheProcess().give(this);
}

}  // namespace easy11
