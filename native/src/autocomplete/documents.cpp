#include "documents.hpp"

#include <cmath>
#include <limits>

namespace easy11 {
namespace {

std::size_t numberBytes(std::size_t value) noexcept {
  std::size_t bytes = 1;
  for (; value >= 0x80; value >>= 7) ++bytes;
  return bytes;
}

void putNumber(Column<char>& out, std::size_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

std::size_t takeNumber(const char*& at) noexcept {
  std::size_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at++);
    value |= static_cast<std::size_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

}  // namespace

std::size_t Documents::recordBytes(const DocumentView& d) noexcept {
  return numberBytes(d.id.size()) + numberBytes(d.text.size()) + d.id.size() + d.text.size() + d.analysis.size();
}

void Documents::reserve(std::uint32_t count, std::size_t letters, std::size_t categories) {
  letters_.reserve(letters);
  blocks_.reserve(count / kBlock + 1);
  offsets_.reserve(std::size_t{count} + 1);
  weights_.reserve(count);
  slots_.reserve(count);
  stock_.assign(bitmapWords(count), 0);
  analysed_.assign(bitmapWords(count), 0);
  if (categories > 0) {
    categoryEnds_.reserve(count);
    categories_.reserve(categories);
  }
}

void Documents::add(const DocumentView& d) {
  const std::uint32_t rank = size();
  if (rank % kBlock == 0) blocks_.push_back(letters_.size());
  offsets_.push_back(static_cast<std::uint32_t>(letters_.size() - blocks_.back()));
  putNumber(letters_, d.id.size());
  putNumber(letters_, d.text.size());
  letters_.append(d.id);
  letters_.append(d.text);
  letters_.append(d.analysis);
  weights_.push_back(d.weight);
  slots_.push_back(d.slot);
  if (d.inStock) setBit(stock_.data(), rank);
  if (d.analysed) setBit(analysed_.data(), rank);
  if (!std::isnan(d.price) && prices_.empty()) {
    prices_.reserve(weights_.capacity());
    prices_.assign(rank, std::numeric_limits<double>::quiet_NaN());
    prices_.push_back(d.price);
  } else if (!prices_.empty()) {
    prices_.push_back(d.price);
  }
  if (d.categoryCount > 0 && categoryEnds_.empty()) categoryEnds_.assign(rank, 0);
  if (d.categoryCount > 0 || !categoryEnds_.empty()) {
    categories_.append(d.categories, d.categories + d.categoryCount);
    categoryEnds_.push_back(static_cast<std::uint32_t>(categories_.size()));
  }
}

void Documents::finish() {
  const std::uint32_t count = size();
  std::uint32_t rank = 0;
  while (rank < count && slots_[rank] == rank) ++rank;
  if (rank == count) {
    slots_.clear();
    slots_.shrink_to_fit();
  }
  if (count % kBlock == 0) {
    blocks_.push_back(letters_.size());
    offsets_.push_back(0);
  } else {
    offsets_.push_back(static_cast<std::uint32_t>(letters_.size() - blocks_.back()));
  }
}

DocumentView Documents::view(std::uint32_t rank) const noexcept {
  const char* at = record(rank);
  const char* const end = record(rank + 1);
  DocumentView d;
  const std::size_t idSize = takeNumber(at);
  const std::size_t textSize = takeNumber(at);
  d.id = {at, idSize};
  d.text = {at + idSize, textSize};
  const char* const analysis = at + idSize + textSize;
  d.analysis = {analysis, static_cast<std::size_t>(end - analysis)};
  d.weight = weights_[rank];
  d.price = price(rank);
  d.slot = slot(rank);
  d.inStock = inStock(rank);
  d.analysed = testBit(analysed_.data(), rank);
  if (hasCategories()) {
    d.categories = categoriesBegin(rank);
    d.categoryCount = static_cast<std::uint32_t>(categoriesEnd(rank) - d.categories);
  }
  return d;
}

std::string_view Documents::id(std::uint32_t rank) const noexcept {
  const char* at = record(rank);
  const std::size_t idSize = takeNumber(at);
  takeNumber(at);
  return {at, idSize};
}

double Documents::price(std::uint32_t rank) const noexcept {
  return prices_.empty() ? std::numeric_limits<double>::quiet_NaN() : prices_[rank];
}

std::size_t Documents::bytes() const noexcept {
  std::size_t total = 0;
  columns(*this, [&](const auto& column) { total += column.bytes(); });
  return total;
}

bool Documents::valid(std::uint32_t categoryCount) const noexcept {
  const std::size_t count = size();
  const auto columnOf = [&](std::size_t have, bool optional) { return have == count || (optional && have == 0); };
  if (count == 0 || offsets_.size() != count + 1 || blocks_.size() != count / kBlock + 1 ||
      !columnOf(prices_.size(), true) || !slots_.empty() || stock_.size() != bitmapWords(count) ||
      analysed_.size() != bitmapWords(count) || !columnOf(categoryEnds_.size(), true))
    return false;
  std::uint64_t before = 0;
  for (std::uint32_t rank = 0; rank <= count; ++rank) {
    const std::uint64_t block = blocks_[rank / kBlock];
    const std::uint64_t at = block + offsets_[rank];
    if (block > letters_.size() || at > letters_.size() || at < before || (rank > 0 && at - before < 2)) return false;
    if (rank > 0) {  // the record before: two lengths and what they announce
      const char* from = letters_.data() + before;
      const char* const to = letters_.data() + at;
      std::uint64_t sizes = 0;
      for (int number = 0; number < 2; ++number) {
        std::uint64_t value = 0;
        for (int shift = 0;; shift += 7) {
          if (from == to || shift > 28) return false;
          const auto byte = static_cast<unsigned char>(*from++);
          value |= std::uint64_t{byte & 0x7fu} << shift;
          if (byte < 0x80) break;
        }
        sizes += value;
      }
      if (sizes > static_cast<std::uint64_t>(to - from)) return false;
    }
    before = at;
  }
  std::uint32_t end = 0;
  for (const std::uint32_t next : categoryEnds_) {
    if (next < end) return false;
    end = next;
  }
  if (end != categories_.size()) return false;
  for (const std::uint32_t category : categories_)
    if (category >= categoryCount) return false;
  return true;
}

}  // namespace easy11
