// A model that is opened in place: what it is made of, what it answers, and that no damaged file passes.
#include <cmath>
#include <cstring>

#include "../src/als/model_file.hpp"
#include "../src/common/little_endian.hpp"
#include "check.hpp"
#include "easy11/crc32.hpp"

using namespace easy11;
using namespace easy11::als;

namespace {

constexpr std::uint32_t kFactors = 16, kUsers = 3, kItems = 5, kEntries = 4;
const std::atomic<bool> kNever{false};

std::size_t aligned(std::size_t size) { return (size + 63) / 64 * 64; }

// Three users, five items, four interactions; ids are of no concern here.
struct File {
  std::vector<char> bytes;
  std::size_t x, y, starts, columns, weights, bases;
  File() {
    const auto place = [this](std::size_t size) {
      const std::size_t at = bytes.size();
      bytes.resize(at + aligned(size));
      return at;
    };
    bytes.resize(kModelHeader);
    place(4 * kUsers), place(4 * 8), place(4 * kItems), place(4 * 16);
    x = place(4 * kUsers * kFactors), y = place(4 * kItems * kFactors), starts = place(4 * (kUsers + 1));
    columns = place(4 * kEntries), weights = place(4 * kEntries), bases = place(4 * (kFactors + kFactors * kFactors));
    for (std::size_t i = 0; i < kUsers * kFactors; ++i) set(x + 4 * i, 0.01f * static_cast<float>(i));
    for (std::size_t i = 0; i < kItems * kFactors; ++i) set(y + 4 * i, 0.02f * static_cast<float>(i));
    const std::uint32_t ends[] = {0, 2, 2, 4}, items[] = {1, 4, 0, 3};
    std::memcpy(&bytes[starts], ends, sizeof ends);
    std::memcpy(&bytes[columns], items, sizeof items);
    for (std::size_t e = 0; e < kEntries; ++e) set(weights + 4 * e, 1);
    for (std::size_t k = 0; k < kFactors; ++k) set(bases + 4 * k, 1);
    std::memcpy(bytes.data(), "E11ALSMF", 8);
    const std::uint32_t numbers[][2] = {{8, 2}, {12, 64}, {20, kFactors}, {36, kUsers}, {40, kItems}, {44, kEntries}};
    for (const auto& [at, value] : numbers) putLittle32(header() + at, value);
    seal();
  }
  unsigned char* header() { return reinterpret_cast<unsigned char*>(bytes.data()); }
  void set(std::size_t at, float value) { std::memcpy(&bytes[at], &value, sizeof value); }
  void seal() {
    unsigned char sum[4];
    putLittle32(sum, crc32(0, bytes.data() + kModelHeader, bytes.size() - kModelHeader));
    putLittle64(header() + 24, bytes.size() - kModelHeader);
    putLittle32(header() + 32, crc32(0, sum, sizeof sum));
    putLittle32(header() + 60, crc32(0, header(), 60));
  }
  Status open(State& state) {
    state.settings.factors = kFactors;
    return openModel(state, bytes.data(), bytes.size(), nullptr, JobControl{kNever});
  }
  Status open() {
    State state;
    return open(state);
  }
};

}  // namespace

TEST("a model lies in the file's memory and has its numbers") {
  File file;
  State state;
  CHECK(file.open(state) == Status::kOk);
  CHECK(state.users == kUsers && state.items == kItems && state.byUser.size(0) == 2 && state.byUser.size(1) == 0);
  CHECK(reinterpret_cast<char*>(state.x.row(0)) == &file.bytes[file.x] && state.x.bytes() == 0);
  CHECK(state.byUser.columns[1] == 4 && state.finished);
} END_TEST

TEST("one that ends early, or later, or has any bit changed is refused") {
  File whole;
  for (std::size_t size = 0; size < whole.bytes.size(); size += size < 80 ? 1 : 37) {
    File cut;
    cut.bytes.resize(size);
    CHECK(cut.open() == Status::kCorrupt);
  }
  whole.bytes.resize(whole.bytes.size() + 64);
  CHECK(whole.open() == Status::kCorrupt);
  whole.seal();
  CHECK(whole.open() == Status::kCorrupt);
  for (std::size_t bit = 0; bit < 8 * File().bytes.size(); bit += bit < 512 ? 1 : 23) {
    File changed;
    changed.bytes[bit / 8] = static_cast<char>(changed.bytes[bit / 8] ^ 1 << bit % 8);
    CHECK(changed.open() != Status::kOk);
  }
} END_TEST

TEST("lengths that no file could have are refused though every checksum is right") {
  for (const std::size_t at : {16, 20, 36, 40, 44, 48, 52})
    for (const std::uint32_t value : {0xffffffffu, 0xfffffff0u, 0x80000000u, 0x7fffffffu, 0x10000u, 1025u, 6u}) {
      File file;
      putLittle32(file.header() + at, value);
      file.seal();
      CHECK(file.open() == Status::kCorrupt);
    }
} END_TEST

TEST("histories that would lead out of the tables, and numbers that are none, are refused though every checksum is right") {
  const float wrong[] = {0, -1, HUGE_VALF, std::nanf("")};
  for (const float value : wrong) {
    File file;
    file.set(file.weights + 8, value);
    file.seal();
    CHECK(file.open() == Status::kCorrupt);
  }
  const std::pair<std::size_t, std::uint32_t> numbers[] = {{0, kItems}, {1, 0xffffffffu}, {2, 1}};
  for (const auto& [kind, value] : numbers) {
    File file;
    const std::size_t at = kind == 2 ? file.starts + 8 : file.columns + 12;
    putLittle32(file.header() + at, value);
    file.seal();
    CHECK(file.open() == Status::kCorrupt);
  }
  for (const std::size_t File::*section : {&File::x, &File::y, &File::bases}) {
    File file;
    file.set(file.*section + 8, std::nanf(""));
    file.seal();
    CHECK(file.open() == Status::kCorrupt);
  }
} END_TEST

CHECK_MAIN
