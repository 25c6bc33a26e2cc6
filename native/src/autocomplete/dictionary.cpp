#include "dictionary.hpp"

#include <algorithm>

#include "easy11/utf8.hpp"

namespace easy11 {

void Dictionary::add(std::string_view word) {
  letters_.append(word);
  ends_.push_back(static_cast<std::uint32_t>(letters_.size()));
}

bool Dictionary::finish(const JobControl& control) {
  letters_.shrink_to_fit();
  ends_.shrink_to_fit();
  std::vector<std::uint32_t> depth;  // in bytes
  const auto push = [&](std::uint32_t label, std::uint32_t low, std::uint32_t high, std::size_t bytes) {
    label_.push_back(label);
    low_.push_back(low);
    high_.push_back(high);
    depth.push_back(static_cast<std::uint32_t>(bytes));
  };
  push(0, 0, size(), 0);
  for (std::uint32_t node = 0; node < label_.size(); ++node) {
    if (control.cancelledAt(node)) return false;
    child_.push_back(static_cast<std::uint32_t>(label_.size()));
    std::uint32_t at = low_[node];
    const std::uint32_t high = high_[node];
    if (high - at < 2 && node > 0) continue;
    const std::size_t bytes = depth[node];
    if (at < high && word(at).size() == bytes) {
      label_[node] |= kTerminal;
      ++at;
    }
    while (at < high) {
      const std::string_view first = word(at);
      const char* letter = first.data() + bytes;
      const std::uint32_t label = nextCodePoint(letter, first.data() + first.size());
      const std::size_t next = static_cast<std::size_t>(letter - first.data());
      const std::string_view head = first.substr(bytes, next - bytes);
      std::uint32_t end = at + 1;
      while (end < high && word(end).compare(bytes, head.size(), head) == 0) ++end;
      push(label, at, end, next);
      at = end;
    }
  }
  child_.push_back(static_cast<std::uint32_t>(label_.size()));
  if (!gatherMasks(depth, control)) return false;
  for (auto* column : {&label_, &child_, &low_, &high_}) column->shrink_to_fit();
  index();
  return true;
}

void Dictionary::index() noexcept {
  std::fill(std::begin(asciiRoot_), std::end(asciiRoot_), kNoNode);
  for (std::uint32_t child = childBegin(0); child < childEnd(0); ++child)
    if (label(child) < 128) asciiRoot_[label(child)] = child;
}

bool Dictionary::valid() const noexcept {
  const std::size_t count = label_.size();
  if (count == 0 || child_.size() != count + 1 || low_.size() != count || high_.size() != count || mask_.size() != count)
    return false;
  std::uint32_t end = 0;
  for (const std::uint32_t next : ends_) {
    if (next <= end || next > letters_.size()) return false;
    end = next;
  }
  // Children stand behind their parents, so that every walk ends; words are long enough for the way to their node.
  std::vector<std::uint32_t> depth(count, 0);
  for (std::uint32_t node = 0; node < count; ++node) {
    if (low_[node] > high_[node] || high_[node] > size() || child_[node] > child_[node + 1] || child_[node + 1] > count ||
        (node == 0 && (low_[0] != 0 || high_[0] != size())))
      return false;
    if (node > 0 && low_[node] == high_[node]) return false;
    if (child_[node] < child_[node + 1] && child_[node] <= node) return false;
    for (std::uint32_t child = child_[node]; child < child_[node + 1]; ++child) {
      const std::uint32_t letter = label(child);
      depth[child] = depth[node] + (letter < 0x80 ? 1 : letter < 0x800 ? 2 : letter < 0x10000 ? 3 : 4);
      if (low_[child] < low_[node] || high_[child] > high_[node]) return false;
    }
    if (high_[node] - low_[node] == 1 && word(low_[node]).size() < depth[node]) return false;
  }
  return true;
}

// From the leaves up: children stand behind their parents. `depth` is in bytes.
bool Dictionary::gatherMasks(const std::vector<std::uint32_t>& depth, const JobControl& control) {
  mask_.resize(nodes());
  for (std::uint32_t node = nodes(); node-- > 0;) {
    if (control.cancelledAt(node)) return false;
    std::uint32_t all = node > 0 ? letterBit(label(node)) : 0;
    std::uint32_t next = 0;
    if (childBegin(node) == childEnd(node) && low(node) < high(node)) {
      const std::string_view tail = word(low(node)).substr(depth[node]);
      for (const char *at = tail.data(), *const end = at + tail.size(); at < end;) {
        const std::uint32_t bit = letterBit(nextCodePoint(at, end));
        if (next == 0) next = bit;
        all |= bit;
      }
    }
    for (std::uint32_t child = childBegin(node); child < childEnd(node); ++child) {
      all |= static_cast<std::uint32_t>(mask_[child]);
      next |= letterBit(label(child));
    }
    mask_[node] = std::uint64_t{next} << 32 | all;
  }
  return true;
}

std::uint32_t Dictionary::childOf(std::uint32_t node, std::uint32_t letter) const noexcept {
  if (node == 0 && letter < 128) return asciiRoot_[letter];
  std::uint32_t begin = child_[node];
  std::uint32_t end = child_[node + 1];
  while (end - begin > 16) {
    const std::uint32_t middle = begin + (end - begin) / 2;
    if (label(middle) <= letter)
      begin = middle;
    else
      end = middle;
  }
  for (; begin < end; ++begin)
    if (label(begin) == letter) return begin;
  return kNoNode;
}

WordRange Dictionary::find(std::string_view wanted, bool prefix) const noexcept {
  if (ends_.empty()) return {};
  std::uint32_t node = 0;
  const char* at = wanted.data();
  const char* const end = at + wanted.size();
  while (at < end) {
    node = childOf(node, nextCodePoint(at, end));
    if (node == kNoNode) return {};
    const std::uint32_t low = low_[node];
    if (high_[node] - low == 1) {
      const auto done = static_cast<std::size_t>(at - wanted.data());
      const std::string_view rest = wanted.substr(done);
      const std::string_view tail = word(low).substr(done);
      const bool found = prefix ? tail.substr(0, rest.size()) == rest : tail == rest;
      return found ? WordRange{low, low + 1, kNoNode} : WordRange{};
    }
  }
  if (prefix) return {low_[node], high_[node], node};
  return terminal(node) ? WordRange{low_[node], low_[node] + 1, kNoNode} : WordRange{};
}

std::size_t Dictionary::bytes() const noexcept {
  std::size_t total = 0;
  columns(*this, [&](const auto& column) { total += column.bytes(); });
  return total;
}

}  // namespace easy11
