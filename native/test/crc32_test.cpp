// The checksum against its definition, bit by bit, whatever the length, the alignment and the way the bytes are cut.
#include "check.hpp"
#include "easy11/crc32.hpp"

namespace {

std::uint32_t byDefinition(const std::vector<unsigned char>& bytes, std::size_t from, std::size_t size) {
  std::uint32_t state = ~std::uint32_t{0};
  for (std::size_t at = from; at < from + size; ++at) {
    state ^= bytes[at];
    for (int bit = 0; bit < 8; ++bit) state = state >> 1 ^ ((state & 1) != 0 ? 0xEDB88320u : 0u);
  }
  return ~state;
}

std::vector<unsigned char> noise(std::size_t size) {
  std::vector<unsigned char> bytes(size);
  std::uint32_t state = 12345;
  for (unsigned char& byte : bytes) byte = static_cast<unsigned char>((state = state * 1664525u + 1013904223u) >> 24);
  return bytes;
}

TEST("agrees with zlib on the usual example") { CHECK(easy11::crc32(0, "123456789", 9) == 0xCBF43926u); } END_TEST

TEST("agrees with the definition for every length up to 1,000 and every alignment") {
  const std::vector<unsigned char> bytes = noise(1100);
  for (std::size_t from = 0; from < 16; ++from)
    for (std::size_t size = 0; size <= 1000; ++size)
      CHECK(easy11::crc32(0, bytes.data() + from, size) == byDefinition(bytes, from, size));
} END_TEST

TEST("is the same however the bytes are cut") {
  const std::vector<unsigned char> bytes = noise(4096);
  const std::uint32_t whole = byDefinition(bytes, 0, bytes.size());
  for (std::size_t cut = 0; cut <= bytes.size(); cut += 7) {
    const std::uint32_t head = easy11::crc32(0, bytes.data(), cut);
    CHECK(easy11::crc32(head, bytes.data() + cut, bytes.size() - cut) == whole);
  }
} END_TEST

TEST("notices any single bit") {
  std::vector<unsigned char> bytes = noise(333);
  const std::uint32_t sound = easy11::crc32(0, bytes.data(), bytes.size());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] = static_cast<unsigned char>(bytes[bit / 8] ^ 1u << bit % 8);
    CHECK(easy11::crc32(0, bytes.data(), bytes.size()) != sound);
    bytes[bit / 8] = static_cast<unsigned char>(bytes[bit / 8] ^ 1u << bit % 8);
  }
} END_TEST

}  // namespace

CHECK_MAIN
