#pragma once
// The index part of a snapshot: the columns of one segment and of its ids as they lie in memory, so that a file is opened by
// mapping it. docs/snapshot-format.md has the layout.
#include <memory>
#include <string>

#include "../common/file.hpp"
#include "../common/mapped_file.hpp"
#include "categories.hpp"
#include "id_map.hpp"
#include "segment.hpp"

namespace easy11 {

// Raised with any change of what the columns hold.
constexpr std::uint64_t kIndexLayout = 2;

// Where the index part is, as the header says. `table` is 0 when there is none.
struct IndexPart {
  std::uint64_t table = 0;       // offset in the file
  std::uint32_t columns = 0;     // entries of the table
  std::uint32_t tableChecksum = 0;
  std::uint32_t checksum = 0;    // of everything from the end of the payload to the end of the file
};

// Writes it behind a payload that ends at `at`; false when the disk says no.
bool writeIndexPart(NewFile& file, std::uint64_t at, const Segment& segment, const IdMap& ids,
                    const Categories::Names& names, std::uint32_t categories, IndexPart& out);

// An opened snapshot: columns in the mapped file, of which so far only the table has been checked.
struct OpenedSnapshot {
  std::shared_ptr<MappedFile> file;
  std::shared_ptr<Segment> segment;
  IdMap ids{0};
  Categories categories;
  std::uint32_t entries = 0;
  std::uint64_t payloadEnd = 0;
  IndexPart part;
  Column<std::uint64_t> meta;
  Column<std::uint32_t> nameEnds;
  Column<char> names;
};

// Maps a file. kOk with a null segment when it has no index part, or one of another layout. O(columns).
Status openSnapshot(const std::string& path, OpenedSnapshot& out);
// Checks the rest: checksums, and that nothing points outside. O(file).
Status verifySnapshot(OpenedSnapshot& snapshot, const JobControl& control);

}  // namespace easy11
