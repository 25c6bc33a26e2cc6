// A snapshot whose index part is changed at places that the input names, with checksums that fit: refused, or opened into an
// index that answers and changes without going astray. Input: u16 place, u8 value, and so on; an odd byte at the end cuts the file.
#include <cstddef>
#include <cstdint>
#include <cstdio>

#include "../test/index_file.hpp"

using namespace index_file;

namespace {

const std::string& path() {
  static const std::string made = temporary("fuzzed") + "-" + std::to_string(reinterpret_cast<std::uintptr_t>(&made));
  return made;
}

const std::string& sound() {
  static const std::string bytes = [] {
    world::World world(3, 60);
    world.bulkBuild(120);
    if (world.finish(world.index->save(path(), true)) != Status::kOk) std::abort();
    return slurp(path());
  }();
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string forged = sound();
  const std::size_t begin = 64 + number(forged, 24, 8);
  for (std::size_t at = 0; at + 3 <= size; at += 3) {
    const std::size_t place = data[at] + 256u * data[at + 1];
    forged[begin + place % (forged.size() - begin)] = static_cast<char>(data[at + 2]);
  }
  resealIndex(forged);
  if (size % 3 == 1) forged.resize(forged.size() * data[size - 1] / 255);
  spill(path(), forged);
  const auto index = easy11::Autocomplete::create();
  if (openMapped(*index, path()) == Status::kOk) {
    check::Random random(size);
    exercise(index, random);
  }
  std::remove(path().c_str());
  return 0;
}
