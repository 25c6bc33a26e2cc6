#pragma once
// Numbers for distinct values in the order they are first seen, while a segment is built: most prices and most lists of
// categories of a shop are those of many entries.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "../common/hash.hpp"

namespace easy11 {

// Open addressing over numbers whose values lie elsewhere.
class NumberTable {
 public:
  // The number of the value with this hash for which `same(number)` holds, or `next`, which is then taken to be its number.
  template <class Same, class HashOf>
  std::uint32_t intern(std::uint64_t hash, std::uint32_t next, Same&& same, HashOf&& hashOf) {
    if ((std::size_t{next} + 1) * 2 > cells_.size()) grow(next, hashOf);
    for (std::size_t at = hash & (cells_.size() - 1);; at = (at + 1) & (cells_.size() - 1)) {
      if (cells_[at] == 0) {
        cells_[at] = next + 1;
        return next;
      }
      if (same(cells_[at] - 1)) return cells_[at] - 1;
    }
  }

 private:
  template <class HashOf>
  void grow(std::uint32_t count, HashOf&& hashOf) {
    cells_.assign(cells_.empty() ? 64 : cells_.size() * 2, 0);
    for (std::uint32_t number = 0; number < count; ++number) {
      std::size_t at = hashOf(number) & (cells_.size() - 1);
      while (cells_[at] != 0) at = (at + 1) & (cells_.size() - 1);
      cells_[at] = number + 1;
    }
  }
  std::vector<std::uint32_t> cells_;  // numbers plus one; 0 is free
};

// Values that are told apart by their bytes.
template <class T>
class ValueTable {
 public:
  std::uint32_t intern(T value) {
    const auto hashOf = [this](T one) { return hashString({reinterpret_cast<const char*>(&one), sizeof one}, seed_); };
    const auto number = table_.intern(
        hashOf(value), static_cast<std::uint32_t>(values_.size()),
        [&](std::uint32_t known) { return std::memcmp(&values_[known], &value, sizeof value) == 0; },
        [&](std::uint32_t known) { return hashOf(values_[known]); });
    if (number == values_.size()) values_.push_back(value);
    return number;
  }
  const std::vector<T>& values() const noexcept { return values_; }

 private:
  std::uint64_t seed_ = newHashSeed(this);
  std::vector<T> values_;
  NumberTable table_;
};

// Lists of numbers, one behind the other.
class ListTable {
 public:
  std::uint32_t intern(const std::uint32_t* begin, std::uint32_t size) {
    const auto hashOf = [this](const std::uint32_t* at, std::size_t count) {
      return hashString({reinterpret_cast<const char*>(at), count * sizeof *at}, seed_);
    };
    const auto number = table_.intern(
        hashOf(begin, size), static_cast<std::uint32_t>(ends_.size()),
        [&](std::uint32_t known) {
          return this->size(known) == size && std::equal(begin, begin + size, items_.data() + this->begin(known));
        },
        [&](std::uint32_t known) { return hashOf(items_.data() + this->begin(known), this->size(known)); });
    if (number == ends_.size()) {
      items_.insert(items_.end(), begin, begin + size);
      ends_.push_back(static_cast<std::uint32_t>(items_.size()));
    }
    return number;
  }
  std::vector<std::uint32_t>&& ends() noexcept { return std::move(ends_); }
  std::vector<std::uint32_t>&& items() noexcept { return std::move(items_); }

 private:
  std::uint64_t seed_ = newHashSeed(this);
  std::uint32_t begin(std::uint32_t number) const noexcept { return number == 0 ? 0 : ends_[number - 1]; }
  std::uint32_t size(std::uint32_t number) const noexcept { return ends_[number] - begin(number); }
  std::vector<std::uint32_t> items_, ends_;
  NumberTable table_;
};

}  // namespace easy11
