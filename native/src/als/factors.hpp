#pragma once
// Tables of factors and the interactions, as plain memory.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "../common/column.hpp"
#include "kernels.hpp"

namespace easy11::als {

// Floats on a cache line's boundary.
class Floats {
 public:
  Floats() = default;
  explicit Floats(std::size_t size)
      : data_(static_cast<float*>(::operator new(size * sizeof(float) + kSpare, std::align_val_t(64)))), size_(size) {}
  float* data() noexcept { return data_.get(); }
  const float* data() const noexcept { return data_.get(); }
  std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t kSpare = 256;
  struct Free {
    void operator()(float* p) const noexcept { ::operator delete(p, std::align_val_t(64)); }
  };
  std::unique_ptr<float, Free> data_;
  std::size_t size_ = 0;
};

// `rows` rows of `stride` floats each: its own memory, or that of a mapped file, kept alive by `keeper`.
class Factors {
 public:
  Factors() = default;
  Factors(std::size_t rows, std::size_t stride) : own_(rows * stride), at_(own_.data()), rows_(rows), capacity_(rows), stride_(stride) {
    if (rows > 0) std::memset(at_, 0, rows * stride * sizeof(float));
  }
  Factors(float* mapped, std::size_t rows, std::size_t stride, std::shared_ptr<void> keeper)
      : keeper_(std::move(keeper)), at_(mapped), rows_(rows), capacity_(rows), stride_(stride) {}

  float* row(std::size_t i) noexcept { return at_ + i * stride_; }
  const float* row(std::size_t i) const noexcept { return at_ + i * stride_; }
  std::size_t rows() const noexcept { return rows_; }
  std::size_t stride() const noexcept { return stride_; }
  // Of its own memory; a mapped file's belongs to the system.
  std::size_t bytes() const noexcept { return own_.size() * sizeof(float); }

  // Rows of zeros at the end, up to so many in all.
  void grow(std::size_t rows) {
    if (rows <= rows_) return;
    Factors more(rows, stride_);
    if (rows_ > 0) std::memcpy(more.at_, at_, rows_ * stride_ * sizeof(float));
    *this = std::move(more);
  }

  // A new row of zeros at the end. Amortised O(stride).
  void append() {
    if (rows_ == capacity_) {
      const std::size_t capacity = rows_ + rows_ / 4 + 16;
      Floats more(capacity * stride_);
      if (rows_ > 0) std::memcpy(more.data(), at_, rows_ * stride_ * sizeof(float));
      own_ = std::move(more);
      at_ = own_.data();
      capacity_ = capacity;
      keeper_.reset();
    }
    std::memset(row(rows_++), 0, stride_ * sizeof(float));
  }

 private:
  Floats own_;
  std::shared_ptr<void> keeper_;
  float* at_ = nullptr;
  std::size_t rows_ = 0, capacity_ = 0, stride_ = 0;
};

// Compressed sparse rows, of their own or in a mapped file: row i has the columns (ascending, each once) and weights from starts[i] to starts[i + 1].
struct Interactions {
  std::vector<std::uint64_t> starts{0};
  Column<std::uint32_t> columns;
  Column<float> weights;

  std::size_t rows() const noexcept { return starts.size() - 1; }
  std::size_t size(std::size_t row) const noexcept { return static_cast<std::size_t>(starts[row + 1] - starts[row]); }
  std::size_t bytes() const noexcept {
    return starts.capacity() * sizeof starts[0] + columns.capacity() * sizeof columns[0] + weights.capacity() * sizeof weights[0];
  }
};

}  // namespace easy11::als
