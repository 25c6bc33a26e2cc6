// Any bytes at all are given as a dump: refused, or every record of it is one that a cache could have written.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "../src/cache/dump.hpp"
#include "../src/common/little_endian.hpp"
#include "easy11/crc32.hpp"

using namespace easy11;

// A fuzzer cannot guess checksums, so they are put right for it.
static void seal(std::string& bytes) {
  if (bytes.size() < kDumpHeader) return;
  auto* header = reinterpret_cast<unsigned char*>(&bytes[0]);
  putLittle64(header + 24, bytes.size() - kDumpHeader);
  putLittle32(header + 32, crc32(0, bytes.data() + kDumpHeader, bytes.size() - kDumpHeader));
  putLittle32(header + 60, crc32(0, header, 60));
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::atomic<bool> never{false};
  const JobControl control{never};
  std::string given(reinterpret_cast<const char*>(data), size);
  // The payload alone, too: the fuzzer then need not find the header by chance.
  DumpHeader empty;
  unsigned char head[kDumpHeader];
  if (size > 0) empty.count = data[0] % 4;
  encodeHeader(empty, head);
  std::string framed(reinterpret_cast<const char*>(head), kDumpHeader);
  framed += given;
  for (std::string* bytes : {&given, &framed}) {
    for (const bool sealed : {false, true}) {
      if (sealed) seal(*bytes);
      DumpHeader header;
      if (checkDump(*bytes, control, header) != Status::kOk) continue;
      CacheOptions options;
      options.max = 50;
      options.maxBytes = 1 << 16;
      std::shared_ptr<Cache> cache;
      if (Cache::open("", options, cache) != Cache::Opened::kOk) std::abort();
      std::string again;
      DumpRecord record;
      for (std::size_t at = kDumpHeader; at < bytes->size();) {
        if (!readRecord(*bytes, at, record)) std::abort();
        appendRecord(record, again);
        cache->set(record.key, record.value, {0, record.tags}, {});
      }
      if (again != bytes->substr(kDumpHeader)) std::abort();
    }
  }
  return 0;
}
