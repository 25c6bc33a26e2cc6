#include <cmath>

#include "easy11/crc32.hpp"
#include "../common/file.hpp"
#include "../common/little_endian.hpp"
#include "snapshot.hpp"

namespace easy11 {
namespace {

constexpr std::uint64_t kNoPrice = 0x7ff8000000000000u;

// Collects bytes, keeps their checksum and number.
class Writer {
 public:
  explicit Writer(NewFile& file) : file_(file) { buffer_.reserve(kBuffer + 16); }
  void put(std::string_view bytes) {
    if (buffer_.size() + bytes.size() > kBuffer) flush();
    if (bytes.size() > kBuffer)
      emit(bytes.data(), bytes.size());
    else
      buffer_.append(bytes);
  }
  void put32(std::uint32_t value) {
    unsigned char bytes[4];
    putLittle32(bytes, value);
    put({reinterpret_cast<const char*>(bytes), sizeof bytes});
  }
  void put64(std::uint64_t value) {
    unsigned char bytes[8];
    putLittle64(bytes, value);
    put({reinterpret_cast<const char*>(bytes), sizeof bytes});
  }
  void pad() { put(std::string_view("\0\0\0\0\0\0\0", (8 - (bytes_ + buffer_.size()) % 8) % 8)); }
  bool finish() {
    flush();
    return good_;
  }
  std::uint64_t bytes() const noexcept { return bytes_; }
  std::uint32_t checksum() const noexcept { return checksum_; }

 private:
  static constexpr std::size_t kBuffer = 1 << 16;
  void flush() {
    emit(buffer_.data(), buffer_.size());
    buffer_.clear();
  }
  void emit(const char* bytes, std::size_t size) {
    checksum_ = crc32(checksum_, bytes, size);
    bytes_ += size;
    good_ = good_ && file_.write(bytes, size);
  }
  NewFile& file_;
  std::string buffer_;
  std::uint64_t bytes_ = 0;
  std::uint32_t checksum_ = 0;
  bool good_ = true;
};

struct Place {
  std::uint32_t source, rank;
};

// The living entries of all sources in rank order.
bool inRankOrder(const std::vector<SnapshotSource>& sources, const JobControl& control, std::vector<Place>& out) {
  std::vector<std::uint32_t> at(sources.size(), 0);
  const auto skipDead = [&](std::size_t i) {
    const SnapshotSource& source = sources[i];
    while (at[i] < source.segment->size() && !source.dead.empty() && testBit(source.dead.data(), at[i])) ++at[i];
    return at[i] < source.segment->size();
  };
  for (std::uint64_t step = 0;; ++step) {
    if (control.cancelledAt(step)) return false;
    std::size_t best = sources.size();
    for (std::size_t i = 0; i < sources.size(); ++i) {
      if (!skipDead(i)) continue;
      if (best < sources.size()) {
        const Documents& a = sources[i].segment->documents;
        const Documents& b = sources[best].segment->documents;
        if (!ranksBefore(a.weight(at[i]), a.id(at[i]), b.weight(at[best]), b.id(at[best]))) continue;
      }
      best = i;
    }
    if (best == sources.size()) return true;
    out.push_back({static_cast<std::uint32_t>(best), at[best]++});
  }
}

// The one segment of the file: the source itself where it is all there is, else a new one.
Status addIndexPart(const std::vector<SnapshotSource>& sources, const std::vector<Place>& places,
                    const Categories::Names& names, std::uint32_t categories, NewFile& file, std::uint64_t at,
                    std::uint32_t seed, const JobControl& control, IndexPart& part) {
  std::shared_ptr<const Segment> segment = sources.front().segment;
  if (sources.size() > 1 || !sources.front().dead.empty() || !segment->documents.slotsAreRanks()) {
    std::vector<DocumentView> entries;
    entries.reserve(places.size());
    for (const Place place : places) {
      entries.push_back(sources[place.source].segment->documents.view(place.rank));
      entries.back().slot = static_cast<std::uint32_t>(entries.size() - 1);
    }
    auto built = std::make_shared<Segment>();
    const Built result = buildSegment(entries, JobControl{control.cancel}, *built);
    if (result != Built::kDone) return result == Built::kCancelled ? Status::kCancelled : Status::kOutOfMemory;
    segment = std::move(built);
  }
  IdMap ids(std::uint64_t{seed} * 0x9e3779b97f4a7c15u);
  ids.reserve(segment->size());
  for (std::uint32_t rank = 0; rank < segment->size(); ++rank) {
    if (control.cancelledAt(rank)) return Status::kCancelled;
    const std::uint64_t hash = ids.hash(segment->documents.id(rank));
    ids.reserveOne(hash);
    ids.insert(hash, rank);
  }
  return writeIndexPart(file, at, *segment, ids, names, categories, part) ? Status::kOk : Status::kIo;
}

}  // namespace

Status writeSnapshot(const std::string& path, const std::vector<SnapshotSource>& sources,
                     const Categories::Names& names, std::uint32_t categories, bool index, const JobControl& control) {
  std::vector<Place> places;
  if (!inRankOrder(sources, control, places)) return Status::kCancelled;
  NewFile file;
  unsigned char header[kSnapshotHeader] = {};
  if (!file.open(path) || !file.write(header, sizeof header)) return Status::kIo;
  Writer out(file);
  std::uint64_t step = 0;
  bool cancelled = false;
  const auto each = [&](auto&& put) {
    for (const Place place : places) {
      if (cancelled || control.cancelledAt(step++)) {
        cancelled = true;
        return;
      }
      put(sources[place.source].segment->documents.view(place.rank));
    }
    out.pad();
  };
  each([&](const DocumentView& d) { out.put64(bitsOf(d.weight)); });
  each([&](const DocumentView& d) { out.put64(std::isnan(d.price) ? kNoPrice : bitsOf(d.price)); });
  each([&](const DocumentView& d) {
    const char flags = static_cast<char>((d.inStock ? 1 : 0) | (d.analysed ? 2 : 0));
    out.put({&flags, 1});
  });
  bool tooLarge = false;
  const auto column = [&](auto&& text) {
    std::uint64_t end = 0;
    each([&](const DocumentView& d) {
      end += text(d).size();
      tooLarge = tooLarge || end > 0xffffffff;
      out.put32(static_cast<std::uint32_t>(end));
    });
    each([&](const DocumentView& d) { out.put(text(d)); });
  };
  std::string joined;
  column([](const DocumentView& d) { return d.id; });
  column([](const DocumentView& d) { return d.text; });
  column([](const DocumentView& d) { return d.analysed ? d.analysis : std::string_view(); });
  column([&](const DocumentView& d) {
    joined.clear();
    names.join(d, joined);
    return std::string_view(joined);
  });
  if (cancelled || control.cancelled()) return Status::kCancelled;
  if (tooLarge) return Status::kInvalidArgument;
  if (!out.finish()) return Status::kIo;
  IndexPart part;
  if (index && !places.empty()) {
    const Status status = addIndexPart(sources, places, names, categories, file, kSnapshotHeader + out.bytes(),
                                       out.checksum(), control, part);
    if (status != Status::kOk) return status;
  }
  std::memcpy(header, kSnapshotMagic, sizeof kSnapshotMagic);
  putLittle32(header + 8, kSnapshotVersion);
  putLittle32(header + 12, kSnapshotHeader);
  putLittle32(header + 16, static_cast<std::uint32_t>(places.size()));
  putLittle64(header + 24, out.bytes());
  putLittle32(header + 32, out.checksum());
  putLittle64(header + 36, part.table);
  putLittle32(header + 44, part.columns);
  putLittle32(header + 48, part.tableChecksum);
  putLittle32(header + 52, part.checksum);
  putLittle32(header + 60, crc32(0, header, 60));
  return file.rewind() && file.write(header, sizeof header) && file.commit() ? Status::kOk : Status::kIo;
}

}  // namespace easy11
