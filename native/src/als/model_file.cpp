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

// Whether floats are all finite: by their exponents, so that the loop needs no branch.
bool allFinite(const float* values, std::size_t count) noexcept {
  std::uint32_t wrong = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t bits;
    std::memcpy(&bits, values + i, sizeof bits);
    wrong |= (bits & 0x7f800000u) == 0x7f800000u ? 1u : 0u;
  }
  return wrong == 0;
}

Status readHistories(State& state, const ModelLayout& layout, char* data, const JobControl& control) {
  const auto* const starts = reinterpret_cast<const std::uint32_t*>(data + layout.starts);
  auto* const columns = reinterpret_cast<std::uint32_t*>(data + layout.columns);
  auto* const weights = reinterpret_cast<float*>(data + layout.weights);
  if (starts[0] != 0 || starts[layout.users] != layout.entries) return Status::kCorrupt;
  Interactions& rows = state.byUser;
  rows.starts.resize(std::size_t{layout.users} + 1);
  for (std::size_t row = 0; row < layout.users; ++row) {
    if (control.cancelledAt(row)) return Status::kCancelled;
    if (starts[row + 1] < starts[row]) return Status::kCorrupt;
    rows.starts[row + 1] = starts[row + 1];
  }
  std::uint32_t largest = 0;
  bool good = true;
  for (std::size_t e = 0; e < layout.entries; ++e) {
    if (control.cancelledAt(e)) return Status::kCancelled;
    largest = std::max(largest, columns[e]);
    good = good && weights[e] > 0 && weights[e] <= 3.4e38f;
  }
  if (!good || (layout.entries > 0 && largest >= layout.items)) return Status::kCorrupt;
  rows.columns.borrow(columns, layout.entries);
  rows.weights.borrow(weights, layout.entries);
  return Status::kOk;
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

// The checksum of a payload, which is that of its pieces' checksums, and that factors are finite: while a piece is in the cache.
Status checkModel(const char* data, std::size_t size, const ModelLayout& layout, std::size_t threads, const JobControl& control,
                  const MappedFile* file) {
  const std::size_t payload = size - kModelHeader;
  std::vector<unsigned char> sums((payload + kModelPiece - 1) / kModelPiece * 4);
  std::vector<Floats> buffers(file == nullptr ? 0 : threads);
  for (Floats& buffer : buffers) buffer = Floats(kModelPiece / sizeof(float));
  std::atomic<bool> good{true};
  const bool done = parallel(threads, payload, kModelPiece, control, [&](std::size_t worker, std::size_t from, std::size_t to) {
    const char* piece = data + kModelHeader + from;
    if (file != nullptr) {
      auto* const buffer = reinterpret_cast<char*>(buffers[worker].data());
      if (!file->read(kModelHeader + from, buffer, to - from)) good.store(false, std::memory_order_relaxed);
      piece = buffer;
    }
    putLittle32(sums.data() + from / kModelPiece * 4, crc32(0, piece, to - from));
    const std::uint64_t row = std::uint64_t{4} * layout.factors;
    for (const auto& [section, bytes] : {std::pair{layout.x, row * layout.users}, std::pair{layout.y, row * layout.items}}) {
      const std::uint64_t first = std::max<std::uint64_t>(section, kModelHeader + from);
      const std::uint64_t end = std::min<std::uint64_t>(section + bytes, kModelHeader + to);
      if (first >= end) continue;
      const auto* const values = reinterpret_cast<const float*>(piece + (first - kModelHeader - from));
      if (!allFinite(values, static_cast<std::size_t>(end - first) / 4)) good.store(false, std::memory_order_relaxed);
    }
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

Status openModel(State& state, char* data, std::size_t size, std::shared_ptr<void> keeper, const JobControl& control,
                 const MappedFile* file) {
  ModelLayout layout;
  Status status = readModelHeader(data, size, layout);
  if (status == Status::kOk && layout.factors != state.settings.factors) status = Status::kCorrupt;
  if (status == Status::kOk) status = checkModel(data, size, layout, state.settings.threads, control, file);
  if (status == Status::kOk) status = readHistories(state, layout, data, control);
  if (status != Status::kOk) return status;
  const std::size_t factors = layout.factors, stride = state.stride();
  const auto* const base = reinterpret_cast<const float*>(data + layout.bases);
  const float* const gram = base + factors;
  if (!allFinite(base, factors + factors * factors) || std::any_of(base, gram, [](float value) { return value < 0; }))
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
