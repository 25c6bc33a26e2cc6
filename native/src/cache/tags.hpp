#pragma once
// The tags that living entries carry, counted. Invalidating a tag stamps it; an entry that was tagged before is dead, which
// is found out when it is next met. A tag that no entry carries any more is forgotten.
#include <atomic>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "entry.hpp"

namespace easy11 {

class Tags {
 public:
  Tags() = default;
  ~Tags() {
    for (auto& chunk : chunks_) delete[] chunk.load(std::memory_order_relaxed);
    for (const Tag& tag : tags_) delete tag.name;
  }
  Tags(const Tags&) = delete;
  Tags& operator=(const Tags&) = delete;

  // Takes a share of each tag, by name, and gives the stamp for an entry that is tagged now. May throw std::bad_alloc,
  // and has then taken none.
  std::uint32_t take(std::string_view names, std::vector<std::uint32_t>& ids) {
    const std::lock_guard<std::mutex> guard(mutex_);
    ids.clear();
    try {
      while (!names.empty()) {
        const std::size_t end = names.find('\0');
        ids.push_back(0);
        ids.back() = takeOne(names.substr(0, end));
        names.remove_prefix(end == std::string_view::npos ? names.size() : end + 1);
      }
    } catch (...) {
      if (!ids.empty()) ids.pop_back();
      for (const std::uint32_t id : ids) releaseOne(id);
      throw;
    }
    return now_.load(std::memory_order_relaxed);
  }
  void release(const Entry& entry) noexcept {
    const std::lock_guard<std::mutex> guard(mutex_);
    for (std::uint32_t i = 0; i < entry.tagCount(); ++i) releaseOne(entry.tag(i));
  }
  void release(const std::vector<std::uint32_t>& ids) noexcept {
    const std::lock_guard<std::mutex> guard(mutex_);
    for (const std::uint32_t id : ids) releaseOne(id);
  }
  void invalidate(std::string_view name) noexcept {
    const std::lock_guard<std::mutex> guard(mutex_);
    const auto found = byName_.find(name);
    if (found == byName_.end()) return;
    stampOf(found->second).store(now_.fetch_add(1, std::memory_order_relaxed) + 1, std::memory_order_release);
  }
  // Whether one of its tags was invalidated after it was tagged. The entry holds shares, so its ids are in use.
  bool invalid(const Entry& entry) noexcept {
    for (std::uint32_t i = 0; i < entry.tagCount(); ++i)
      if (stampOf(entry.tag(i)).load(std::memory_order_acquire) > entry.tagStamp()) return true;
    return false;
  }
  // Each followed by a zero byte. May throw std::bad_alloc.
  void namesOf(const Entry& entry, std::string& out) {
    const std::lock_guard<std::mutex> guard(mutex_);
    for (std::uint32_t i = 0; i < entry.tagCount(); ++i) out.append(*tags_[entry.tag(i)].name).push_back('\0');
  }
  std::uint64_t held() noexcept {
    const std::lock_guard<std::mutex> guard(mutex_);
    return bytes_;
  }

 private:
  struct Tag {
    const std::string* name = nullptr;
    std::uint32_t shares = 0;
  };
  static constexpr std::uint32_t kChunk = 4096;
  static constexpr std::uint32_t kChunks = 4096;

  std::uint32_t takeOne(std::string_view name) {
    auto found = byName_.find(name);
    if (found == byName_.end()) {
      std::uint32_t id;
      if (free_.empty()) {
        id = static_cast<std::uint32_t>(tags_.size());
        if (id / kChunk >= kChunks) throw std::bad_alloc();
        auto& chunk = chunks_[id / kChunk];
        if (chunk.load(std::memory_order_relaxed) == nullptr) {
          chunk.store(new std::atomic<std::uint32_t>[kChunk](), std::memory_order_release);
          bytes_ += kChunk * 4;
        }
        tags_.emplace_back();
        free_.reserve(tags_.capacity());
      } else {
        id = free_.back();
        free_.pop_back();
      }
      auto owned = std::make_unique<std::string>(name);
      try {
        found = byName_.emplace(*owned, id).first;
      } catch (...) {
        free_.push_back(id);
        throw;
      }
      tags_[id] = {owned.release(), 0};
      stampOf(id).store(0, std::memory_order_relaxed);
      bytes_ += kTagBytes + name.size();
    }
    ++tags_[found->second].shares;
    return found->second;
  }
  void releaseOne(std::uint32_t id) noexcept {
    Tag& tag = tags_[id];
    if (--tag.shares > 0) return;
    bytes_ -= kTagBytes + tag.name->size();
    byName_.erase(*tag.name);
    delete tag.name;
    tag = {};
    free_.push_back(id);
  }
  std::atomic<std::uint32_t>& stampOf(std::uint32_t id) noexcept {
    return chunks_[id / kChunk].load(std::memory_order_acquire)[id % kChunk];
  }

  static constexpr std::uint64_t kTagBytes = 112;  // about: a node of the map, the string, the tag
  std::mutex mutex_;
  std::unordered_map<std::string_view, std::uint32_t> byName_;
  std::vector<Tag> tags_;
  std::vector<std::uint32_t> free_;
  // The stamps stay where they are while the table grows, so that readers need no lock.
  std::atomic<std::atomic<std::uint32_t>*> chunks_[kChunks] = {};
  std::atomic<std::uint32_t> now_{0};
  std::uint64_t bytes_ = 0;
};

}  // namespace easy11
