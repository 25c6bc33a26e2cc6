#pragma once
// Entries on their way into a segment: their strings lie in chunks that never move.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "documents.hpp"

namespace easy11 {

class Batch {
 public:
  // Copies the entry.
  void add(const DocumentView& source) {
    DocumentView entry = source;
    const std::size_t letters = source.id.size() + source.text.size() + source.analysis.size();
    char* const at = take(letters + source.categoryCount * 4 + 3);
    char* out = at;
    const auto copy = [&](std::string_view from) {
      if (!from.empty()) std::memcpy(out, from.data(), from.size());
      const std::string_view to(out, from.size());
      out += from.size();
      return to;
    };
    entry.id = copy(source.id);
    entry.text = copy(source.text);
    entry.analysis = copy(source.analysis);
    if (source.categoryCount > 0) {
      out += (4 - reinterpret_cast<std::uintptr_t>(out) % 4) % 4;
      std::memcpy(out, source.categories, source.categoryCount * 4);
      entry.categories = reinterpret_cast<const std::uint32_t*>(out);
    }
    if (count_ % kPage == 0) pages_.push_back(std::make_unique<DocumentView[]>(kPage));
    pages_.back()[count_++ % kPage] = entry;
  }
  std::size_t size() const noexcept { return count_; }
  const DocumentView& operator[](std::size_t i) const noexcept { return pages_[i / kPage][i % kPage]; }
  std::size_t bytes() const noexcept { return bytes_ + pages_.size() * kPage * sizeof(DocumentView); }

 private:
  static constexpr std::size_t kChunk = 1 << 18;
  char* take(std::size_t size) {
    if (size > left_) {
      const std::size_t chunk = std::max(size, kChunk);
      chunks_.push_back(std::unique_ptr<char[]>(new char[chunk]));  // not zeroed, as make_unique would
      at_ = chunks_.back().get();
      left_ = chunk;
      bytes_ += chunk;
    }
    char* const taken = at_;
    at_ += size;
    left_ -= size;
    return taken;
  }

  // In pages, because moving a million entries when a vector grows would hold the event loop.
  static constexpr std::size_t kPage = 1024;
  std::vector<std::unique_ptr<DocumentView[]>> pages_;
  std::size_t count_ = 0;
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* at_ = nullptr;
  std::size_t left_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace easy11
