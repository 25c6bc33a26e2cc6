// Any bytes at all are given as a snapshot: refused, or loaded into an index that answers.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "../src/common/little_endian.hpp"
#include "../src/autocomplete/segment_search.hpp"
#include "../src/autocomplete/snapshot.hpp"
#include "easy11/crc32.hpp"

using namespace easy11;

// A fuzzer cannot guess checksums, so they are put right for it.
static void seal(std::vector<char>& bytes) {
  if (bytes.size() < kSnapshotHeader) return;
  auto* header = reinterpret_cast<unsigned char*>(bytes.data());
  putLittle64(header + 24, bytes.size() - kSnapshotHeader);
  putLittle32(header + 32, crc32(0, bytes.data() + kSnapshotHeader, bytes.size() - kSnapshotHeader));
  putLittle32(header + 60, crc32(0, header, 60));
}

static void appendSection(std::vector<char>& bytes, const std::string& section) {
  bytes.insert(bytes.end(), section.begin(), section.end());
  bytes.resize((bytes.size() + 7) / 8 * 8);
}

// Up to seven entries whose numbers and strings are the fuzzer's, and only their frame is right: it need not find that by chance.
static std::vector<char> framed(const std::uint8_t* data, std::size_t size) {
  const std::uint8_t* const end = data + size;
  const auto take = [&] { return data < end ? *data++ : std::uint8_t{0}; };
  const std::uint32_t count = take() % 8;
  std::vector<char> bytes(kSnapshotHeader);
  auto* const header = reinterpret_cast<unsigned char*>(bytes.data());
  std::memcpy(header, kSnapshotMagic, sizeof kSnapshotMagic);
  putLittle32(header + 8, kSnapshotVersion);
  putLittle32(header + 12, kSnapshotHeader);
  putLittle32(header + 16, count);
  std::string numbers, flags;
  for (int column = 0; column < 2; ++column) {  // weights, largest first; prices
    numbers.clear();
    for (std::uint32_t i = 0; i < count; ++i) {
      const double value = column == 0 ? 1000.0 - take() * i : take() * 0.5;
      numbers.append(reinterpret_cast<const char*>(&value), sizeof value);
      if (const std::uint8_t place = take(); place < 8) numbers[8 * i + place] = static_cast<char>(take());
    }
    appendSection(bytes, numbers);
  }
  for (std::uint32_t i = 0; i < count; ++i) flags += static_cast<char>(take() % 5);
  appendSection(bytes, flags);
  for (int column = 0; column < 4; ++column) {  // ids, texts, analyses, categories
    std::string ends, letters;
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::size_t length = std::min<std::size_t>(take() % 24, static_cast<std::size_t>(end - data));
      letters.append(reinterpret_cast<const char*>(data), length);
      data += length;
      unsigned char at[4];
      putLittle32(at, static_cast<std::uint32_t>(letters.size()));
      ends.append(reinterpret_cast<const char*>(at), sizeof at);
    }
    appendSection(bytes, ends);
    appendSection(bytes, letters);
  }
  return bytes;
}

static void load(std::vector<char> bytes) {
  static const std::atomic<bool> never{false};
  const JobControl control{never};
  SnapshotContent content;
  content.bytes = std::move(bytes);
  if (parseSnapshot(control, content) != Status::kOk || content.entries.empty()) return;
  Segment segment;
  if (buildSegment(content.entries, control, segment) != Built::kDone) std::abort();
  SearchScratch scratch;
  Plan plan;
  Top top;
  for (const SearchMode mode : {SearchMode::kWords, SearchMode::kFuzzy, SearchMode::kPrefix}) {
    plan.readPlan("abcd*\x01" "a b*", mode == SearchMode::kPrefix);
    SegmentSearch(segment, nullptr, nullptr, scratch).run(plan, mode, 10, top);
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<char> bytes(data, data + size);
  load(bytes);
  seal(bytes);
  load(bytes);
  bytes = framed(data, size);
  seal(bytes);
  load(std::move(bytes));
  return 0;
}
