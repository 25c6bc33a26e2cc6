#include <algorithm>
#include <cmath>
#include <limits>

#include "easy11/crc32.hpp"
#include "easy11/utf8.hpp"
#include "../common/file.hpp"
#include "../common/little_endian.hpp"
#include "snapshot.hpp"

namespace easy11 {
namespace {

constexpr double kLargest = 9007199254740992.0;  // 2^53
constexpr std::uint64_t kNoPrice = 0x7ff8000000000000u;
constexpr std::size_t kMaxIdUnits = 1024;
constexpr std::size_t kMaxTextUnits = 10000;
constexpr std::uint32_t kMaxCategories = 255;

std::size_t utf16Units(std::string_view text) noexcept {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    units += (byte & 0xc0) != 0x80;
    units += byte >= 0xf0;
  }
  return units;
}

bool inRange(double value) noexcept { return value >= -kLargest && value <= kLargest; }  // false for NaN

// Hands out pieces of the payload, each padded to 8 bytes with zeros.
class Reader {
 public:
  Reader(const char* begin, const char* end) : at_(begin), end_(end) {}
  const unsigned char* take(std::uint64_t size) noexcept {
    const std::uint64_t padded = (size + 7) / 8 * 8;
    if (padded > static_cast<std::uint64_t>(end_ - at_)) return nullptr;
    const char* const piece = at_;
    for (std::uint64_t i = size; i < padded; ++i)
      if (piece[i] != 0) return nullptr;
    at_ += padded;
    return reinterpret_cast<const unsigned char*>(piece);
  }
  bool done() const noexcept { return at_ == end_; }

 private:
  const char* at_;
  const char* end_;
};

struct StringColumn {
  const unsigned char* ends = nullptr;
  const char* letters = nullptr;
  std::string_view operator[](std::uint32_t i) const noexcept {
    const std::uint32_t begin = i == 0 ? 0 : getLittle32(ends + std::size_t{4} * (i - 1));
    return {letters + begin, getLittle32(ends + std::size_t{4} * i) - begin};
  }
};

bool takeColumn(Reader& reader, std::uint32_t count, StringColumn& out) noexcept {
  out.ends = reader.take(std::uint64_t{count} * 4);
  if (out.ends == nullptr) return false;
  std::uint32_t end = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t next = getLittle32(out.ends + std::size_t{4} * i);
    if (next < end) return false;
    end = next;
  }
  out.letters = reinterpret_cast<const char*>(reader.take(end));
  return out.letters != nullptr;
}

Status checkHeader(const std::vector<char>& bytes, const JobControl& control, SnapshotHeader& header) {
  const Status status = readSnapshotHeader(bytes.data(), bytes.size(), header);
  if (status != Status::kOk) return status;
  const auto checksumOf = [&](std::size_t from, std::size_t to, std::uint32_t& checksum) {
    constexpr std::size_t kPiece = 1 << 20;
    for (std::size_t at = from; at < to; at += kPiece) {
      if (control.cancelled()) return false;
      checksum = crc32(checksum, bytes.data() + at, std::min(kPiece, to - at));
    }
    return true;
  };
  const auto payloadEnd = static_cast<std::size_t>(kSnapshotHeader + header.payloadBytes);
  std::uint32_t payload = 0;
  std::uint32_t index = 0;
  if (!checksumOf(kSnapshotHeader, payloadEnd, payload) || !checksumOf(payloadEnd, bytes.size(), index))
    return Status::kCancelled;
  return payload == header.checksum && index == header.index.checksum ? Status::kOk : Status::kCorrupt;
}

bool goodCategories(std::string_view joined) noexcept {
  if (joined.empty()) return true;
  if (!isUtf8(joined)) return false;
  return std::count(joined.begin(), joined.end(), '\x01') < static_cast<std::ptrdiff_t>(kMaxCategories);
}

}  // namespace

Status readSnapshotHeader(const char* bytes, std::size_t size, SnapshotHeader& out) noexcept {
  if (size < kSnapshotHeader) return Status::kCorrupt;
  const auto* header = reinterpret_cast<const unsigned char*>(bytes);
  if (std::memcmp(header, kSnapshotMagic, sizeof kSnapshotMagic) != 0) return Status::kCorrupt;
  if (getLittle32(header + 8) != kSnapshotVersion) return Status::kVersion;
  out.entries = getLittle32(header + 16);
  out.payloadBytes = getLittle64(header + 24);
  out.checksum = getLittle32(header + 32);
  IndexPart& index = out.index;
  index.table = getLittle64(header + 36);
  index.columns = getLittle32(header + 44);
  index.tableChecksum = getLittle32(header + 48);
  index.checksum = getLittle32(header + 52);
  if (getLittle32(header + 60) != crc32(0, header, 60) || getLittle32(header + 12) != kSnapshotHeader ||
      getLittle32(header + 20) != 0 || getLittle32(header + 56) != 0)
    return Status::kCorrupt;
  const std::uint64_t rest = size - kSnapshotHeader;
  if (index.table == 0)
    return out.payloadBytes == rest && index.columns == 0 && index.tableChecksum == 0 && index.checksum == 0
               ? Status::kOk
               : Status::kCorrupt;
  const bool fits = out.payloadBytes <= rest && index.table >= kSnapshotHeader + out.payloadBytes && index.table <= size &&
                    size - index.table == std::uint64_t{index.columns} * 24;
  return fits ? Status::kOk : Status::kCorrupt;
}

Status parseSnapshot(const JobControl& control, SnapshotContent& out) {
  SnapshotHeader header;
  const Status status = checkHeader(out.bytes, control, header);
  if (status != Status::kOk) return status;
  const std::uint32_t count = header.entries;
  const char* const payload = out.bytes.data() + kSnapshotHeader;
  Reader reader(payload, payload + header.payloadBytes);
  const unsigned char* const weights = reader.take(std::uint64_t{count} * 8);
  const unsigned char* const prices = weights == nullptr ? nullptr : reader.take(std::uint64_t{count} * 8);
  const unsigned char* const flags = prices == nullptr ? nullptr : reader.take(count);
  StringColumn ids, texts, analyses, categories;
  if (flags == nullptr || !takeColumn(reader, count, ids) || !takeColumn(reader, count, texts) ||
      !takeColumn(reader, count, analyses) || !takeColumn(reader, count, categories) || !reader.done())
    return Status::kCorrupt;

  out.entries.reserve(count);
  out.ids.reserve(count);
  std::vector<std::uint32_t> categoryEnds;
  categoryEnds.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (control.cancelledAt(i)) return Status::kCancelled;
    DocumentView d;
    d.id = ids[i];
    d.text = texts[i];
    d.analysis = analyses[i];
    d.weight = fromBits(getLittle64(weights + std::size_t{8} * i)) + 0.0;
    const std::uint64_t price = getLittle64(prices + std::size_t{8} * i);
    d.price = fromBits(price);
    d.inStock = (flags[i] & 1) != 0;
    d.analysed = (flags[i] & 2) != 0;
    d.slot = i;
    const std::string_view joined = categories[i];
    if (d.id.empty() || !isUtf8(d.id) || utf16Units(d.id) > kMaxIdUnits || !isUtf8(d.text) ||
        utf16Units(d.text) > kMaxTextUnits || !isUtf8(d.analysis) || (!d.analysed && !d.analysis.empty()) ||
        flags[i] > 3 || !inRange(d.weight) || (price != kNoPrice && !inRange(d.price)) || !goodCategories(joined) ||
        d.id.find('\x01') != std::string_view::npos)
      return Status::kCorrupt;
    if (i > 0 && !ranksBefore(out.entries[i - 1].weight, out.entries[i - 1].id, d.weight, d.id))
      return Status::kCorrupt;
    const std::uint64_t hash = out.ids.hash(d.id);
    std::uint32_t known = 0;
    if (out.ids.find(hash, [&](std::uint32_t slot) { return out.entries[slot].id == d.id; }, known))
      return Status::kCorrupt;
    out.ids.reserveOne(hash);
    out.ids.insert(hash, i);
    out.categories.internAll(joined, out.categoryNumbers);
    categoryEnds.push_back(static_cast<std::uint32_t>(out.categoryNumbers.size()));
    out.entries.push_back(d);
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t begin = i == 0 ? 0 : categoryEnds[i - 1];
    out.entries[i].categories = out.categoryNumbers.data() + begin;
    out.entries[i].categoryCount = categoryEnds[i] - begin;
  }
  return Status::kOk;
}

Status readSnapshot(const std::string& path, const JobControl& control, SnapshotContent& out) {
  const Status read = readFile(path, control, out.bytes);
  return read == Status::kOk ? parseSnapshot(control, out) : read;
}

}  // namespace easy11
