#pragma once
// Category ids as numbers: each string is kept once, and an entry or a filter names it by its number.
//
// Grows only: a category that no entry has any more keeps its string until the index is closed. One writer adds; `find` and
// `size` may be called on any thread meanwhile and never wait: strings lie in chunks that never move, and a hash table that
// is too small is followed by a larger one and kept until the end.
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "documents.hpp"

namespace easy11 {

constexpr std::uint32_t kNoCategory = 0xffffffff;

class Categories {
 public:
  Categories();
  Categories(Categories&& other) noexcept;
  Categories& operator=(Categories&& other) noexcept;

  // The number of a category, given one if it is new.
  std::uint32_t intern(std::string_view name);
  std::uint32_t find(std::string_view name) const noexcept;
  // Interns what is joined by '\x01' into `out`, in the same order.
  void internAll(std::string_view joined, std::vector<std::uint32_t>& out);
  std::uint32_t size() const noexcept { return size_.load(std::memory_order_acquire); }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct Named {
    std::string name;
    std::uint32_t number = 0;
  };

 public:
  class Names {
   public:
    std::string_view name(std::uint32_t number) const noexcept {
      return (*chunks_[number / kChunk])[number % kChunk].name;
    }
    // Appends the categories of an entry, joined by '\x01'.
    void join(const DocumentView& document, std::string& out) const;

   private:
    friend class Categories;
    static constexpr std::uint32_t kChunk = 256;
    using Chunk = std::array<Named, kChunk>;
    std::vector<std::shared_ptr<Chunk>> chunks_;
  };
  // Cheap: shares the strings. For the writer.
  const Names& names() const noexcept { return names_; }

 private:
  struct Table {
    explicit Table(std::size_t size) : cells(new std::atomic<const Named*>[size]()), mask(size - 1) {}
    std::unique_ptr<std::atomic<const Named*>[]> cells;
    std::size_t mask;
  };
  void place(const Table& table, const Named* named) const noexcept;
  void grow();

  Names names_;
  std::vector<std::unique_ptr<Table>> tables_;  // the last is in use
  std::atomic<const Table*> table_{nullptr};
  std::atomic<std::uint32_t> size_{0};
  std::uint64_t seed_;
  std::size_t bytes_ = 0;
};

}  // namespace easy11
