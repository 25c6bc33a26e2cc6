#include "documents.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace easy11 {
namespace {

constexpr std::uint32_t kNoPrice = 0xffffffff;  // in a draft

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

void Documents::reserve(std::uint32_t count, std::size_t letters) {
  letters_.reserve(letters);
  records_.reserve(std::size_t{count} + 1);
  weights_.reserve(count);
  slots_.reserve(count);
  stock_.assign(bitmapWords(count), 0);
  analysed_.assign(bitmapWords(count), 0);
  draft_ = std::make_unique<Draft>();
  draft_->priceOf.reserve(count);
  draft_->listOf.reserve(count);
}

void Documents::add(const DocumentView& d) {
  const std::uint32_t rank = size_++;
  records_.add(letters_.size());
  putNumber(letters_, d.id.size());
  putNumber(letters_, d.text.size());
  letters_.append(d.id);
  letters_.append(d.text);
  letters_.append(d.analysis);
  weights_.add(d.weight);
  slots_.push_back(d.slot);
  if (d.inStock) setBit(stock_.data(), rank);
  if (d.analysed) setBit(analysed_.data(), rank);
  draft_->priceOf.push_back(std::isnan(d.price) ? kNoPrice : draft_->prices.intern(d.price));
  draft_->listOf.push_back(draft_->lists.intern(d.categories, d.categoryCount));
}

void Documents::finish() {
  std::uint32_t rank = 0;
  while (rank < size_ && slots_[rank] == rank) ++rank;
  if (rank == size_) {
    slots_.clear();
    slots_.shrink_to_fit();
  }
  records_.add(letters_.size());
  records_.finish();
  weights_.finish();
  finishPrices();
  std::vector<std::uint32_t> items = draft_->lists.items();
  if (!items.empty()) {
    lists_.assign(draft_->listOf);
    listEnds_ = draft_->lists.ends();
    listEnds_.shrink_to_fit();
    items.shrink_to_fit();
    categories_ = std::move(items);
  }
  draft_.reset();
}

// Numbers prices anew, in ascending order.
void Documents::finishPrices() {
  const std::vector<double>& found = draft_->prices.values();
  if (found.empty()) return;
  std::vector<std::uint32_t> order(found.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return found[a] < found[b]; });
  std::vector<std::uint32_t> numberOf(found.size());
  prices_.reserve(found.size());
  for (std::uint32_t number = 0; number < order.size(); ++number) {
    numberOf[order[number]] = number;
    prices_.push_back(found[order[number]]);
  }
  const auto none = static_cast<std::uint32_t>(found.size());
  priceOf_.assign(size_, none);
  for (std::uint32_t rank = 0; rank < size_; ++rank) {
    const std::uint32_t number = draft_->priceOf[rank];
    priceOf_.set(rank, number == kNoPrice ? none : numberOf[number]);
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
  d.weight = weight(rank);
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

DocumentText Documents::text(std::uint32_t rank) const noexcept {
  const char* at = record(rank);
  const std::size_t idSize = takeNumber(at);
  const std::size_t textSize = takeNumber(at);
  return {{at, idSize}, {at + idSize, textSize}};
}

double Documents::price(std::uint32_t rank) const noexcept {
  const std::uint32_t number = prices_.empty() ? 0 : priceOf_[rank];
  return number < prices_.size() ? prices_[number] : std::numeric_limits<double>::quiet_NaN();
}

Documents::PriceRange Documents::pricesWithin(double atLeast, double atMost) const noexcept {
  const auto low = std::lower_bound(prices_.begin(), prices_.end(), atLeast);
  const auto high = std::upper_bound(low, prices_.end(), atMost);
  return {static_cast<std::uint32_t>(low - prices_.begin()), static_cast<std::uint32_t>(high - prices_.begin())};
}

std::size_t Documents::bytes() const noexcept {
  std::size_t total = 0;
  columns(*this, [&](const auto& column) { total += column.bytes(); });
  return total;
}

bool Documents::adopt() noexcept {
  const bool adopted = records_.adopt() && priceOf_.adopt() && lists_.adopt();
  size_ = adopted && records_.size() > 0 ? static_cast<std::uint32_t>(records_.size() - 1) : 0;
  return adopted;
}

bool Documents::valid(std::uint32_t categoryCount) const noexcept {
  const std::size_t count = size();
  const auto columnOf = [&](std::size_t have) { return have == count || have == 0; };
  if (count == 0 || !records_.valid(count + 1, letters_.size()) || !weights_.valid(count) ||
      priceOf_.size() != (prices_.empty() ? 0 : count) || !slots_.empty() || stock_.size() != bitmapWords(count) ||
      analysed_.size() != bitmapWords(count) || !columnOf(lists_.size()))
    return false;
  for (std::uint32_t rank = 0; rank < count; ++rank) {  // two lengths and what they announce
    const char* from = record(rank);
    const char* const to = record(rank + 1);
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
  for (const std::uint32_t number : priceOf_)
    if (number > prices_.size()) return false;
  std::uint32_t end = 0;
  for (const std::uint32_t next : listEnds_) {
    if (next < end) return false;
    end = next;
  }
  if (end != categories_.size()) return false;
  for (const std::uint32_t list : lists_)
    if (list >= listEnds_.size()) return false;
  for (const std::uint32_t category : categories_)
    if (category >= categoryCount) return false;
  return true;
}

}  // namespace easy11
