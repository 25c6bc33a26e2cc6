#include "tasks.hpp"

#include "../common/guarded.hpp"
#include "../common/little_endian.hpp"

namespace easy11 {

using namespace range;

namespace {

template <class Key>
struct Keyed {
  Key key;
  std::uint32_t id;
};

// Least-significant-digit radix sort by 11 bits; digits in which no key differs are passed over, which is most of them for
// integers and short decimals.
template <class Key>
bool sortByKey(std::vector<Keyed<Key>>& rows, const JobControl& control) {
  constexpr unsigned kBits = 11;
  Key same = static_cast<Key>(~Key{0});
  for (const Keyed<Key>& row : rows) same &= ~(row.key ^ rows[0].key);
  std::vector<Keyed<Key>> other(rows.size());
  std::vector<std::uint32_t> starts(std::size_t{1} << kBits);
  for (unsigned shift = 0; shift < 8 * sizeof(Key); shift += kBits) {
    constexpr Key kMask = (1u << kBits) - 1;
    if ((~same >> shift & kMask) == 0) continue;
    if (control.cancelled()) return false;
    std::fill(starts.begin(), starts.end(), 0u);
    for (const Keyed<Key>& row : rows) ++starts[row.key >> shift & kMask];
    std::uint32_t total = 0;
    for (std::uint32_t& start : starts) {
      const std::uint32_t count = start;
      start = total;
      total += count;
    }
    if (control.cancelled()) return false;
    for (const Keyed<Key>& row : rows) other[starts[row.key >> shift & kMask]++] = row;
    rows.swap(other);
  }
  return true;
}

// Unsigned, in the order of the numbers.
std::uint64_t orderedBits(double value) noexcept {
  const std::uint64_t bits = bitsOf(value);
  return bits >> 63 != 0 ? ~bits : bits | std::uint64_t{1} << 63;
}
std::uint32_t orderedBits(float value) noexcept {
  value += 0.0f;  // there is one zero
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits >> 31 != 0 ? ~bits : bits | 1u << 31;
}
std::uint32_t orderedBits(std::int32_t value) noexcept { return static_cast<std::uint32_t>(value) ^ 1u << 31; }

template <class T>
auto keyAt(const T* values, std::size_t i) noexcept {
  return orderedBits(values[i]);
}
// Codes are in the order of what they mean, but that of no value is the first of them.
std::uint32_t keyAt(const CodedValues& values, std::size_t i) noexcept { return (values.codes[i] + 255u) & 255; }

// The ids, which ascend, in order of their numbers. False when cancelled.
bool sortIds(const Numbers& numbers, const std::vector<std::uint32_t>& ids, std::vector<std::uint32_t>& order, const JobControl& control) {
  return numbers.visit([&](auto values) {
    std::vector<Keyed<decltype(keyAt(values, 0))>> rows(ids.size());
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = {keyAt(values, ids[i]), ids[i]};
    if (!sortByKey(rows, control)) return false;
    for (std::size_t i = 0; i < rows.size(); ++i) order[i] = rows[i].id;
    return true;
  });
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
      if (!table.encode(control)) return Status::kCancelled;
      const std::vector<std::uint32_t>& ids = core_->order;
      std::vector<std::uint32_t> order(ids.size());
      const RowImage image(table);
      std::uint64_t done = 0;
      for (Tree& tree : core_->trees) {
        if (!sortIds(table.numbers[tree.number()], ids, order, control)) return Status::kCancelled;
        if (!tree.fill(order, kFillBulk, image, control)) return Status::kCancelled;
        control.report(++done * ids.size() / core_->trees.size(), ids.size());
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
