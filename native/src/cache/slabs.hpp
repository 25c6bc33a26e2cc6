#pragma once
// Segments of all shards of a large cache, cut from blocks that the system backs by large pages: an entry anywhere in
// hundreds of megabytes is then found without a miss of the translation of its address.
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "lock.hpp"

namespace easy11 {

// `take` and `give` may be called by any thread.
class Slabs {
 public:
  static constexpr std::uint32_t kBlockBytes = 2 * 1024 * 1024;

  // Pieces of `bytes`, which divides a block.
  explicit Slabs(std::uint32_t bytes) noexcept : bytes_(bytes) {}
  ~Slabs();
  Slabs(const Slabs&) = delete;
  Slabs& operator=(const Slabs&) = delete;

  // Whether the system has large pages that can be asked for.
  static bool useful() noexcept;
  std::uint32_t bytes() const noexcept { return bytes_; }
  // May throw std::bad_alloc.
  char* take();
  void give(char* piece) noexcept;
  // Bytes of blocks that no piece in use takes.
  std::uint64_t idle() const noexcept;

 private:
  static char* newBlock() noexcept;
  static void freeBlock(char* block) noexcept;

  const std::uint32_t bytes_;
  mutable ShortLock lock_;
  std::vector<char*> blocks_;  // ascending
  std::vector<std::uint32_t> used_;  // pieces in use, by block
  std::vector<char*> free_;
};

}  // namespace easy11
