// The calls of the bench `boundary`, made in C++: what the engine takes by itself, so that the difference is the boundary's.
// Arguments: a file of lines "weight, tab, title", then queries. Prints one JSON array: nanoseconds of a call that reads
// nothing, then of each query, the least of many short rounds.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "easy11/autocomplete.hpp"

using easy11::Autocomplete;

namespace {

std::shared_ptr<Autocomplete> build(const char* path) {
  auto index = Autocomplete::create();
  std::ifstream lines(path);
  std::string line;
  for (std::uint32_t number = 0; index != nullptr && std::getline(lines, line); ++number) {
    const std::size_t tab = line.find('\t');
    const std::string id = std::to_string(number);
    easy11::EntryInput entry;
    entry.id = id;
    entry.text = std::string_view(line).substr(tab + 1);
    entry.weight = std::strtod(line.c_str(), nullptr);
    entry.price = std::numeric_limits<double>::quiet_NaN();
    bool isNew = false;
    if (index->append(entry, isNew) != easy11::Status::kOk) return nullptr;
  }
  if (index == nullptr) return nullptr;
  const auto task = index->build();
  const std::atomic<bool> cancel{false};
  if (task == nullptr || task->finish(task->run(cancel, nullptr, nullptr)) != easy11::Status::kOk) return nullptr;
  return index;
}

// As often as bench/autocomplete/boundary.ts.
template <class Call>
double least(Call&& call) {
  constexpr int kCalls = 2'000;
  constexpr int kRounds = 1'500;
  using Clock = std::chrono::steady_clock;
  double best = std::numeric_limits<double>::infinity();
  std::int64_t kept = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = Clock::now();
    for (int i = 0; i < kCalls; ++i) kept += call();
    best = std::min(best, std::chrono::duration<double, std::nano>(Clock::now() - start).count());
  }
  volatile std::int64_t sink = kept;  // The calls are not to be left out.
  (void)sink;
  return best / kCalls;
}

}  // namespace

int main(int count, char** arguments) {
  const auto index = count < 2 ? nullptr : build(arguments[1]);
  if (index == nullptr) return 1;
  std::vector<std::uint32_t> slots(easy11::kMaxSearchLimit), slips(easy11::kMaxSearchLimit);
  std::vector<std::uint32_t> changes(Autocomplete::kMaxChanges + 1);
  std::printf("[%.2f", least([&] { return static_cast<std::int64_t>(index->size()); }));
  for (int i = 2; i < count; ++i) {
    const std::string_view query = arguments[i];
    std::printf(",%.2f", least([&] {
                  const std::int32_t found = index->search(query, 10, 0, slots.data(), slips.data());
                  index->changes(changes.data());
                  return static_cast<std::int64_t>(found);
                }));
  }
  std::printf("]\n");
  return 0;
}
