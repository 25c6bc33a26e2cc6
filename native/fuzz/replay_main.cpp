// A main for the fuzz targets where libFuzzer is not at hand: replays the files given, or a fixed stream of random inputs.
// usage: fuzz_x [file...]     fuzz_x --random <runs>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "../test/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int count, char** arguments) {
  if (count > 1 && std::strcmp(arguments[1], "--random") != 0) {
    for (int i = 1; i < count; ++i) {
      std::ifstream file(arguments[i], std::ios::binary);
      const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    }
    return 0;
  }
  const long runs = count > 2 ? std::atol(arguments[2]) : 300;
  check::Random random(2024);
  std::vector<std::uint8_t> bytes;
  for (long run = 0; run < runs; ++run) {
    bytes.clear();
    for (std::uint32_t n = random.below(1200); n > 0; --n) bytes.push_back(static_cast<std::uint8_t>(random.next()));
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
  std::printf("%ld inputs\n", runs);
  return 0;
}
