// Any bytes at all are given as a model: refused, or opened into one that answers within its bounds.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "../src/als/model_file.hpp"
#include "../src/als/queries.hpp"
#include "../src/common/little_endian.hpp"
#include "easy11/crc32.hpp"

using namespace easy11;
using namespace easy11::als;

namespace {

// A fuzzer cannot guess checksums, so they are put right for it.
void seal(char* bytes, std::size_t size) {
  auto* const header = reinterpret_cast<unsigned char*>(bytes);
  std::vector<unsigned char> sums;
  for (std::size_t at = kModelHeader; at < size; at += kModelPiece) {
    sums.resize(sums.size() + 4);
    putLittle32(sums.data() + sums.size() - 4, crc32(0, bytes + at, std::min(kModelPiece, size - at)));
  }
  putLittle64(header + 24, size - kModelHeader);
  putLittle32(header + 32, crc32(0, sums.data(), sums.size()));
  putLittle32(header + 60, crc32(0, header, 60));
}

// A header for a few users and items, and how large its file is: the fuzzer then need not find matching lengths by chance.
std::size_t frame(const std::uint8_t* data, char* bytes) {
  auto* const header = reinterpret_cast<unsigned char*>(bytes);
  const std::uint32_t users = data[0] % 5, items = data[1] % 40, entries = data[2] % 9, factors = 1 + data[3] % 20;
  std::memset(header, 0, kModelHeader);
  std::memcpy(header, "E11ALSMF", 8);
  putLittle32(header + 8, 2);
  putLittle32(header + 12, kModelHeader);
  putLittle32(header + 20, factors);
  putLittle32(header + 36, users);
  putLittle32(header + 40, items);
  putLittle32(header + 44, entries);
  const auto aligned = [](std::size_t size) { return (size + 63) / 64 * 64; };
  const auto slots = [](std::size_t count) { std::size_t n = 8; while (n < 2 * count) n *= 2; return n; };
  return kModelHeader + aligned(4 * users) + aligned(4 * slots(users)) + aligned(4 * items) + aligned(4 * slots(items)) +
         aligned(4 * users * factors) + aligned(4 * items * factors) + aligned(4 * (users + 1)) + 2 * aligned(4 * entries) +
         aligned(4 * (factors + factors * factors));
}

// Whether the bytes were opened; then everything is asked of them.
bool ask(char* bytes, std::size_t size) {
  static const std::atomic<bool> never{false};
  const JobControl control{never};
  State state;
  ModelLayout layout;
  if (readModelHeader(bytes, size, layout) != Status::kOk) return false;
  state.settings.factors = layout.factors;
  if (openModel(state, bytes, size, nullptr, control) != Status::kOk) return false;
  std::vector<float> x(state.stride());
  TopScratch scratch;
  for (std::size_t user = 0; user < state.users; ++user) {
    const std::uint64_t from = state.byUser.starts[user];
    const std::size_t count = state.byUser.size(user);
    if (foldIn(state, state.byUser.columns.data() + from, state.byUser.weights.data() + from, count, x.data()) != Status::kOk) std::abort();
    scratch.begin(state.items);
    for (std::size_t e = 0; e < count; ++e) scratch.exclude(state.byUser.columns[from + e]);
    for (const Scored& one : state.index.search(state.y, state.x.row(user), 5, scratch))
      if (one.item >= state.items) std::abort();
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Floats memory(1 << 16);
  char* const bytes = reinterpret_cast<char*>(memory.data());
  const std::size_t room = memory.size() * sizeof(float);
  if (size > room) return 0;
  std::memcpy(bytes, data, size);
  ask(bytes, size);
  if (size >= kModelHeader) {
    seal(bytes, size);
    ask(bytes, size);
  }
  if (size < 8) return 0;
  // Framed: the payload of zeros with the fuzzer's bytes at a place of its choice, so that most of it makes sense.
  const std::size_t whole = frame(data, bytes);
  if (whole > room) std::abort();
  std::memset(bytes + kModelHeader, 0, whole - kModelHeader);
  const std::size_t payload = whole - kModelHeader;
  const std::size_t at = (std::size_t{data[4]} << 8 | data[5]) % payload;
  std::memcpy(bytes + kModelHeader + at, data + 6, std::min(size - 6, payload - at));
  seal(bytes, whole);
  ask(bytes, whole);
  return 0;
}
