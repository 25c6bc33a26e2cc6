// What a scan of the columns costs when memory is the limit: count, and count with sum, least and greatest. Compiled and run
// by scan.ts; prints microseconds of the processor and check sums as JSON.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include <immintrin.h>

static double now() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

__attribute__((target("avx512f,avx512dq,avx512vl"))) static long countWide(const int* at, long size, int lo, int hi) {
  const __m512i least = _mm512_set1_epi32(lo), most = _mm512_set1_epi32(hi);
  long total = 0;
  for (long i = 0; i + 16 <= size; i += 16) {
    const __m512i x = _mm512_loadu_si512(at + i);
    total += __builtin_popcount(_mm512_mask_cmple_epi32_mask(_mm512_cmpge_epi32_mask(x, least), x, most));
  }
  return total;
}
__attribute__((target("avx512f,avx512dq,avx512vl"))) static double sumWide(const int* at, const float* values, long size, int lo, int hi) {
  const __m512i least = _mm512_set1_epi32(lo), most = _mm512_set1_epi32(hi);
  __m512 sum = _mm512_setzero_ps(), min = _mm512_set1_ps(1e30f), max = _mm512_set1_ps(-1e30f);
  for (long i = 0; i + 16 <= size; i += 16) {
    const __m512i x = _mm512_loadu_si512(at + i);
    const __mmask16 in = _mm512_mask_cmple_epi32_mask(_mm512_cmpge_epi32_mask(x, least), x, most);
    const __m512 v = _mm512_loadu_ps(values + i);
    sum = _mm512_mask_add_ps(sum, in, sum, v);
    min = _mm512_mask_min_ps(min, in, min, v);
    max = _mm512_mask_max_ps(max, in, max, v);
  }
  return _mm512_reduce_add_ps(sum) + _mm512_reduce_min_ps(min) + _mm512_reduce_max_ps(max);
}
static long countPlain(const int* at, long size, int lo, int hi) {
  long total = 0;
  for (long i = 0; i < size; ++i) total += at[i] >= lo && at[i] <= hi;
  return total;
}
static double sumPlain(const int* at, const float* values, long size, int lo, int hi) {
  float sum = 0;
  for (long i = 0; i < size; ++i) sum += at[i] >= lo && at[i] <= hi ? values[i] : 0;
  return sum;
}

// Arguments: file of int32 prices and float32 ratings, size, then bounds in pairs.
int main(int argc, char** argv) {
  if (argc < 5) return 1;
  const long size = std::atol(argv[2]);
  std::vector<int> price(static_cast<std::size_t>(size));
  std::vector<float> rating(static_cast<std::size_t>(size));
  std::FILE* const file = std::fopen(argv[1], "rb");
  if (file == nullptr || std::fread(price.data(), 4, price.size(), file) != price.size() ||
      std::fread(rating.data(), 4, rating.size(), file) != rating.size())
    return 1;
  const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
  double count = 1e30, aggregate = 1e30, ignored = 0;
  long rows = 0;
  for (int round = 0; round < 15; ++round) {
    rows = 0;
    double start = now();
    for (int i = 3; i + 1 < argc; i += 2) rows += (wide ? countWide : countPlain)(price.data(), size, std::atoi(argv[i]), std::atoi(argv[i + 1]));
    const double ranges = (argc - 3) / 2;
    count = std::min((now() - start) / ranges, count);
    start = now();
    for (int i = 3; i + 1 < argc; i += 2)
      ignored += (wide ? sumWide : sumPlain)(price.data(), rating.data(), size, std::atoi(argv[i]), std::atoi(argv[i + 1]));
    aggregate = std::min((now() - start) / ranges, aggregate);
  }
  std::printf("{\"count\":%f,\"aggregate\":%f,\"rows\":%ld,\"isa\":%d,\"ignored\":%f}\n", count, aggregate, rows, wide ? 2 : 1, ignored);
  return 0;
}
