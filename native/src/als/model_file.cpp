#include "model_file.hpp"

#include <algorithm>
#include <cmath>

#include "../common/little_endian.hpp"
#include "easy11/crc32.hpp"
#include "parallel.hpp"

namespace easy11::als {
namespace {

constexpr char kMagic[] = "E11ALSMF";
constexpr std::uint32_t kVersion = 2;

std::uint64_t aligned(std::uint64_t at) noexcept { return (at + 63) / 64 * 64; }

// Places of the hash table of `count` ids: a power of two, at most half of them taken.
std::uint64_t slotsFor(std::uint64_t count) noexcept {
  std::uint64_t slots = 8;
  while (slots < 2 * count) slots *= 2;
  return slots;
}

// Above 0 and finite, by the bits of a float: so that the loops need no branch.
bool allWeights(const std::uint32_t* bits, std::size_t count) noexcept {
  constexpr std::uint32_t kInfinity = 0x7f800000u;
  std::uint32_t wrong = 0;
  for (std::size_t i = 0; i < count; ++i) wrong |= bits[i] - 1 >= kInfinity - 1 ? 1u : 0u;
  return wrong == 0;
}

bool allBelow(const std::uint32_t* values, std::size_t count, std::uint32_t bound) noexcept {
  std::uint32_t wrong = 0;
  for (std::size_t i = 0; i < count; ++i) wrong |= values[i] >= bound ? 1u : 0u;
  return wrong == 0;
}

// Where histories begin, which must ascend and fill their place.
Status readStarts(Interactions& rows, const ModelLayout& layout, const std::uint32_t* starts, std::size_t threads,
                  const JobControl& control) {
  if (starts[0] != 0 || starts[layout.users] != layout.entries) return Status::kCorrupt;
  rows.starts.resize(std::size_t{layout.users} + 1);
  std::atomic<bool> good{true};
  constexpr std::size_t kPiece = 1 << 16;
  const bool done = parallel(threads, layout.users, kPiece, control, [&](std::size_t, std::size_t from, std::size_t to) {
    std::uint32_t wrong = 0;
    for (std::size_t row = from; row < to; ++row) {
      wrong |= starts[row + 1] < starts[row] ? 1u : 0u;
      rows.starts[row + 1] = starts[row + 1];
    }
    if (wrong != 0) good.store(false, std::memory_order_relaxed);
  });
  if (!done) return Status::kCancelled;
  return good.load() ? Status::kOk : Status::kCorrupt;
}

// In place where rows need no padding.
Factors readFactors(char* at, std::size_t rows, std::size_t factors, const std::shared_ptr<void>& keeper) {
  auto* const values = reinterpret_cast<float*>(at);
  const std::size_t stride = padded(factors);
  if (stride == factors) return Factors(values, rows, stride, keeper);
  Factors table(rows, stride);
  for (std::size_t i = 0; i < rows; ++i) std::memcpy(table.row(i), values + i * factors, factors * sizeof(float));
  return table;
}

// The checksum of a payload, which is that of its pieces' checksums; and while a piece is in the cache, that its numbers can be.
// Pages are mapped as they are first read, several at a time: half the work of copying them through a buffer.
Status checkModel(const char* data, std::size_t size, const ModelLayout& layout, std::size_t threads, const JobControl& control) {
  const std::size_t payload = size - kModelHeader;
  std::vector<unsigned char> sums((payload + kModelPiece - 1) / kModelPiece * 4);
  std::atomic<bool> good{true};
  const std::uint64_t row = std::uint64_t{4} * layout.factors;
  const bool done = parallel(threads, payload, kModelPiece, control, [&](std::size_t, std::size_t first, std::size_t end) {
    const std::uint64_t from = kModelHeader + first, to = kModelHeader + end;
    putLittle32(sums.data() + first / kModelPiece * 4, crc32(0, data + from, end - first));
    // Calls check(at, count) for the numbers of a section that lie in this piece: sections and pieces begin at multiples of four.
    const auto within = [&](std::uint64_t section, std::uint64_t bytes, auto check) {
      const std::uint64_t at = std::max(section, from), until = std::min(section + bytes, to);
      if (at < until && !check(data + at, static_cast<std::size_t>(until - at) / 4)) good.store(false, std::memory_order_relaxed);
    };
    const auto areFinite = [](const char* at, std::size_t count) { return kernels().finite(reinterpret_cast<const float*>(at), count); };
    const auto integers = [](const char* at) { return reinterpret_cast<const std::uint32_t*>(at); };
    within(layout.x, row * layout.users, areFinite);
    within(layout.y, row * layout.items, areFinite);
    within(layout.columns, std::uint64_t{4} * layout.entries,
           [&](const char* at, std::size_t count) { return allBelow(integers(at), count, layout.items); });
    within(layout.weights, std::uint64_t{4} * layout.entries,
           [&](const char* at, std::size_t count) { return allWeights(integers(at), count); });
  });
  if (!done) return Status::kCancelled;
  return good.load() && crc32(0, sums.data(), sums.size()) == layout.checksum ? Status::kOk : Status::kCorrupt;
}

}  // namespace

Status readModelHeader(const char* data, std::size_t size, ModelLayout& out) noexcept {
  const auto* const header = reinterpret_cast<const unsigned char*>(data);
  if (size < kModelHeader || std::memcmp(data, kMagic, 8) != 0) return Status::kCorrupt;
  if (getLittle32(header + 8) != kVersion) return Status::kVersion;
  if (getLittle32(header + 12) != kModelHeader || getLittle32(header + 60) != crc32(0, header, 60) ||
      getLittle64(header + 24) != size - kModelHeader)
    return Status::kCorrupt;
  out.factors = getLittle32(header + 20);
  out.checksum = getLittle32(header + 32);
  out.users = getLittle32(header + 36);
  out.items = getLittle32(header + 40);
  out.entries = getLittle32(header + 44);
  if (out.factors == 0 || out.factors > kMaxFactors) return Status::kCorrupt;
  // Counts have 32 bits and rows at most 4 KiB: no sum of these runs over 64 bits.
  std::uint64_t at = kModelHeader + aligned(getLittle32(header + 16));
  for (const auto& [count, bytes] : {std::pair{out.users, getLittle32(header + 48)}, std::pair{out.items, getLittle32(header + 52)}})
    at += aligned(std::uint64_t{4} * count) + aligned(bytes) + aligned(4 * slotsFor(count));
  const auto place = [&at](std::uint64_t& section, std::uint64_t values) {
    section = at;
    at += aligned(4 * values);
  };
  place(out.x, std::uint64_t{out.users} * out.factors);
  place(out.y, std::uint64_t{out.items} * out.factors);
  place(out.starts, std::uint64_t{out.users} + 1);
  place(out.columns, out.entries);
  place(out.weights, out.entries);
  place(out.bases, out.factors + std::uint64_t{out.factors} * out.factors);
  return at == size ? Status::kOk : Status::kCorrupt;
}

Status openModel(State& state, char* data, std::size_t size, std::shared_ptr<void> keeper, const JobControl& control) {
  ModelLayout layout;
  Status status = readModelHeader(data, size, layout);
  if (status == Status::kOk && layout.factors != state.settings.factors) status = Status::kCorrupt;
  if (status == Status::kOk) status = checkModel(data, size, layout, state.settings.threads, control);
  if (status == Status::kOk)
    status = readStarts(state.byUser, layout, reinterpret_cast<const std::uint32_t*>(data + layout.starts), state.settings.threads, control);
  if (status != Status::kOk) return status;
  state.byUser.columns.borrow(reinterpret_cast<std::uint32_t*>(data + layout.columns), layout.entries);
  state.byUser.weights.borrow(reinterpret_cast<float*>(data + layout.weights), layout.entries);
  const std::size_t factors = layout.factors, stride = state.stride();
  const auto* const base = reinterpret_cast<const float*>(data + layout.bases);
  const float* const gram = base + factors;
  if (!kernels().finite(base, factors + factors * factors) || std::any_of(base, gram, [](float value) { return value < 0; }))
    return Status::kCorrupt;
  state.itemBase.assign(stride, 0.0f);
  std::copy(base, gram, state.itemBase.begin());
  state.userGram.assign(stride * stride, 0.0f);
  for (std::size_t i = 0; i < factors; ++i) std::copy_n(gram + i * factors, factors, state.userGram.begin() + static_cast<std::ptrdiff_t>(i * stride));
  state.users = layout.users;
  state.items = layout.items;
  state.backing = keeper;
  state.x = readFactors(data + layout.x, layout.users, factors, keeper);
  state.y = readFactors(data + layout.y, layout.items, factors, keeper);
  status = state.index.build(state.y, state.settings.threads, control);
  state.finished = status == Status::kOk;
  return status;
}

}  // namespace easy11::als
