#pragma once
// An entry as it lies in a log, at a multiple of four bytes:
//
//   u32 bytes of the value | u16 bytes of the key | u8 shape | u8 state
//   [u32 newer, u32 older]           under LRU: places of its neighbours in the order of use
//   [u32 expiry tick]                shape bit 4
//   [u32 count, u32 stamp, u32 …]    shape bit 5: its tags, and when they were put on
//   key | value, or a pointer to its block  shape bit 6
//
// A dead entry keeps its header, so that a walk along the log finds the next one.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "block.hpp"
#include "easy11/cache.hpp"

namespace easy11 {

constexpr std::uint32_t kHeaderBytes = 8;
constexpr std::uint32_t kLinkBytes = 8;
constexpr std::uint32_t kNowhere = 0xffffffffu;

constexpr std::uint8_t kShapeKind = 7, kShapeWide = 8, kShapeExpiry = 16, kShapeTags = 32, kShapeBlock = 64;
constexpr std::uint8_t kStateFrequency = 3, kStateDead = 4, kStateMain = 8;

class Entry {
 public:
  Entry(char* at, bool linked) noexcept : at_(at), links_(linked ? kLinkBytes : 0) {}

  std::uint32_t valueBytes() const noexcept { return load(0); }
  std::uint32_t keyBytes() const noexcept {
    std::uint16_t size;
    std::memcpy(&size, at_ + 4, 2);
    return size;
  }
  std::uint8_t shape() const noexcept { return static_cast<std::uint8_t>(at_[6]); }
  std::uint8_t state() const noexcept { return static_cast<std::uint8_t>(at_[7]); }
  void setState(std::uint8_t state) noexcept { at_[7] = static_cast<char>(state); }
  bool dead() const noexcept { return (state() & kStateDead) != 0; }
  bool main() const noexcept { return (state() & kStateMain) != 0; }
  std::uint8_t frequency() const noexcept { return state() & kStateFrequency; }
  void setFrequency(std::uint8_t frequency) noexcept {
    setState(static_cast<std::uint8_t>((state() & ~kStateFrequency) | frequency));
  }
  void touch() noexcept {
    if (frequency() < kStateFrequency) setState(static_cast<std::uint8_t>(state() + 1));
  }

  std::uint32_t newer() const noexcept { return load(8); }
  std::uint32_t older() const noexcept { return load(12); }
  void setNewer(std::uint32_t place) noexcept { store(8, place); }
  void setOlder(std::uint32_t place) noexcept { store(12, place); }

  bool expires() const noexcept { return (shape() & kShapeExpiry) != 0; }
  std::uint32_t expiry() const noexcept { return load(kHeaderBytes + links_); }
  bool tagged() const noexcept { return (shape() & kShapeTags) != 0; }
  std::uint32_t tagCount() const noexcept { return tagged() ? load(tagsAt()) : 0; }
  std::uint32_t tagStamp() const noexcept { return load(tagsAt() + 4); }
  std::uint32_t tag(std::uint32_t i) const noexcept { return load(tagsAt() + 8 + 4 * i); }

  CacheKey key() const noexcept { return {{at_ + keyAt(), keyBytes()}, (shape() & kShapeWide) != 0}; }
  bool hasBlock() const noexcept { return (shape() & kShapeBlock) != 0; }
  Block* block() const noexcept {
    Block* block;
    std::memcpy(&block, at_ + keyAt() + keyBytes(), sizeof block);
    return block;
  }
  CacheValue value() const noexcept {
    const char* const bytes = hasBlock() ? block()->bytes() : at_ + keyAt() + keyBytes();
    return {{bytes, valueBytes()}, static_cast<ValueKind>(shape() & kShapeKind)};
  }
  char* inlineValue() noexcept { return at_ + keyAt() + keyBytes(); }

  // Bytes in the log.
  std::uint32_t total() const noexcept {
    return sizeOf(links_, shape(), tagCount(), keyBytes(), hasBlock() ? sizeof(Block*) : valueBytes());
  }
  static std::uint32_t sizeOf(std::uint32_t links, std::uint8_t shape, std::uint32_t tags, std::size_t key,
                              std::size_t value) noexcept {
    std::size_t size = kHeaderBytes + links + key + value;
    if ((shape & kShapeExpiry) != 0) size += 4;
    if ((shape & kShapeTags) != 0) size += 8 + 4 * std::size_t{tags};
    return static_cast<std::uint32_t>((size + 3) & ~std::size_t{3});
  }

  // What the budget charges it: the same in the TypeScript fallback.
  std::uint64_t charge() const noexcept { return chargeOf(links_ != 0, keyBytes(), valueBytes(), tagCount()); }
  static std::uint64_t chargeOf(bool linked, std::uint64_t key, std::uint64_t value, std::uint64_t tags) noexcept {
    const std::uint64_t content = key + value + (tags == 0 ? 0 : 8 + 4 * tags);
    // Evictions in the order of use leave holes all over the log: LRU needs an eighth more to sweep seldom.
    return kEntryCharge + content + (linked ? content / 8 : 0);
  }

  void writeHeader(std::uint32_t value, std::size_t key, std::uint8_t shape, std::uint8_t state) noexcept {
    store(0, value);
    const auto size = static_cast<std::uint16_t>(key);
    std::memcpy(at_ + 4, &size, 2);
    at_[6] = static_cast<char>(shape);
    at_[7] = static_cast<char>(state);
  }
  void writeExpiry(std::uint32_t tick) noexcept { store(kHeaderBytes + links_, tick); }
  void writeTags(const std::uint32_t* ids, std::uint32_t count, std::uint32_t stamp) noexcept {
    store(tagsAt(), count);
    store(tagsAt() + 4, stamp);
    for (std::uint32_t i = 0; i < count; ++i) store(tagsAt() + 8 + 4 * i, ids[i]);
  }
  void writeKey(std::string_view key) noexcept {
    if (!key.empty()) std::memcpy(at_ + keyAt(), key.data(), key.size());
  }
  void writeValue(std::string_view value, Block* block) noexcept {
    if (block != nullptr) std::memcpy(inlineValue(), &block, sizeof block);
    else if (!value.empty()) std::memcpy(inlineValue(), value.data(), value.size());
  }

 private:
  std::uint32_t load(std::uint32_t offset) const noexcept {
    std::uint32_t value;
    std::memcpy(&value, at_ + offset, 4);
    return value;
  }
  void store(std::uint32_t offset, std::uint32_t value) noexcept { std::memcpy(at_ + offset, &value, 4); }
  std::uint32_t tagsAt() const noexcept { return kHeaderBytes + links_ + (expires() ? 4 : 0); }
  std::uint32_t keyAt() const noexcept { return tagsAt() + (tagged() ? 8 + 4 * load(tagsAt()) : 0); }

  char* at_;
  std::uint32_t links_;
};

}  // namespace easy11
