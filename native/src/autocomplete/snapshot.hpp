#pragma once
// Snapshots, format version 1: docs/snapshot-format.md. The TypeScript fallback reads and writes the same bytes.
#include <cstdint>
#include <string>
#include <vector>

#include "categories.hpp"
#include "easy11/status.hpp"
#include "id_map.hpp"
#include "segment.hpp"
#include "snapshot_index.hpp"

namespace easy11 {

struct SnapshotSource {
  std::shared_ptr<const Segment> segment;
  Bitmap dead;  // empty for none
};

// With `index` it gets an index part; `categories` is how many names there are.
Status writeSnapshot(const std::string& path, const std::vector<SnapshotSource>& sources, const Categories::Names& names,
                     std::uint32_t categories, bool index, const JobControl& control);

struct SnapshotHeader {
  std::uint32_t entries = 0;
  std::uint64_t payloadBytes = 0;
  std::uint32_t checksum = 0;
  IndexPart index;
};
// Reads and checks the header of a file of `size` bytes.
Status readSnapshotHeader(const char* bytes, std::size_t size, SnapshotHeader& out) noexcept;

// What a snapshot holds. The views point into `bytes`, the categories into `categoryNumbers`.
struct SnapshotContent {
  std::vector<char> bytes;
  std::vector<DocumentView> entries;  // in rank order; slots are 0, 1, …
  std::vector<std::uint32_t> categoryNumbers;
  Categories categories;
  IdMap ids;
};

// Reads and validates everything: nothing in `out` can be other than what `writeSnapshot` wrote.
Status readSnapshot(const std::string& path, const JobControl& control, SnapshotContent& out);
// The same for bytes in memory, in out.bytes.
Status parseSnapshot(const JobControl& control, SnapshotContent& out);

constexpr std::size_t kSnapshotHeader = 64;
constexpr char kSnapshotMagic[8] = {'E', '1', '1', 'A', 'U', 'T', 'O', 'C'};
constexpr std::uint32_t kSnapshotVersion = 1;

}  // namespace easy11
