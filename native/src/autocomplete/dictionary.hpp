#pragma once
// The distinct words of a segment, sorted by bytes (which is code-point order), and a trie over them.
//
// The trie is laid out breadth first, so the children of a node are contiguous and the children of node i end where those
// of node i + 1 begin: a node is a label, a child position and the range [low, high) of words below it. A node with one
// word below it is a leaf whatever is left of that word: the rest is compared with (or walked along) the word itself, which
// leaves about 1.5 nodes per word. Walking down m letters costs O(m log fan-out).
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../common/column.hpp"
#include "../common/job_control.hpp"

namespace easy11 {

constexpr std::uint32_t kNoNode = 0xffffffff;

struct WordRange {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  std::uint32_t node = kNoNode;  // the trie node of a range of several words
  bool empty() const noexcept { return low >= high; }
};

class Dictionary {
 public:
  // Takes the words in ascending order, then `finish`.
  void add(std::string_view word);
  bool finish(const JobControl& control);

  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(ends_.size()); }
  std::string_view word(std::uint32_t at) const noexcept {
    const std::uint32_t begin = at == 0 ? 0 : ends_[at - 1];
    return {letters_.data() + begin, ends_[at] - begin};
  }
  // The words that begin with `prefix`, or the one that equals it.
  WordRange find(std::string_view word, bool prefix) const noexcept;

  std::uint32_t nodes() const noexcept { return static_cast<std::uint32_t>(label_.size()); }
  std::uint32_t label(std::uint32_t node) const noexcept { return label_[node] & ~kTerminal; }
  // Whether a word ends at this node (only told for nodes with several words below).
  bool terminal(std::uint32_t node) const noexcept { return (label_[node] & kTerminal) != 0; }
  std::uint32_t childBegin(std::uint32_t node) const noexcept { return child_[node]; }
  std::uint32_t childEnd(std::uint32_t node) const noexcept { return child_[node + 1]; }
  std::uint32_t low(std::uint32_t node) const noexcept { return low_[node]; }
  std::uint32_t high(std::uint32_t node) const noexcept { return high_[node]; }
  // The letters of the words below a node from its own on, in the low half; those that follow it at once, in the high half.
  // A bit each for a-z, others share.
  std::uint64_t mask(std::uint32_t node) const noexcept { return mask_[node]; }
  static constexpr std::uint32_t letterBit(std::uint32_t letter) noexcept { return std::uint32_t{1} << (letter & 31); }
  // The child that a letter leads to, or kNoNode.
  std::uint32_t childOf(std::uint32_t node, std::uint32_t letter) const noexcept;

  std::size_t bytes() const noexcept;
  // Whether every walk stays inside. O(nodes + words).
  bool valid() const noexcept;
  // What is derived from the columns, after they were read from a file.
  void index() noexcept;
  template <class Self, class Each>
  static void columns(Self& self, Each&& each) {
    each(self.letters_), each(self.ends_), each(self.label_), each(self.child_), each(self.low_), each(self.high_);
    each(self.mask_);
  }

 private:
  static constexpr std::uint32_t kTerminal = 0x80000000;
  bool gatherMasks(const std::vector<std::uint32_t>& depth, const JobControl& control);

  Column<char> letters_;
  Column<std::uint32_t> ends_;
  Column<std::uint32_t> label_, child_, low_, high_;
  Column<std::uint64_t> mask_;
  std::uint32_t asciiRoot_[128] = {};
};

}  // namespace easy11
