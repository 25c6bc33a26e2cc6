#pragma once
// Dumps of a cache, format version 1: docs/cache-dump-format.md. The TypeScript fallback reads and writes the same.
#include <cstdint>
#include <string>
#include <string_view>

#include "../common/job_control.hpp"
#include "easy11/cache.hpp"

namespace easy11 {

constexpr std::size_t kDumpHeader = 64;
constexpr std::size_t kDumpRecord = 24;
constexpr char kDumpMagic[8] = {'E', '1', '1', 'C', 'A', 'C', 'H', 'E'};
constexpr std::uint32_t kDumpVersion = 1;

struct DumpRecord {
  CacheKey key;
  CacheValue value;
  double remaining = 0;  // milliseconds when it was written; infinity for never
  bool main = false;
  std::uint8_t frequency = 0;
  std::string_view tags;  // each followed by a zero byte
};

// May throw std::bad_alloc.
void appendRecord(const DumpRecord& record, std::string& out);

struct DumpHeader {
  std::uint64_t count = 0;
  std::uint64_t payloadBytes = 0;
  std::uint32_t payloadChecksum = 0;
  double savedAt = 0;  // milliseconds since 1970
};
void encodeHeader(const DumpHeader& header, unsigned char (&out)[kDumpHeader]) noexcept;

// Reads a header and checks the whole of the payload against it, down to the last byte.
Status checkDump(std::string_view file, const JobControl& control, DumpHeader& header);
// The record at `at` of a checked payload; moves `at` behind it. False when it is no record.
bool readRecord(std::string_view payload, std::size_t& at, DumpRecord& out) noexcept;

}  // namespace easy11
