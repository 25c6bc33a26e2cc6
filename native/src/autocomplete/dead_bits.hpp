#pragma once
// Which entries of a segment are gone. In pages that copies share until one of them changes, so that a state of the index
// that readers hold costs the writer one page of 4 KiB per change and not a bitmap of the whole segment.
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "easy11/bits.hpp"

namespace easy11 {

class DeadBits {
 public:
  std::uint32_t count() const noexcept { return count_; }
  bool test(std::uint32_t rank) const noexcept {
    const Page* const page = pages_[rank / kPageBits].get();
    return page != nullptr && testBit(page->data(), rank % kPageBits);
  }
  // The bits of the entries [64 at, 64 at + 64).
  std::uint64_t word(std::size_t at) const noexcept {
    const Page* const page = pages_[at / kPageWords].get();
    return page != nullptr ? (*page)[at % kPageWords] : 0;
  }
  // Makes what `kill` needs, so that it cannot fail. `shared` when a copy of this may be read meanwhile.
  void prepare(std::uint32_t rank, std::uint32_t size, bool shared) {
    if (pages_.empty()) pages_.resize((std::size_t{size} + kPageBits - 1) / kPageBits);
    std::shared_ptr<Page>& page = pages_[rank / kPageBits];
    if (page == nullptr)
      page = std::make_shared<Page>(Page{});
    else if (shared)
      page = std::make_shared<Page>(*page);
  }
  void kill(std::uint32_t rank) noexcept {
    setBit(pages_[rank / kPageBits]->data(), rank % kPageBits);
    ++count_;
  }
  // A plain copy, empty when nothing is gone.
  Bitmap plain(std::uint32_t size) const {
    Bitmap bits;
    if (count_ == 0) return bits;
    bits.resize(bitmapWords(size));
    for (std::size_t at = 0; at < bits.size(); ++at) bits[at] = word(at);
    return bits;
  }
  std::size_t bytes() const noexcept {
    std::size_t total = pages_.capacity() * sizeof(pages_[0]);
    for (const auto& page : pages_) total += page != nullptr ? sizeof(Page) : 0;
    return total;
  }

 private:
  static constexpr std::uint32_t kPageBits = 32768;
  static constexpr std::size_t kPageWords = kPageBits / 64;
  using Page = std::array<std::uint64_t, kPageWords>;
  std::vector<std::shared_ptr<Page>> pages_;
  std::uint32_t count_ = 0;
};

}  // namespace easy11
