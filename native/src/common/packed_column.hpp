#pragma once
// Unsigned numbers in as few whole bytes as the largest of them needs, 1 to 4: a million ranks take three bytes each and
// not four. Reading one is a load and a mask. The four bytes behind the last number keep that load inside the column and
// hold, in the last of them, how wide a number is, so that a column in a file tells by itself how it is read.
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <vector>

#include "column.hpp"
#include "easy11/bits.hpp"

namespace easy11 {

inline std::uint32_t loadPacked(const unsigned char* at, std::uint32_t mask) noexcept {
  return (std::uint32_t{at[0]} | std::uint32_t{at[1]} << 8 | std::uint32_t{at[2]} << 16 | std::uint32_t{at[3]} << 24) & mask;
}

// A part of a packed column. Lives as long as the column stays as it is.
class PackedSpan {
 public:
  PackedSpan() = default;
  PackedSpan(const unsigned char* data, std::uint32_t size, std::uint32_t width, std::uint32_t mask) noexcept
      : data_(data), size_(size), width_(width), mask_(mask) {}

  std::uint32_t operator[](std::size_t i) const noexcept { return loadPacked(data_ + i * width_, mask_); }
  std::uint32_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  // Whether it is part of a column at all, be it an empty part.
  bool there() const noexcept { return data_ != nullptr; }

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = std::uint32_t;
    using difference_type = std::ptrdiff_t;
    using pointer = const std::uint32_t*;
    using reference = std::uint32_t;
    Iterator(const unsigned char* at, std::uint32_t width, std::uint32_t mask) noexcept : at_(at), width_(width), mask_(mask) {}
    std::uint32_t operator*() const noexcept { return loadPacked(at_, mask_); }
    Iterator& operator++() noexcept {
      at_ += width_;
      return *this;
    }
    Iterator operator++(int) noexcept {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const noexcept { return at_ == other.at_; }
    bool operator!=(const Iterator& other) const noexcept { return at_ != other.at_; }

   private:
    const unsigned char* at_;
    std::uint32_t width_, mask_;
  };
  Iterator begin() const noexcept { return {data_, width_, mask_}; }
  Iterator end() const noexcept { return {data_ + std::size_t{size_} * width_, width_, mask_}; }

  // The first place in [from, size) whose number is not below `bound`, of ascending numbers.
  std::uint32_t lowerBound(std::uint32_t from, std::uint32_t to, std::uint32_t bound) const noexcept {
    while (from < to) {
      const std::uint32_t middle = from + (to - from) / 2;
      if ((*this)[middle] < bound)
        from = middle + 1;
      else
        to = middle;
    }
    return from;
  }

 private:
  const unsigned char* data_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t width_ = 1;
  std::uint32_t mask_ = 0xff;
};

class PackedColumn {
 public:
  // Room for `size` numbers of at most `most`, all 0.
  void assign(std::size_t size, std::uint32_t most) {
    width_ = most < 1u << 8 ? 1 : most < 1u << 16 ? 2 : most < 1u << 24 ? 3 : 4;
    mask_ = maskOf(width_);
    size_ = size;
    raw_.assign(size * width_ + kTail, 0);
    raw_[size * width_ + kTail - 1] = static_cast<unsigned char>(width_);
  }
  void assign(const std::vector<std::uint32_t>& values) {
    std::uint32_t most = 0;
    for (const std::uint32_t value : values) most = most > value ? most : value;
    assign(values.size(), most);
    for (std::size_t i = 0; i < values.size(); ++i) set(i, values[i]);
  }
  void set(std::size_t i, std::uint32_t value) noexcept {
    unsigned char* const at = raw_.data() + i * width_;
    for (std::uint32_t byte = 0; byte < width_; ++byte) at[byte] = static_cast<unsigned char>(value >> (8 * byte));
  }
  std::uint32_t operator[](std::size_t i) const noexcept { return loadPacked(raw_.data() + i * width_, mask_); }
  std::uint32_t width() const noexcept { return width_; }
  std::uint32_t back() const noexcept { return (*this)[size_ - 1]; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  PackedSpan span(std::size_t begin, std::size_t end) const noexcept {
    return {raw_.data() + begin * width_, static_cast<std::uint32_t>(end - begin), width_, mask_};
  }
  PackedSpan all() const noexcept { return span(0, size_); }
  PackedSpan::Iterator begin() const noexcept { return all().begin(); }
  PackedSpan::Iterator end() const noexcept { return all().end(); }
  void clear() noexcept {
    raw_ = Column<unsigned char>();
    size_ = 0;
  }

  // The column as it lies in a file. After it was lent memory, `adopt` must find that it is one: false when it is not.
  Column<unsigned char>& raw() noexcept { return raw_; }
  const Column<unsigned char>& raw() const noexcept { return raw_; }
  bool adopt() noexcept {
    size_ = 0;
    if (raw_.empty()) return true;
    const std::uint32_t width = raw_.back();
    if (raw_.size() < kTail || width < 1 || width > 4 || (raw_.size() - kTail) % width != 0) return false;
    width_ = width;
    mask_ = maskOf(width);
    size_ = (raw_.size() - kTail) / width;
    return true;
  }

 private:
  static constexpr std::size_t kTail = 4;
  static std::uint32_t maskOf(std::uint32_t width) noexcept { return 0xffffffffu >> (32 - 8 * width); }

  Column<unsigned char> raw_;
  std::size_t size_ = 0;
  std::uint32_t width_ = 1;
  std::uint32_t mask_ = 0xff;
};

// Ascending numbers, such as where records begin: of each the distance from the first of its block of 64, which is narrow.
class PackedOffsets {
 public:
  void reserve(std::size_t size) { draft_.reserve(size); }
  void add(std::uint64_t value) {
    if (draft_.size() % kBlock == 0) blocks_.push_back(value);
    draft_.push_back(static_cast<std::uint32_t>(value - blocks_.back()));
  }
  void finish() {
    blocks_.shrink_to_fit();
    offsets_.assign(draft_);
    draft_ = {};
  }
  std::uint64_t operator[](std::size_t i) const noexcept { return blocks_[i / kBlock] + offsets_[i]; }
  void fetch(std::size_t i) const noexcept {
    prefetch(&blocks_[i / kBlock]);
    prefetch(offsets_.raw().data() + i * offsets_.width());
  }
  std::size_t size() const noexcept { return offsets_.size(); }
  bool adopt() noexcept { return offsets_.adopt(); }
  // Whether there are `size` of them, which ascend to `last` at most.
  bool valid(std::size_t size, std::uint64_t last) const noexcept {
    if (offsets_.size() != size || blocks_.size() != (size + kBlock - 1) / kBlock) return false;
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const std::uint64_t block = blocks_[i / kBlock];
      if (block > last || block + offsets_[i] < before || block + offsets_[i] > last) return false;
      before = block + offsets_[i];
    }
    return true;
  }
  template <class Self, class Each>
  static void columns(Self& self, Each&& each) {
    each(self.blocks_), each(self.offsets_.raw());
  }

 private:
  static constexpr std::size_t kBlock = 64;
  Column<std::uint64_t> blocks_;
  PackedColumn offsets_;
  std::vector<std::uint32_t> draft_;  // until `finish`
};

}  // namespace easy11
