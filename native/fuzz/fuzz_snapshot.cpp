// Any bytes at all are given as a snapshot: refused, or loaded into an index that answers.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

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

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::atomic<bool> never{false};
  const JobControl control{never};
  for (const bool sealed : {false, true}) {
    SnapshotContent content;
    content.bytes.assign(data, data + size);
    if (sealed) seal(content.bytes);
    if (parseSnapshot(control, content) != Status::kOk || content.entries.empty()) continue;
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
  return 0;
}
