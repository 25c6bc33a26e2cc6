#include "dump.hpp"

#include <algorithm>
#include <cmath>

#include "../common/little_endian.hpp"
#include "easy11/crc32.hpp"
#include "easy11/utf8.hpp"

namespace easy11 {
namespace {

constexpr std::size_t kChecksumAt = 60;
constexpr std::uint8_t kWide = 8, kKind = 7, kMain = 4, kFrequency = 3;

std::size_t padded(std::size_t size) noexcept { return (size + 7) & ~std::size_t{7}; }

const unsigned char* bytesOf(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// UTF-16 that Latin-1 could not hold: the same text has one form.
bool isWide(std::string_view text) noexcept {
  if (text.size() % 2 != 0) return false;
  for (std::size_t i = 1; i < text.size(); i += 2)
    if (text[i] != 0) return true;
  return false;
}

bool isCount(double number) noexcept {
  return std::fabs(number) <= 9007199254740991.0 && std::floor(number) == number;
}

bool validValue(const CacheValue& value) noexcept {
  switch (value.kind) {
    case ValueKind::kLatin1:
    case ValueKind::kBytes:
      return true;
    case ValueKind::kUtf16:
      return isWide(value.bytes);
    case ValueKind::kJson:
      return isUtf8(value.bytes);
    case ValueKind::kNumber:
      return value.bytes.size() == 8 && isCount(fromBits(getLittle64(bytesOf(value.bytes))));
  }
  return false;
}

bool validTags(std::string_view tags) noexcept {
  if (tags.empty()) return true;
  if (tags.back() != '\0' || !isUtf8(tags)) return false;
  std::size_t count = 0;
  for (std::size_t at = 0; at < tags.size(); ++count) {
    const std::size_t end = tags.find('\0', at);
    if (end == at || end - at > kMaxCacheTag) return false;
    at = end + 1;
  }
  return count <= kMaxCacheTags;
}

}  // namespace

void appendRecord(const DumpRecord& record, std::string& out) {
  const std::size_t start = out.size();
  const std::size_t content = record.key.bytes.size() + record.value.bytes.size() + record.tags.size();
  out.reserve(start + kDumpRecord + padded(content));
  out.append(kDumpRecord, '\0');
  auto* head = reinterpret_cast<unsigned char*>(&out[start]);
  putLittle32(head, static_cast<std::uint32_t>(record.value.bytes.size()));
  head[4] = static_cast<unsigned char>(record.key.bytes.size());
  head[5] = static_cast<unsigned char>(record.key.bytes.size() >> 8);
  head[6] = static_cast<unsigned char>(static_cast<std::uint8_t>(record.value.kind) | (record.key.wide ? kWide : 0));
  head[7] = static_cast<unsigned char>(record.frequency | (record.main ? kMain : 0));
  putLittle64(head + 8, bitsOf(record.remaining));
  putLittle32(head + 16, static_cast<std::uint32_t>(record.tags.size()));
  out.append(record.key.bytes).append(record.value.bytes).append(record.tags);
  out.append(padded(content) - content, '\0');
}

void encodeHeader(const DumpHeader& header, unsigned char (&out)[kDumpHeader]) noexcept {
  std::fill(std::begin(out), std::end(out), static_cast<unsigned char>(0));
  std::copy(std::begin(kDumpMagic), std::end(kDumpMagic), out);
  putLittle32(out + 8, kDumpVersion);
  putLittle32(out + 12, kDumpHeader);
  putLittle64(out + 16, header.count);
  putLittle64(out + 24, header.payloadBytes);
  putLittle32(out + 32, header.payloadChecksum);
  putLittle64(out + 40, bitsOf(header.savedAt));
  putLittle32(out + kChecksumAt, crc32(0, out, kChecksumAt));
}

bool readRecord(std::string_view payload, std::size_t& at, DumpRecord& out) noexcept {
  if (payload.size() - at < kDumpRecord) return false;
  const unsigned char* const head = bytesOf(payload) + at;
  const std::uint64_t value = getLittle32(head);
  const std::uint64_t key = head[4] | static_cast<std::uint32_t>(head[5]) << 8;
  const std::uint64_t tags = getLittle32(head + 16);
  const std::uint64_t content = key + value + tags;
  const std::uint64_t left = payload.size() - at - kDumpRecord;
  if (value > 0x7fffffffu || padded(static_cast<std::size_t>(content)) > left || (head[6] & kKind) >= kValueKinds ||
      head[6] > (kKind | kWide) || head[7] > (kFrequency | kMain) || getLittle32(head + 20) != 0)
    return false;
  const std::string_view bytes = payload.substr(at + kDumpRecord, padded(static_cast<std::size_t>(content)));
  out.key = {bytes.substr(0, key), (head[6] & kWide) != 0};
  out.value = {bytes.substr(key, value), static_cast<ValueKind>(head[6] & kKind)};
  out.tags = bytes.substr(key + value, tags);
  out.remaining = fromBits(getLittle64(head + 8));
  out.frequency = head[7] & kFrequency;
  out.main = (head[7] & kMain) != 0;
  for (const char zero : bytes.substr(content))
    if (zero != 0) return false;
  at += kDumpRecord + bytes.size();
  return !std::isnan(out.remaining) && (!out.key.wide || isWide(out.key.bytes)) && validValue(out.value) &&
         validTags(out.tags);
}

Status checkDump(std::string_view file, const JobControl& control, DumpHeader& header) {
  if (file.size() < kDumpHeader || !std::equal(std::begin(kDumpMagic), std::end(kDumpMagic), file.begin()))
    return Status::kCorrupt;
  const unsigned char* const bytes = bytesOf(file);
  if (getLittle32(bytes + 8) != kDumpVersion) return Status::kVersion;
  if (getLittle32(bytes + kChecksumAt) != crc32(0, bytes, kChecksumAt)) return Status::kCorrupt;
  header = {getLittle64(bytes + 16), getLittle64(bytes + 24), getLittle32(bytes + 32),
            fromBits(getLittle64(bytes + 40))};
  unsigned char same[kDumpHeader];
  encodeHeader(header, same);
  const std::string_view payload = file.substr(kDumpHeader);
  if (!std::equal(std::begin(same), std::end(same), bytes) || header.payloadBytes != payload.size() ||
      !std::isfinite(header.savedAt))
    return Status::kCorrupt;
  constexpr std::size_t kPiece = 1 << 20;
  std::uint32_t checksum = 0;
  for (std::size_t at = 0; at < payload.size(); at += kPiece) {
    if (control.cancelled()) return Status::kCancelled;
    checksum = crc32(checksum, payload.data() + at, std::min(kPiece, payload.size() - at));
  }
  if (checksum != header.payloadChecksum) return Status::kCorrupt;
  std::uint64_t count = 0;
  DumpRecord record;
  for (std::size_t at = 0; at < payload.size(); ++count) {
    if (control.cancelledAt(count)) return Status::kCancelled;
    if (!readRecord(payload, at, record)) return Status::kCorrupt;
  }
  return count == header.count ? Status::kOk : Status::kCorrupt;
}

}  // namespace easy11
