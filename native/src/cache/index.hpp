#pragma once
// Hash -> place, in buckets of one cache line: 12 tags of a byte and 12 places. A bucket that is full spills into the next
// one and counts what passed it, so that a search knows when to stop (as in F14, Bronson and Shi, 2019).
#include <cstdint>
#include <vector>
#if defined(__SSE2__) || defined(_M_X64)  // every x86-64
#include <emmintrin.h>
#define EASY11_SSE2
#endif

#include "easy11/bits.hpp"
#include "entry.hpp"

namespace easy11 {

class Index {
 public:
  static constexpr std::uint32_t kWidth = 12;
  static constexpr std::uint32_t kLoad = 80;  // per cent of the slots in use at most

  // The place for which `is` holds among those of this hash, or kNowhere.
  template <class Is>
  std::uint32_t find(std::uint64_t hash, Is&& is) const noexcept {
    if (buckets_.empty()) return kNowhere;
    const std::uint8_t tag = tagOf(hash);
    // In a small table every bucket may have been passed by something: once around is enough.
    std::uint32_t at = home(hash);
    for (std::size_t tries = buckets_.size(); tries > 0; --tries, at = next(at)) {
      const Bucket& bucket = buckets_[at];
      for (std::uint32_t match = bucket.matches(tag); match != 0; match &= match - 1) {
        const std::uint32_t i = lowestBit(match);
        if (is(bucket.places[i])) return bucket.places[i];
      }
      if (bucket.spilt == 0) break;
    }
    return kNowhere;
  }
  void prefetchHome(std::uint64_t hash) const noexcept {
    if (!buckets_.empty()) prefetch(&buckets_[home(hash)]);
  }

  bool full() const noexcept { return count_ >= capacity_; }
  // Room for `entries`; `hashOf(place)` gives back what each was inserted with. May throw std::bad_alloc.
  template <class HashOf>
  void reserve(std::uint64_t entries, HashOf&& hashOf) {
    if (entries <= capacity_) return;
    std::vector<Bucket> old(bucketsFor(entries));
    old.swap(buckets_);
    capacity_ = buckets_.size() * kWidth * kLoad / 100;
    count_ = 0;
    for (const Bucket& bucket : old)
      for (std::uint32_t i = 0; i < kWidth; ++i)
        if (bucket.tags[i] != 0) insert(hashOf(bucket.places[i]), bucket.places[i]);
  }
  // Makes room for one more.
  template <class HashOf>
  void grow(HashOf&& hashOf) {
    if (full()) reserve(count_ + count_ / 4 + 8, hashOf);
  }

  // There must be room.
  void insert(std::uint64_t hash, std::uint32_t place) noexcept {
    std::uint32_t at = home(hash);
    std::uint32_t empty;
    while ((empty = buckets_[at].matches(0)) == 0) {
      if (buckets_[at].spilt != 255) ++buckets_[at].spilt;
      at = next(at);
    }
    const std::uint32_t i = lowestBit(empty);
    buckets_[at].tags[i] = tagOf(hash);
    buckets_[at].places[i] = place;
    ++count_;
  }
  void erase(std::uint64_t hash, std::uint32_t place) noexcept {
    for (std::uint32_t at = home(hash);; at = next(at)) {
      const std::uint32_t i = position(buckets_[at], hash, place);
      if (i < kWidth) {
        buckets_[at].tags[i] = 0;
        --count_;
        return;
      }
      // 255 means "255 or more": it stays until the buckets are made anew.
      if (buckets_[at].spilt != 255) --buckets_[at].spilt;
    }
  }
  void move(std::uint64_t hash, std::uint32_t from, std::uint32_t to) noexcept {
    for (std::uint32_t at = home(hash);; at = next(at)) {
      const std::uint32_t i = position(buckets_[at], hash, from);
      if (i >= kWidth) continue;
      buckets_[at].places[i] = to;
      return;
    }
  }

  std::uint64_t count() const noexcept { return count_; }
  std::uint64_t held() const noexcept { return buckets_.capacity() * sizeof(Bucket); }
  void clear() noexcept {
    buckets_ = {};
    count_ = capacity_ = 0;
  }

 private:
  struct alignas(64) Bucket {
    std::uint8_t tags[kWidth] = {};  // 0 for an empty slot
    std::uint8_t spilt = 0;
    std::uint8_t unused[3] = {};
    std::uint32_t places[kWidth] = {};

    // One bit for each slot with the tag.
    std::uint32_t matches(std::uint8_t tag) const noexcept {
#ifdef EASY11_SSE2
      const __m128i first = _mm_load_si128(reinterpret_cast<const __m128i*>(this));
      const __m128i equal = _mm_cmpeq_epi8(first, _mm_set1_epi8(static_cast<char>(tag)));
      return static_cast<std::uint32_t>(_mm_movemask_epi8(equal)) & ((1u << kWidth) - 1);
#else
      std::uint32_t bits = 0;
      for (std::uint32_t i = 0; i < kWidth; ++i) bits |= static_cast<std::uint32_t>(tags[i] == tag) << i;
      return bits;
#endif
    }
  };
  static_assert(sizeof(Bucket) == 64, "one cache line");

  static std::uint8_t tagOf(std::uint64_t hash) noexcept {
    const auto tag = static_cast<std::uint8_t>(hash >> 8);
    return tag == 0 ? 1 : tag;
  }
  static std::size_t bucketsFor(std::uint64_t entries) noexcept {
    return static_cast<std::size_t>(entries * 100 / (kWidth * kLoad) + 1);
  }
  std::uint32_t home(std::uint64_t hash) const noexcept {
    return static_cast<std::uint32_t>(((hash >> 32) * buckets_.size()) >> 32);
  }
  std::uint32_t next(std::uint32_t at) const noexcept { return at + 1 == buckets_.size() ? 0 : at + 1; }
  static std::uint32_t position(const Bucket& bucket, std::uint64_t hash, std::uint32_t place) noexcept {
    for (std::uint32_t match = bucket.matches(tagOf(hash)); match != 0; match &= match - 1) {
      const std::uint32_t i = lowestBit(match);
      if (bucket.places[i] == place) return i;
    }
    return kWidth;
  }

  std::vector<Bucket> buckets_;
  std::uint64_t count_ = 0, capacity_ = 0;
};

}  // namespace easy11
