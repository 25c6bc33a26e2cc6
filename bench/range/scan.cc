// What a scan of the columns costs when memory is the limit: count; count with sum, least and greatest; the 20 most popular; rows by
// category. Compiled for the machine it runs on by scan.ts; prints microseconds of the processor and check sums as JSON.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <utility>
#include <vector>

#ifdef __AVX512F__
#include <immintrin.h>
#endif

namespace {

constexpr int kCategories = 200, kBest = 20;

struct Columns {
  std::vector<int> price;
  std::vector<float> rating, popularity;
  std::vector<std::uint16_t> category;
};
struct Bounds {
  int lo, hi;
};

double now() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

// Rows are whole blocks of 16: Columns are filled up with a price that no range holds.
#ifdef __AVX512F__
__mmask16 inside(const int* at, Bounds range) {
  const __m512i x = _mm512_loadu_si512(at);
  return _mm512_mask_cmple_epi32_mask(_mm512_cmpge_epi32_mask(x, _mm512_set1_epi32(range.lo)), x, _mm512_set1_epi32(range.hi));
}
#else
bool inside(int price, Bounds range) { return price >= range.lo && price <= range.hi; }
#endif

double countOf(const Columns& c, Bounds range) {
  long total = 0;
#ifdef __AVX512F__
  for (std::size_t i = 0; i < c.price.size(); i += 16) total += __builtin_popcount(inside(&c.price[i], range));
#else
  for (const int price : c.price) total += inside(price, range);
#endif
  return static_cast<double>(total);
}

double aggregateOf(const Columns& c, Bounds range) {
#ifdef __AVX512F__
  __m512 sum = _mm512_setzero_ps(), min = _mm512_set1_ps(1e30f), max = _mm512_set1_ps(-1e30f);
  for (std::size_t i = 0; i < c.price.size(); i += 16) {
    const __mmask16 in = inside(&c.price[i], range);
    const __m512 v = _mm512_loadu_ps(&c.rating[i]);
    sum = _mm512_mask_add_ps(sum, in, sum, v);
    min = _mm512_mask_min_ps(min, in, min, v);
    max = _mm512_mask_max_ps(max, in, max, v);
  }
  return _mm512_reduce_add_ps(sum) + _mm512_reduce_min_ps(min) + _mm512_reduce_max_ps(max);
#else
  float sum = 0, min = 1e30f, max = -1e30f;
  for (std::size_t i = 0; i < c.price.size(); ++i) {
    const bool in = inside(c.price[i], range);
    const float v = c.rating[i];
    sum += in ? v : 0;
    min = std::min(min, in ? v : 1e30f);
    max = std::max(max, in ? v : -1e30f);
  }
  return sum + min + max;
#endif
}

/** The best so far, best first; ties by id, which rows come in order of. */
struct Best {
  float values[kBest];
  std::size_t ids[kBest];
  int found = 0;

  float bar() const { return found < kBest ? -1 : values[kBest - 1]; }
  void offer(float value, std::size_t id) {
    if (value <= bar()) return;
    int at = found < kBest ? found++ : kBest - 1;
    for (; at > 0 && values[at - 1] < value; --at) {
      values[at] = values[at - 1];
      ids[at] = ids[at - 1];
    }
    values[at] = value;
    ids[at] = id;
  }
  double sum() const {
    double total = 0;
    for (int i = 0; i < found; ++i) total += (i + 1.0) * static_cast<double>(ids[i]);
    return total;
  }
};

double topOf(const Columns& c, Bounds range) {
  Best best;
#ifdef __AVX512F__
  for (std::size_t i = 0; i < c.price.size(); i += 16) {
    unsigned better = _mm512_mask_cmp_ps_mask(inside(&c.price[i], range), _mm512_loadu_ps(&c.popularity[i]), _mm512_set1_ps(best.bar()), _CMP_GT_OQ);
    for (; better != 0; better &= better - 1) {
      const std::size_t row = i + static_cast<std::size_t>(__builtin_ctz(better));
      best.offer(c.popularity[row], row);
    }
  }
#else
  for (std::size_t i = 0; i < c.price.size(); i += 16) {
    int better = 0;
    for (std::size_t k = i; k < i + 16; ++k) better |= inside(c.price[k], range) & (c.popularity[k] > best.bar());
    if (better == 0) continue;
    for (std::size_t k = i; k < i + 16; ++k)
      if (inside(c.price[k], range)) best.offer(c.popularity[k], k);
  }
#endif
  return best.sum();
}

/** Matching categories are packed together, then counted in four tables by turns: one row need not wait for the one before. */
double facetsOf(const Columns& c, Bounds range) {
  static std::uint32_t counts[4][kCategories];
  std::fill(&counts[0][0], &counts[0][0] + 4 * kCategories, 0u);
  alignas(64) std::uint32_t packed[1024 + 16];
  for (std::size_t from = 0; from < c.price.size(); from += 1024) {
    const std::size_t to = std::min(from + 1024, c.price.size());
    std::size_t n = 0;
#ifdef __AVX512F__
    for (std::size_t i = from; i < to; i += 16) {
      const __mmask16 in = inside(&c.price[i], range);
      const __m512i codes = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(&c.category[i])));
      _mm512_storeu_si512(&packed[n], _mm512_maskz_compress_epi32(in, codes));
      n += static_cast<std::size_t>(__builtin_popcount(in));
    }
#else
    for (std::size_t i = from; i < to; ++i) {
      packed[n] = c.category[i];
      n += inside(c.price[i], range);
    }
#endif
    for (std::size_t i = 0; i < n; ++i) ++counts[i & 3][packed[i]];
  }
  double sum = 0;
  for (int i = 0; i < kCategories; ++i) sum += (i + 1.0) * (counts[0][i] + counts[1][i] + counts[2][i] + counts[3][i]);
  return sum;
}

template <typename T>
bool read(std::FILE* file, std::vector<T>& column, std::size_t size, T filler) {
  column.assign((size + 15) / 16 * 16, filler);
  return std::fread(column.data(), sizeof(T), size, file) == size;
}

}  // namespace

// Arguments: a file of prices (int32), ratings and popularities (float32) and categories (uint16), how many, then bounds in pairs.
int main(int argc, char** argv) {
  if (argc < 5) return 1;
  const auto size = static_cast<std::size_t>(std::atol(argv[2]));
  Columns c;
  std::FILE* const file = std::fopen(argv[1], "rb");
  if (file == nullptr || !read(file, c.price, size, -1) || !read(file, c.rating, size, 0.0f) || !read(file, c.popularity, size, 0.0f) ||
      !read(file, c.category, size, std::uint16_t{0}))
    return 1;
  std::vector<Bounds> ranges;
  for (int i = 3; i + 1 < argc; i += 2) ranges.push_back({std::atoi(argv[i]), std::atoi(argv[i + 1])});
  const std::pair<const char*, double (*)(const Columns&, Bounds)> questions[] = {
      {"count", countOf}, {"aggregate", aggregateOf}, {"top", topOf}, {"facets", facetsOf}};
  std::printf("{");
  for (const auto& [name, ask] : questions) {
    double least = 1e30, sum = 0;
    for (int round = 0; round < 15; ++round) {
      sum = 0;
      const double start = now();
      for (const Bounds range : ranges) sum += ask(c, range);
      least = std::min(least, (now() - start) / static_cast<double>(ranges.size()));
    }
    std::printf("\"%s\":%f,\"%s sum\":%.0f,", name, least, name, sum);
  }
#ifdef __AVX512F__
  std::printf("\"isAvx512\":1}\n");
#else
  std::printf("\"isAvx512\":0}\n");
#endif
  return 0;
}
