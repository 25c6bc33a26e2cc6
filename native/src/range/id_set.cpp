#include "id_set.hpp"

#include <algorithm>

#include "kernels.hpp"

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
  for (std::size_t i = 1; i < size; ++i)
    if (ids[i] <= ids[i - 1]) return false;
  // Word by word: neighbours share one, and writing it for each would have to wait for the one before.
  for (std::size_t i = 0; i < size;) {
    const std::uint32_t at = ids[i] / 64;
    if (at >= words_.size()) break;
    std::uint64_t word = 0;
    for (; i < size && ids[i] / 64 == at; ++i) word |= std::uint64_t{1} << ids[i] % 64;
    word &= table.present[at];
    if (word == 0) continue;
    if (blocks_.empty() || blocks_.back() != at / kBlockWords) blocks_.push_back(at / kBlockWords);
    words_[at] = word;
    size_ += countBits(word);
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
    }
    if (any == 0) continue;
    blocks_.push_back(static_cast<std::uint32_t>(block));
    size_ += kernels().countBits(words_.data() + block * kBlockWords, kBlockWords);
  }
}

}  // namespace easy11::range
