#pragma once
// An array of plain values that is either built and owned like a vector, or lies in memory of somebody else's, such as a
// mapped file. Who lends the memory keeps it alive.
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace easy11 {

template <class T>
class Column {
  static_assert(std::is_trivially_copyable<T>::value, "columns are written to files as they lie");

 public:
  Column() = default;
  Column(Column&& other) noexcept { *this = std::move(other); }
  Column& operator=(Column&& other) noexcept {
    own_ = std::move(other.own_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    other.own_.clear();
    return *this;
  }
  Column& operator=(std::vector<T>&& values) noexcept {
    own_ = std::move(values);
    return sync();
  }

  T* data() noexcept { return data_; }
  const T* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  T* begin() noexcept { return data_; }
  T* end() noexcept { return data_ + size_; }
  const T* begin() const noexcept { return data_; }
  const T* end() const noexcept { return data_ + size_; }
  T& operator[](std::size_t i) noexcept { return data_[i]; }
  const T& operator[](std::size_t i) const noexcept { return data_[i]; }
  const T& back() const noexcept { return data_[size_ - 1]; }
  std::size_t capacity() const noexcept { return own_.capacity(); }
  // Bytes held, a mapped file's included.
  std::size_t bytes() const noexcept { return (own_.capacity() > size_ ? own_.capacity() : size_) * sizeof(T); }

  // Bytes of them that are a mapped file's, which the system takes back by itself.
  std::size_t lentBytes() const noexcept { return data_ == own_.data() ? 0 : size_ * sizeof(T); }

  // For owned columns only.
  void reserve(std::size_t size) { own_.reserve(size), sync(); }
  void push_back(const T& value) { own_.push_back(value), sync(); }
  void resize(std::size_t size, const T& value = T()) { own_.resize(size, value), sync(); }
  void assign(std::size_t size, const T& value) { own_.assign(size, value), sync(); }
  template <class From>
  void append(From begin, From end) {
    own_.insert(own_.end(), begin, end);
    sync();
  }
  void append(std::string_view letters) { append(letters.begin(), letters.end()); }
  void clear() noexcept { own_.clear(), sync(); }
  void shrink_to_fit() { own_.shrink_to_fit(), sync(); }
  void swap(Column& other) noexcept {
    own_.swap(other.own_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }

  void borrow(T* data, std::size_t size) noexcept {
    own_ = {};
    data_ = data;
    size_ = size;
  }

 private:
  Column& sync() noexcept {
    data_ = own_.data();
    size_ = own_.size();
    return *this;
  }
  std::vector<T> own_;
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace easy11
