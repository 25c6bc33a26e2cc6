// A script of updates and searches read from the input; every answer is compared with the oracle.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "../test/world.hpp"

namespace {

class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
  bool more() const { return at_ < end_; }
  std::uint32_t byte() { return more() ? *at_++ : 0; }
  // Up to four words of letters that are often alike.
  std::string words(bool plan) {
    static const char* const letters[] = {"a", "b", "c", "e", "é", "n", "茶", "s"};
    std::string out;
    for (std::uint32_t word = 1 + byte() % 4; word > 0; --word) {
      for (std::uint32_t n = 1 + byte() % 9; n > 0; --n) out += letters[byte() % 8];
      if (plan && byte() % 3 == 0) out += '*';
      if (word > 1) out += plan && byte() % 8 == 0 ? '\x01' : ' ';
    }
    return out;
  }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script(data, size);
  world::World world(1, 4);
  const std::uint32_t repeats = script.byte() % 4 == 0 ? 300 : 1;  // enough to freeze the memtable
  while (script.more()) {
    const std::uint32_t kind = script.byte() % 8;
    const std::string id = "id" + std::to_string(script.byte());
    if (kind < 3) {
      oracle::Entry entry;
      entry.text = script.words(false);
      entry.analysis = entry.text;
      entry.analysed = true;
      if (script.byte() % 3 == 0) entry.analysis += '\x01' + script.words(false);
      entry.weight = script.byte() % 16;
      entry.price = script.byte();
      entry.inStock = script.byte() % 2 == 0;
      for (std::uint32_t n = script.byte() % 3; n > 0; --n) entry.categories.push_back(std::to_string(script.byte() % 5));
      for (std::uint32_t i = 0; i < repeats; ++i) {
        entry.id = i == 0 ? id : id + "-" + std::to_string(i);
        world.set(entry);
      }
    } else if (kind == 3) {
      world.remove(id);
    } else if (kind == 4) {
      world.setWeight(id, script.byte() % 16);
    } else {
      oracle::Filter filter;
      filter.on = script.byte() % 2 == 0;
      filter.stock = static_cast<int>(script.byte() % 3) - 1;
      if (script.byte() % 3 == 0) filter.atMost = script.byte();
      if (script.byte() % 3 == 0) filter.categories = {std::to_string(script.byte() % 6)};
      const std::uint32_t limit = 1 + script.byte() % 20;
      const bool wholePrefix = kind == 7;
      std::string plan = script.words(!wholePrefix);
      world.compare(plan, limit, script.byte() % 2 == 0, wholePrefix, filter);
    }
    if (check::failures() > 0) std::abort();
  }
  return 0;
}
