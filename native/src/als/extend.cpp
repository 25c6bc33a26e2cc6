#include "extend.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "parallel.hpp"

namespace easy11::als {
namespace {

// A user's columns, ascending, and weights.
struct Row {
  const std::uint32_t* columns = nullptr;
  const float* weights = nullptr;
  std::size_t size = 0;
};

Row rowOf(const Interactions& interactions, std::size_t row) noexcept {
  const std::uint64_t start = interactions.starts[row];
  return {interactions.columns.data() + start, interactions.weights.data() + start, interactions.size(row)};
}

// What was given to a model, and saved by it, is in the order of whoever gave it: such a row is sorted into `room`.
Row ascending(Row row, History& room) {
  if (std::is_sorted(row.columns, row.columns + row.size)) return row;
  std::vector<std::uint32_t> order(row.size);
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return row.columns[a] < row.columns[b]; });
  room.items.clear();
  room.weights.clear();
  for (const std::uint32_t place : order) {
    room.items.push_back(row.columns[place]);
    room.weights.push_back(row.weights[place]);
  }
  return {room.items.data(), room.weights.data(), row.size};
}

Row rowOf(const Adopted& adopted, std::size_t user, History& room) {
  Row row;
  if (user >= adopted.users) return row;
  if (user < adopted.given.size() && adopted.given[user].given) {
    const History& given = adopted.given[user];
    row = {given.items.data(), given.weights.data(), given.items.size()};
  } else if (user < adopted.from->byUser.rows()) {
    row = rowOf(adopted.from->byUser, user);
  }
  row = ascending(row, room);
  // An item that came to the other model later has another's number here.
  while (row.size > 0 && row.columns[row.size - 1] >= adopted.items) --row.size;
  return row;
}

bool copyRows(const Factors& from, std::size_t rows, std::size_t threads, const JobControl& control, Factors& out) {
  out = Factors(rows, from.stride());
  constexpr std::size_t kPiece = 4096;
  return parallel(threads, rows, kPiece, control, [&](std::size_t, std::size_t first, std::size_t end) {
    std::memcpy(out.row(first), from.row(first), (end - first) * from.stride() * sizeof(float));
  });
}

// Writes both rows as one; returns how many entries that makes.
std::size_t mergeRow(const Row& old, const Row& fresh, std::uint32_t* columns, float* weights) noexcept {
  std::size_t done = 0, to = 0;
  const auto copyUntil = [&](std::size_t end) {
    if (end == done) return;
    std::memcpy(columns + to, old.columns + done, (end - done) * sizeof *columns);
    std::memcpy(weights + to, old.weights + done, (end - done) * sizeof *weights);
    to += end - done;
    done = end;
  };
  for (std::size_t i = 0; i < fresh.size; ++i) {
    const std::uint32_t column = fresh.columns[i];
    copyUntil(static_cast<std::size_t>(std::lower_bound(old.columns + done, old.columns + old.size, column) - old.columns));
    double weight = fresh.weights[i];
    if (done < old.size && old.columns[done] == column) weight += old.weights[done++];
    columns[to] = column;
    weights[to++] = static_cast<float>(std::min(weight, 3e38));
  }
  copyUntil(old.size);
  return to;
}

}  // namespace

Status adopt(State& state, std::shared_ptr<const State> from, std::size_t users, std::size_t items, const JobControl& control) {
  if (!from->finished || users > from->users || items > from->items) return Status::kInvalidArgument;
  auto adopted = std::make_unique<Adopted>();
  adopted->users = users;
  adopted->items = items;
  adopted->given.resize(std::min(users, from->histories.size()));
  for (std::size_t user = 0; user < adopted->given.size(); ++user) {
    if (control.cancelledAt(user)) return Status::kCancelled;
    if (from->histories[user].given) adopted->given[user] = from->histories[user];
  }
  const std::size_t threads = from->settings.threads;
  if (!copyRows(from->x, users, threads, control, state.x) || !copyRows(from->y, items, threads, control, state.y))
    return Status::kCancelled;
  state.settings = from->settings;
  state.hasTables = true;
  adopted->from = std::move(from);
  state.adopted = std::move(adopted);
  return Status::kOk;
}

Status putTogether(State& state, const JobControl& control) {
  const std::unique_ptr<Adopted> adopted = std::move(state.adopted);
  if (state.users < adopted->users || state.items < adopted->items) return Status::kInvalidArgument;
  const Interactions fresh = std::exchange(state.byUser, Interactions());
  std::size_t most = fresh.columns.size() + adopted->from->byUser.columns.size();
  for (const History& history : adopted->given) most += history.items.size();
  Interactions all;
  all.starts.resize(state.users + 1);
  all.columns.resize(most);
  all.weights.resize(most);
  History room;
  std::size_t to = 0;
  for (std::size_t user = 0; user < state.users; ++user) {
    if ((user & 0xff) == 0 && control.cancelled()) return Status::kCancelled;
    to += mergeRow(rowOf(*adopted, user, room), rowOf(fresh, user), all.columns.data() + to, all.weights.data() + to);
    all.starts[user + 1] = to;
  }
  all.columns.resize(to);
  all.weights.resize(to);
  state.byUser = std::move(all);
  return Status::kOk;
}

}  // namespace easy11::als
