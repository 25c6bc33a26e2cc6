#include "categories.hpp"

#include "../common/hash.hpp"

namespace easy11 {

Categories::Categories() : seed_(newHashSeed(this)) {}

Categories::Categories(Categories&& other) noexcept : seed_(other.seed_) { *this = std::move(other); }

// For an index that nobody reads yet.
Categories& Categories::operator=(Categories&& other) noexcept {
  names_ = std::move(other.names_);
  tables_ = std::move(other.tables_);
  table_.store(other.table_.exchange(nullptr), std::memory_order_release);
  size_.store(other.size_.exchange(0), std::memory_order_release);
  seed_ = other.seed_;
  bytes_ = other.bytes_;
  return *this;
}

std::uint32_t Categories::find(std::string_view name) const noexcept {
  const Table* const table = table_.load(std::memory_order_acquire);
  if (table == nullptr) return kNoCategory;
  for (std::size_t at = hashString(name, seed_) & table->mask;; at = (at + 1) & table->mask) {
    const Named* const named = table->cells[at].load(std::memory_order_acquire);
    if (named == nullptr) return kNoCategory;
    if (named->name == name) return named->number;
  }
}

void Categories::place(const Table& table, const Named* named) const noexcept {
  std::size_t at = hashString(named->name, seed_) & table.mask;
  while (table.cells[at].load(std::memory_order_relaxed) != nullptr) at = (at + 1) & table.mask;
  table.cells[at].store(named, std::memory_order_release);
}

void Categories::grow() {
  auto larger = std::make_unique<Table>(tables_.empty() ? 16 : 2 * (tables_.back()->mask + 1));
  for (std::uint32_t number = 0; number < size(); ++number)
    place(*larger, &(*names_.chunks_[number / Names::kChunk])[number % Names::kChunk]);
  bytes_ += 8 * (larger->mask + 1);
  tables_.push_back(std::move(larger));
  table_.store(tables_.back().get(), std::memory_order_release);
}

std::uint32_t Categories::intern(std::string_view name) {
  const std::uint32_t known = find(name);
  if (known != kNoCategory) return known;
  const std::uint32_t number = size();
  if (tables_.empty() || (number + 1) * 2 > tables_.back()->mask + 1) grow();
  if (number % Names::kChunk == 0 && number / Names::kChunk == names_.chunks_.size())
    names_.chunks_.push_back(std::make_shared<Names::Chunk>());
  Named& place = (*names_.chunks_.back())[number % Names::kChunk];
  place.name.assign(name);
  place.number = number;
  this->place(*tables_.back(), &place);
  bytes_ += name.size() + sizeof(Named);
  size_.store(number + 1, std::memory_order_release);
  return number;
}

void Categories::internAll(std::string_view joined, std::vector<std::uint32_t>& out) {
  if (joined.empty()) return;
  for (std::size_t begin = 0;;) {
    const std::size_t end = joined.find('\x01', begin);
    out.push_back(intern(joined.substr(begin, end - begin)));
    if (end == std::string_view::npos) return;
    begin = end + 1;
  }
}

void Categories::Names::join(const DocumentView& document, std::string& out) const {
  for (std::uint32_t i = 0; i < document.categoryCount; ++i) {
    if (i > 0) out.push_back('\x01');
    out.append(name(document.categories[i]));
  }
}

}  // namespace easy11
