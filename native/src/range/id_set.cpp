#include "id_set.hpp"

#include <algorithm>

namespace easy11::range {

// Only what the last set had is wiped: a small set costs what it has, not what the table could have.
void IdSet::begin(const Table& table) {
  for (const std::uint32_t block : blocks_)
    std::fill_n(words_.begin() + static_cast<std::ptrdiff_t>(std::size_t{block} * kBlockWords), kBlockWords, 0u);
  blocks_.clear();
  size_ = 0;
  words_.resize(table.present.size());
}

bool IdSet::takeList(const Table& table, const std::uint32_t* ids, std::size_t size) {
  begin(table);
  std::uint32_t last = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint32_t id = ids[i];
    if (i > 0 && id <= last) {
      begin(table);
      return false;
    }
    last = id;
    if (!table.has(id)) continue;
    if (blocks_.empty() || blocks_.back() != id / kBlock) blocks_.push_back(id / kBlock);
    setBit(words_.data(), id);
    ++size_;
  }
  return true;
}

void IdSet::takeBits(const Table& table, const std::uint32_t* words, std::size_t size) {
  begin(table);
  // The table has whole blocks: see Table::reserve.
  const std::size_t blocks = std::min(table.present.size() / kBlockWords, (size + 2 * kBlockWords - 1) / (2 * kBlockWords));
  for (std::size_t block = 0; block < blocks; ++block) {
    std::uint64_t any = 0;
    for (std::size_t at = block * kBlockWords; at < (block + 1) * kBlockWords; ++at) {
      const std::uint64_t low = 2 * at < size ? words[2 * at] : 0, high = 2 * at + 1 < size ? words[2 * at + 1] : 0;
      const std::uint64_t word = (low | high << 32) & table.present[at];
      words_[at] = word;
      any |= word;
      if (word != 0) size_ += countBits(word);
    }
    if (any != 0) blocks_.push_back(static_cast<std::uint32_t>(block));
  }
}

}  // namespace easy11::range
