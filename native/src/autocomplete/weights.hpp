#pragma once
// Weights in rank order, which is descending, without loss in about five bytes where they are any doubles and in one or
// two where they are small integers. A weight is kept as a number that ascends as weights descend, less the first of its
// block of 64, without the zeros at the end that all of the block have.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "../common/column.hpp"
#include "../common/little_endian.hpp"

namespace easy11 {

// A number that sorts as the double does, turned round. Zeros are equal: -0 is stored as 0.
inline std::uint64_t descendingKey(double weight) noexcept {
  const std::uint64_t bits = bitsOf(weight);
  return ~(bits >> 63 != 0 ? ~bits : bits | std::uint64_t{1} << 63);
}
inline double weightOfKey(std::uint64_t key) noexcept {
  const std::uint64_t ascending = ~key;
  return fromBits(ascending >> 63 != 0 ? ascending & ~(std::uint64_t{1} << 63) : ~ascending);
}

class Weights {
 public:
  void reserve(std::size_t size) { draft_.reserve(size); }
  void add(double weight) { draft_.push_back(descendingKey(weight)); }
  std::size_t drafted() const noexcept { return draft_.size(); }
  void finish() {
    blocks_.reserve((draft_.size() + kBlock - 1) / kBlock);
    for (std::size_t begin = 0; begin < draft_.size(); begin += kBlock) {
      const std::size_t end = std::min(begin + kBlock, draft_.size());
      const std::uint64_t first = draft_[begin];
      std::uint64_t any = 0;
      for (std::size_t i = begin; i < end; ++i) any |= draft_[i] - first;
      std::uint32_t shift = 0;
      std::uint32_t width = 0;
      while (any != 0 && (any & 1) == 0) any >>= 1, ++shift;
      for (; any != 0; any >>= 8) ++width;
      blocks_.push_back({first, std::uint64_t{bytes_.size()} << 16 | width << 8 | shift});
      for (std::size_t i = begin; i < end; ++i)
        for (std::uint32_t byte = 0; byte < width; ++byte)
          bytes_.push_back(static_cast<unsigned char>((draft_[i] - first) >> shift >> (8 * byte)));
    }
    for (std::size_t i = 0; i < sizeof(std::uint64_t); ++i) bytes_.push_back(0);  // what a load may read beyond the last
    bytes_.shrink_to_fit();
    draft_ = {};
  }
  double operator[](std::uint32_t rank) const noexcept {
    const Block& block = blocks_[rank / kBlock];
    const std::uint32_t width = block.width();
    if (width == 0) return weightOfKey(block.first);
    const std::uint64_t kept = getLittle64(bytes_.data() + block.at() + std::size_t{rank % kBlock} * width);
    return weightOfKey(block.first + ((kept & ~std::uint64_t{0} >> (64 - 8 * width)) << block.shift()));
  }
  // Whether the weights of `size` entries can be looked up.
  bool valid(std::size_t size) const noexcept {
    if (blocks_.size() != (size + kBlock - 1) / kBlock) return false;
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const Block& block = blocks_[i];
      const std::uint64_t entries = std::min(kBlock, size - i * kBlock);
      if (block.width() > 8 || block.shift() > 63 ||
          block.at() + entries * block.width() + sizeof(std::uint64_t) > bytes_.size())
        return false;
    }
    return true;
  }
  template <class Self, class Each>
  static void columns(Self& self, Each&& each) {
    each(self.blocks_), each(self.bytes_);
  }

 private:
  static constexpr std::size_t kBlock = 64;
  struct Block {
    std::uint64_t first;
    std::uint64_t place;  // where its numbers begin in bytes_, 48 bits; bytes of each, 8 bits; shift, 8 bits
    std::uint64_t at() const noexcept { return place >> 16; }
    std::uint32_t width() const noexcept { return place >> 8 & 0xff; }
    std::uint32_t shift() const noexcept { return place & 0xff; }
  };
  Column<Block> blocks_;
  Column<unsigned char> bytes_;
  std::vector<std::uint64_t> draft_;  // until `finish`
};

}  // namespace easy11
