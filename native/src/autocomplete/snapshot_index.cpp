#include "snapshot_index.hpp"

#include <algorithm>
#include <cstring>

#include "easy11/crc32.hpp"
#include "../common/little_endian.hpp"
#include "snapshot.hpp"

namespace easy11 {
namespace {

constexpr std::uint64_t kAlign = 64;
constexpr std::size_t kTableEntry = 24;  // u64 offset, u64 bytes, u32 size of an element, u32 zero
constexpr std::size_t kMetaNumbers = 3;  // layout, entries, seed; then the number of ids by shard

bool littleEndian() noexcept {
  const std::uint32_t one = 1;
  unsigned char first;
  std::memcpy(&first, &one, 1);
  return first == 1;
}

// Everything of the index part, in the order of the file.
template <class Each>
void allColumns(const Segment& segment, const IdMap& ids, Each&& each) {
  Segment::columns(segment, each);
  IdMap::columns(ids, each);
}
template <class Each>
void allColumns(Segment& segment, IdMap& ids, Each&& each) {
  Segment::columns(segment, each);
  IdMap::columns(ids, each);
}

class IndexWriter {
 public:
  IndexWriter(NewFile& file, std::uint64_t at) : file_(file), at_(at) {}
  void put(const void* bytes, std::size_t size) {
    checksum_ = crc32(checksum_, bytes, size);
    at_ += size;
    good_ = good_ && file_.write(bytes, size);
  }
  void pad() {
    static const char zeros[kAlign] = {};
    put(zeros, static_cast<std::size_t>((kAlign - at_ % kAlign) % kAlign));
  }
  template <class T>
  void column(const T* data, std::size_t count) {
    pad();
    unsigned char entry[kTableEntry] = {};
    putLittle64(entry, at_);
    putLittle64(entry + 8, count * sizeof(T));
    putLittle32(entry + 16, sizeof(T));
    table_.append(reinterpret_cast<const char*>(entry), sizeof entry);
    put(data, count * sizeof(T));
  }
  bool finish(IndexPart& out) {
    pad();
    out.table = at_;
    out.columns = static_cast<std::uint32_t>(table_.size() / kTableEntry);
    out.tableChecksum = crc32(0, table_.data(), table_.size());
    put(table_.data(), table_.size());
    out.checksum = checksum_;
    return good_;
  }

 private:
  NewFile& file_;
  std::uint64_t at_;
  std::string table_;
  std::uint32_t checksum_ = 0;
  bool good_ = true;
};

// Lends columns the places that the table names, one after the other.
class TableReader {
 public:
  TableReader(MappedFile& file, const IndexPart& part, std::uint64_t from)
      : file_(file), part_(part), at_(part.table), end_(from) {}
  template <class T>
  void operator()(Column<T>& column) noexcept {
    if (!good_ || taken_ == part_.columns) {
      good_ = false;
      return;
    }
    const auto* entry = reinterpret_cast<const unsigned char*>(file_.data()) + at_;
    const std::uint64_t offset = getLittle64(entry);
    const std::uint64_t bytes = getLittle64(entry + 8);
    // Columns follow each other, so that no two overlap and no number runs over.
    good_ = offset >= end_ && offset % kAlign == 0 && offset <= part_.table && bytes <= part_.table - offset &&
            getLittle32(entry + 16) == sizeof(T) && bytes % sizeof(T) == 0;
    if (!good_) return;
    column.borrow(reinterpret_cast<T*>(file_.data() + offset), static_cast<std::size_t>(bytes / sizeof(T)));
    end_ = offset + bytes;
    at_ += kTableEntry;
    ++taken_;
  }
  bool done() const noexcept { return good_ && taken_ == part_.columns; }

 private:
  MappedFile& file_;
  const IndexPart& part_;
  std::uint64_t at_, end_;
  std::uint32_t taken_ = 0;
  bool good_ = true;
};

}  // namespace

bool writeIndexPart(NewFile& file, std::uint64_t at, const Segment& segment, const IdMap& ids,
                    const Categories::Names& names, std::uint32_t categories, IndexPart& out) {
  if (!littleEndian()) return true;  // such a machine opens what it saves by building it
  IndexWriter writer(file, at);
  std::vector<std::uint64_t> meta = {kIndexLayout, segment.size(), ids.seed()};
  for (std::size_t shard = 0; shard < IdMap::kShards; ++shard) meta.push_back(ids.used(shard));
  std::vector<std::uint32_t> nameEnds;
  std::string letters;
  for (std::uint32_t number = 0; number < categories; ++number) {
    letters.append(names.name(number));
    nameEnds.push_back(static_cast<std::uint32_t>(letters.size()));
  }
  writer.column(meta.data(), meta.size());
  writer.column(nameEnds.data(), nameEnds.size());
  writer.column(letters.data(), letters.size());
  allColumns(segment, ids, [&](const auto& column) { writer.column(column.data(), column.size()); });
  return writer.finish(out);
}

Status openSnapshot(const std::string& path, OpenedSnapshot& out) {
  out.file = std::make_shared<MappedFile>();
  const Status opened = out.file->open(path);
  if (opened != Status::kOk) return opened;
  SnapshotHeader header;
  const Status status = readSnapshotHeader(out.file->data(), out.file->size(), header);
  if (status != Status::kOk) return status;
  out.part = header.index;
  out.entries = header.entries;
  out.payloadEnd = kSnapshotHeader + header.payloadBytes;
  const IndexPart& part = out.part;
  if (part.table == 0 || !littleEndian()) return Status::kOk;
  if (crc32(0, out.file->data() + part.table, std::size_t{part.columns} * kTableEntry) != part.tableChecksum)
    return Status::kCorrupt;
  out.segment = std::make_shared<Segment>();
  out.segment->backing = out.file;
  out.ids.keep(out.file);
  TableReader reader(*out.file, part, out.payloadEnd);
  reader(out.meta);
  if (out.meta.size() > 0 && out.meta[0] != kIndexLayout) {
    out.segment = nullptr;
    return Status::kOk;
  }
  reader(out.nameEnds);
  reader(out.names);
  allColumns(*out.segment, out.ids, reader);
  if (!reader.done() || out.meta.size() != kMetaNumbers + IdMap::kShards || out.meta[1] != out.entries)
    return Status::kCorrupt;
  return Status::kOk;
}

Status verifySnapshot(OpenedSnapshot& snapshot, const JobControl& control) {
  const MappedFile& file = *snapshot.file;
  std::uint32_t checksum = 0;
  constexpr std::size_t kPiece = 1 << 20;
  for (std::size_t at = static_cast<std::size_t>(snapshot.payloadEnd); at < file.size(); at += kPiece) {
    if (control.cancelled()) return Status::kCancelled;
    checksum = crc32(checksum, file.data() + at, std::min(kPiece, file.size() - at));
  }
  if (checksum != snapshot.part.checksum) return Status::kCorrupt;
  std::uint32_t begin = 0;
  for (const std::uint32_t end : snapshot.nameEnds) {
    if (end < begin || end > snapshot.names.size()) return Status::kCorrupt;
    const std::uint32_t number = snapshot.categories.size();
    if (snapshot.categories.intern({snapshot.names.data() + begin, end - begin}) != number) return Status::kCorrupt;
    begin = end;
  }
  Segment& segment = *snapshot.segment;
  if (!segment.adopt() || segment.size() != snapshot.entries || !segment.valid(snapshot.categories.size())) return Status::kCorrupt;
  if (control.cancelled()) return Status::kCancelled;
  segment.dictionary.index();
  snapshot.ids.setSeed(snapshot.meta[2]);
  for (std::size_t shard = 0; shard < IdMap::kShards; ++shard)
    snapshot.ids.setUsed(shard, snapshot.meta[kMetaNumbers + shard]);
  return snapshot.ids.valid(segment.size()) ? Status::kOk : Status::kCorrupt;
}

}  // namespace easy11
