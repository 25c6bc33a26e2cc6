#pragma once
// Snapshot files with an index part: made, changed so that checksums still fit, opened in place, and used whatever they say.
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "easy11/crc32.hpp"
#include "world.hpp"

namespace index_file {

using easy11::Status;

inline std::string temporary(const char* name) {
  const char* folder = std::getenv("TMPDIR");
  return std::string(folder != nullptr ? folder : "/tmp") + "/easy11-" + name + "-" + std::to_string(std::rand());
}

inline std::string slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Opens in place and checks the whole.
inline Status openMapped(easy11::Autocomplete& index, const std::string& path) {
  const std::atomic<bool> never{false};
  bool mapped = false;
  const Status opened = index.map(path, mapped);
  if (opened != Status::kOk) return opened;
  if (!mapped) {
    const auto load = index.load(path);
    return load->finish(load->run(never, nullptr, nullptr));
  }
  const auto verify = index.verify();
  return verify->finish(verify->run(never, nullptr, nullptr));
}

inline void spill(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::uint64_t number(const std::string& bytes, std::size_t at, int size) {
  std::uint64_t value = 0;
  for (int i = 0; i < size; ++i) value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

// Makes a changed index part look untouched.
inline void resealIndex(std::string& bytes) {
  const auto put = [&](std::size_t at, std::uint32_t value) {
    for (int i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
  };
  const std::size_t payloadEnd = 64 + number(bytes, 24, 8);
  const std::size_t table = number(bytes, 36, 8);
  put(48, easy11::crc32(0, bytes.data() + table, bytes.size() - table));
  put(52, easy11::crc32(0, bytes.data() + payloadEnd, bytes.size() - payloadEnd));
  put(60, easy11::crc32(0, bytes.data(), 60));
}

// Asks and changes an index that may say anything: it must say it without going astray.
inline void exercise(const std::shared_ptr<easy11::Autocomplete>& index, check::Random& random) {
  world::World changed(3, 300);
  changed.index = index;
  std::vector<std::uint32_t> slots(1000), slips(1000);
  CHECK(index->setFilter("cat1", 10, 500, 1) == Status::kOk);
  for (int query = 0; query < 30; ++query) {
    const std::string plan = changed.plan();
    for (const std::uint32_t flags : {0u, 1u, 2u, 4u, 6u}) {
      const std::int32_t count = index->searchPlan(plan, 20, flags, slots.data(), slips.data());
      easy11::EntryOutput out;
      for (std::int32_t hit = 0; hit < count; ++hit) index->entryAt(static_cast<std::uint32_t>(hit), out), index->categoriesAt(static_cast<std::uint32_t>(hit));
    }
  }
  bool found = false;
  for (int update = 0; update < 150; ++update) {
    const oracle::Entry entry = changed.entry("id" + std::to_string(random.below(900)));
    index->set(world::World::input(entry, entry.joined()), found);
    index->remove("id" + std::to_string(random.below(900)), found);
  }
}

}  // namespace index_file
