#pragma once
// The least of a test framework: named tests, checks that say where and what, an exit code.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace check {

struct Test {
  const char* name;
  std::function<void()> body;
};

inline std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

struct Register {
  Register(const char* name, std::function<void()> body) { tests().push_back({name, std::move(body)}); }
};

inline int& failures() {
  static int count = 0;
  return count;
}

inline void fail(const char* file, int line, const std::string& what) {
  std::fprintf(stderr, "%s:%d: %s\n", file, line, what.c_str());
  if (++failures() >= 20) {
    std::fprintf(stderr, "too many failures\n");
    std::exit(1);
  }
}

// Under a sanitizer, which makes them five to ten times slower, the random tests do a part of their work; the plain build
// does it all.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif
constexpr std::uint32_t share(std::uint32_t work, std::uint32_t part = 5) { return kSanitized ? work / part : work; }

// For how long the tests of many threads go on at least: `npm run test:native -- --stress=600`.
inline double stressSeconds(double otherwise) {
  const char* const given = std::getenv("EASY11_STRESS_SECONDS");
  return given != nullptr ? std::atof(given) : otherwise;
}

// xorshift128+: the same everywhere, unlike the distributions of <random>.
class Random {
 public:
  explicit Random(std::uint64_t seed) : a_(seed * 0x9e3779b97f4a7c15u + 1), b_(seed ^ 0xda942042e4dd58b5u) {
    for (int i = 0; i < 8; ++i) next();
  }
  std::uint64_t next() {
    std::uint64_t x = a_;
    const std::uint64_t y = b_;
    a_ = y;
    x ^= x << 23;
    b_ = x ^ y ^ (x >> 17) ^ (y >> 26);
    return b_ + y;
  }
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(next() % bound); }
  bool chance(std::uint32_t oneIn) { return below(oneIn) == 0; }

 private:
  std::uint64_t a_, b_;
};

inline int run() {
  for (const Test& test : tests()) {
    const int before = failures();
    test.body();
    std::printf("%s %s\n", failures() == before ? "ok  " : "FAIL", test.name);
  }
  return failures() == 0 ? 0 : 1;
}

}  // namespace check

#define CHECK_JOIN_(a, b) a##b
#define CHECK_JOIN(a, b) CHECK_JOIN_(a, b)
#define TEST(name) static const check::Register CHECK_JOIN(test_, __LINE__)(name, [] {
#define END_TEST \
  });
#define CHECK(condition) \
  do { \
    if (!(condition)) check::fail(__FILE__, __LINE__, "not so: " #condition); \
  } while (false)
#define CHECK_EQUAL(actual, expected) \
  do { \
    const auto actual_ = (actual); \
    const auto expected_ = (expected); \
    if (!(actual_ == expected_)) \
      check::fail(__FILE__, __LINE__, #actual " is " + std::to_string(actual_) + ", not " + std::to_string(expected_)); \
  } while (false)
#define CHECK_MAIN \
  int main() { return check::run(); }
