#include "tasks.hpp"

#include "../common/guarded.hpp"
#include "../common/little_endian.hpp"

namespace easy11 {

using namespace range;

namespace {

struct Keyed {
  std::uint64_t key;
  std::uint32_t id;
};

// Least-significant-digit radix sort by 11 bits; digits in which no key differs are passed over, which is most of them for
// integers and short decimals.
bool sortByKey(std::vector<Keyed>& rows, const JobControl& control) {
  constexpr unsigned kBits = 11;
  std::uint64_t same = ~std::uint64_t{0};
  for (const Keyed& row : rows) same &= ~(row.key ^ rows[0].key);
  std::vector<Keyed> other(rows.size());
  std::vector<std::uint32_t> starts(std::size_t{1} << kBits);
  for (unsigned shift = 0; shift < 64; shift += kBits) {
    constexpr std::uint64_t kMask = (1u << kBits) - 1;
    if ((~same >> shift & kMask) == 0) continue;
    if (control.cancelled()) return false;
    std::fill(starts.begin(), starts.end(), 0u);
    for (const Keyed& row : rows) ++starts[row.key >> shift & kMask];
    std::uint32_t total = 0;
    for (std::uint32_t& start : starts) {
      const std::uint32_t count = start;
      start = total;
      total += count;
    }
    if (control.cancelled()) return false;
    for (const Keyed& row : rows) other[starts[row.key >> shift & kMask]++] = row;
    rows.swap(other);
  }
  return true;
}

// Unsigned, in the order of the numbers.
std::uint64_t orderedBits(double value) noexcept {
  const std::uint64_t bits = bitsOf(value);
  return bits >> 63 != 0 ? ~bits : bits | std::uint64_t{1} << 63;
}

class BuildTask final : public Task {
 public:
  explicit BuildTask(std::shared_ptr<RangeIndex::Core> core) : core_(std::move(core)) {}

  Status run(const std::atomic<bool>& cancel, Progress progress, void* context) noexcept override {
    return guarded([&] {
      const JobControl control{cancel, progress, context};
      Table& table = core_->table;
      std::sort(core_->order.begin(), core_->order.end());
      if (control.cancelled()) return Status::kCancelled;
      table.separate();
      if (!table.encode(control)) return Status::kCancelled;
      std::vector<Keyed> rows(core_->order.size());
      std::vector<std::uint32_t> order(rows.size());
      std::uint64_t done = 0;
      for (Tree& tree : core_->trees) {
        const Numbers& keys = table.numbers[tree.number()];
        for (std::size_t i = 0; i < rows.size(); ++i)
          rows[i] = {orderedBits(keys.get(core_->order[i])), core_->order[i]};
        if (!sortByKey(rows, control)) return Status::kCancelled;
        for (std::size_t i = 0; i < rows.size(); ++i) order[i] = rows[i].id;
        if (!tree.fill(order, kFillBulk, control)) return Status::kCancelled;
        control.report(++done * rows.size() / core_->trees.size(), rows.size());
      }
      std::vector<std::uint32_t>().swap(core_->order);
      return Status::kOk;
    });
  }
  Status finish(Status status) noexcept override { return status; }

 private:
  std::shared_ptr<RangeIndex::Core> core_;
};

}  // namespace

std::unique_ptr<Task> newRangeBuildTask(std::shared_ptr<RangeIndex::Core> core) {
  return std::make_unique<BuildTask>(std::move(core));
}

}  // namespace easy11
