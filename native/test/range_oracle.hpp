#pragma once
// A range index beside plain rows, and every question asked of both.
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "check.hpp"
#include "easy11/range_index.hpp"

struct RangeRow {
  double numbers[4];  // price int32, rating float32, popularity float64, stock int32; NaN for none
  std::uint16_t facets[2];
};

struct RangeCondition {
  bool facet;
  std::uint32_t column;
  double least, most;
  std::vector<std::uint32_t> codes;
};
// Conditions on columns; and, when there is one, the ids that a row must be among.
struct RangeConditions : std::vector<RangeCondition> {
  bool named = false;
  bool asBits = false;
  std::vector<std::uint32_t> ids;  // ascending
};

class RangeWorld {
 public:
  explicit RangeWorld(std::uint32_t seed) : random(seed) { clear(); }

  static easy11::RangeSchema schema() {
    using easy11::NumberType;
    easy11::RangeSchema schema;
    schema.numbers = {NumberType::kInt32, NumberType::kFloat32, NumberType::kFloat64, NumberType::kInt32};
    schema.facets = 2;
    schema.scores = {2, 1};
    schema.trees = {{0, {1, 2}}, {1, {}}, {2, {3}}};
    return schema;
  }
  void clear() {
    index = easy11::RangeIndex::create(schema());
    rows.clear();
  }

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); }
  bool chance(std::uint32_t n) { return below(n) == 0; }

  double value(std::uint32_t column) {
    constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
    if (chance(23)) return kNaN;
    switch (column) {
      case 0:
        if (chance(50)) return chance(2) ? -2147483648.0 : 2147483646.0;
        return chance(3) ? 999 : below(20000);
      case 1: return static_cast<double>(static_cast<float>(below(41) / 10.0 + 1));
      case 2:
        if (chance(60)) return chance(2) ? -9007199254740992.0 : 9007199254740992.0;
        return chance(4) ? below(10) : below(1000000) / 7.0;
      default: return chance(3) ? 0 : below(100);
    }
  }
  RangeRow row() {
    RangeRow made;
    for (std::uint32_t n = 0; n < 4; ++n) made.numbers[n] = value(n);
    made.facets[0] = static_cast<std::uint16_t>(below(12));
    made.facets[1] = static_cast<std::uint16_t>(chance(30) ? below(3000) : below(40));
    return made;
  }
  void put(const RangeRow& row) {
    for (std::uint32_t n = 0; n < 4; ++n) values[n] = row.numbers[n];
    for (std::uint32_t f = 0; f < 2; ++f) counts[f] = row.facets[f];
  }
  void set(std::uint32_t id, const RangeRow& row) {
    put(row);
    bool isNew = false;
    CHECK(index->set(id, scratch(), isNew) == easy11::Status::kOk);
    CHECK(isNew == (rows.count(id) == 0));
    rows[id] = row;
  }
  void remove(std::uint32_t id) { CHECK(index->remove(id) == (rows.erase(id) > 0)); }

  void bulk(std::uint32_t size, std::uint32_t ids) {
    std::vector<std::uint32_t> order;
    while (rows.size() < size) {
      const std::uint32_t id = below(ids);
      if (rows.count(id) > 0) continue;
      rows[id] = row();
      order.push_back(id);
    }
    CHECK(index->beginBulk(order.data(), order.size()) == easy11::Status::kOk);
    for (std::uint32_t n = 0; n < 4; ++n) {
      std::vector<double> column;
      for (const std::uint32_t id : order) column.push_back(rows[id].numbers[n]);
      CHECK(index->bulkNumbers(n, column.data(), column.size()) == easy11::Status::kOk);
    }
    for (std::uint32_t f = 0; f < 2; ++f) {
      std::vector<std::uint16_t> column;
      for (const std::uint32_t id : order) column.push_back(rows[id].facets[f]);
      CHECK(index->bulkFacets(f, column.data(), column.size()) == easy11::Status::kOk);
    }
    const auto task = index->build();
    const std::atomic<bool> cancel{false};
    CHECK(task->finish(task->run(cancel, nullptr, nullptr)) == easy11::Status::kOk);
  }

  RangeConditions conditions() {
    RangeConditions made;
    for (std::uint32_t n = 0; n < 4; ++n) {
      if (!chance(3)) continue;
      double a = value(n), b = value(n);
      if (std::isnan(a)) a = -std::numeric_limits<double>::infinity();
      if (std::isnan(b)) b = std::numeric_limits<double>::infinity();
      if (a > b && !chance(20)) std::swap(a, b);
      made.push_back({false, n, a, b, {}});
    }
    for (std::uint32_t f = 0; f < 2; ++f) {
      if (!chance(4)) continue;
      std::vector<std::uint32_t> codes;
      for (std::uint32_t i = 1 + below(chance(4) ? 9 : 3); i > 0; --i) codes.push_back(below(f == 0 ? 12 : 40));
      made.push_back({true, f, 0, 0, codes});
    }
    if (!chance(3)) return made;
    made.named = true;
    made.asBits = chance(2);
    const std::uint32_t shares[] = {0, 1, 20, 300, 700, 1000}, share = shares[below(6)];
    const std::uint32_t end = chance(2) ? 65000 : below(65000);
    for (std::uint32_t id = 0; id < end; ++id)
      if (below(1000) < share) made.ids.push_back(id);
    return made;
  }
  static bool holds(const RangeConditions& all, std::uint32_t id, const RangeRow& row) {
    if (all.named && !std::binary_search(all.ids.begin(), all.ids.end(), id)) return false;
    return std::all_of(all.begin(), all.end(), [&](const RangeCondition& c) {
      if (c.facet) return std::count(c.codes.begin(), c.codes.end(), row.facets[c.column]) > 0;
      return row.numbers[c.column] >= c.least && row.numbers[c.column] <= c.most;
    });
  }
  std::uint32_t write(const RangeConditions& all) {
    std::uint32_t used = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      double* const to = given + 4 * i;
      to[0] = all[i].facet;
      to[1] = all[i].column;
      to[2] = all[i].facet ? used : all[i].least;
      to[3] = all[i].facet ? static_cast<double>(all[i].codes.size()) : all[i].most;
      for (const std::uint32_t code : all[i].codes) ids[used++] = code;
    }
    if (!all.named) return static_cast<std::uint32_t>(all.size());
    given[4 * all.size()] = 2;
    if (all.asBits) {
      std::vector<std::uint32_t> words(all.ids.empty() ? 0 : all.ids.back() / 32 + 1);
      for (const std::uint32_t id : all.ids) words[id / 32] |= 1u << (id % 32);
      CHECK(index->takeIdBits(words.data(), words.size()) == easy11::Status::kOk);
    } else {
      CHECK(index->takeIds(all.ids.data(), all.ids.size()) == easy11::Status::kOk);
    }
    return static_cast<std::uint32_t>(all.size() + 1);
  }
  easy11::RangeScratch scratch() { return {given, values, ids, counts}; }

  void compare();

  std::mt19937 random;
  std::shared_ptr<easy11::RangeIndex> index;
  std::map<std::uint32_t, RangeRow> rows;
  double given[easy11::RangeScratch::kConditions], values[easy11::RangeScratch::kValues];
  std::uint32_t ids[easy11::RangeScratch::kIds], counts[easy11::RangeScratch::kCounts];

 private:
  using Match = std::pair<std::uint32_t, const RangeRow*>;
  void compareAggregates(const RangeConditions& where, const std::vector<Match>& matches);
  void compareTop(const RangeConditions& where, const std::vector<Match>& matches);
  void compareCounts(const RangeConditions& where, const std::vector<Match>& matches);
  void compareApart(const RangeConditions& where, const std::vector<Match>& matches);
  void compareOrder(const RangeConditions& where, const std::vector<Match>& matches);
};

inline void RangeWorld::compareAggregates(const RangeConditions& where, const std::vector<Match>& matches) {
  const std::uint32_t number = below(4);
  double sum = 0, size = 0, least = std::numeric_limits<double>::infinity(), most = -least, valid = 0;
  for (const Match& match : matches) {
    const double value = match.second->numbers[number];
    if (std::isnan(value)) continue;
    ++valid;
    sum += value;
    size += std::fabs(value);
    least = std::min(least, value);
    most = std::max(most, value);
  }
  index->aggregate(write(where), number, scratch());
  CHECK(values[0] == static_cast<double>(matches.size()));
  CHECK(values[1] == valid);
  CHECK(std::fabs(values[2] - sum) <= size * 1e-12);
  CHECK(values[3] == least && values[4] == most);
}

inline void RangeWorld::compareTop(const RangeConditions& where, const std::vector<Match>& matches) {
  const std::uint32_t score = below(2), number = schema().scores[score];
  const std::uint32_t limits[] = {1, 20, 20, 33, 100, 1000}, limit = limits[below(6)];
  std::vector<std::pair<double, std::uint32_t>> expected;
  for (const Match& match : matches)
    if (!std::isnan(match.second->numbers[number])) expected.push_back({-match.second->numbers[number], match.first});
  std::sort(expected.begin(), expected.end());
  const std::uint32_t found = index->top(write(where), score, limit, scratch());
  CHECK(found == std::min<std::size_t>(limit, expected.size()));
  for (std::uint32_t i = 0; i < found; ++i) CHECK(ids[i] == expected[i].second && values[i] == -expected[i].first);
}

inline void RangeWorld::compareCounts(const RangeConditions& where, const std::vector<Match>& matches) {
  const std::uint32_t facet = below(2), number = below(4), bins = 1 + below(50);
  std::vector<std::uint32_t> expected(4096, 0);
  for (const Match& match : matches) ++expected[match.second->facets[facet]];
  const std::uint32_t size = index->facet(write(where), facet, scratch());
  for (std::uint32_t code = 0; code < 4096; ++code) CHECK((code < size ? counts[code] : 0) == expected[code]);

  std::vector<double> edges{number == 0 ? -10.0 : 1.0};
  for (std::uint32_t i = 0; i < bins; ++i) edges.push_back(edges.back() + 1 + below(number == 0 ? 900 : 3));
  std::vector<std::uint32_t> histogram(bins, 0);
  for (const Match& match : matches) {
    const double value = match.second->numbers[number];
    if (!(value >= edges.front() && value <= edges.back())) continue;
    const auto after = std::upper_bound(edges.begin(), edges.end(), value) - edges.begin();
    ++histogram[std::min<std::size_t>(bins, static_cast<std::size_t>(after)) - 1];
  }
  std::copy(edges.begin(), edges.end(), values);
  index->histogram(write(where), number, bins, scratch());
  for (std::uint32_t i = 0; i < bins; ++i) CHECK(counts[i] == histogram[i]);
  std::copy(edges.begin(), edges.end(), values);
  const std::uint32_t asked[] = {0, number, bins, 0};
  std::copy(asked, asked + 4, counts);
  const std::uint32_t most = chance(2) ? 0 : below(easy11::RangeIndex::kMostNamed + 1);
  CHECK(index->page(write(where), 1u << facet, 1, most, scratch()) == static_cast<double>(matches.size()));
  std::vector<std::uint32_t> named;
  for (const Match& match : matches) named.push_back(match.first);
  std::sort(named.begin(), named.end());
  for (std::size_t i = 0; i < named.size() && named.size() <= most; ++i)
    CHECK(ids[easy11::RangeIndex::kNamedAt + i] == named[i]);
  for (std::uint32_t code = 0; code < size; ++code) CHECK(counts[code] == expected[code]);
  for (std::uint32_t i = 0; i < bins; ++i) CHECK(counts[size + i] == histogram[i]);
}

// Both facets and bins of several numbers, each without one of the conditions.
inline void RangeWorld::compareApart(const RangeConditions& where, const std::vector<Match>& matches) {
  if (where.empty()) return;
  const std::uint32_t bins = 1 + below(30), histograms = below(6);
  std::vector<std::vector<std::uint32_t>> expected;
  std::vector<double> edges;
  std::uint32_t* given = counts;
  for (std::uint32_t i = 0; i < 2 + histograms; ++i) {
    const std::uint32_t left = below(static_cast<std::uint32_t>(where.size()) + 1), number = below(4);
    RangeConditions rest = where;
    if (left > 0) rest.erase(rest.begin() + (left - 1));
    const std::size_t first = edges.size();
    if (i >= 2) {
      given[0] = number;
      given[1] = bins;
      given += 2;
      edges.push_back(number == 0 ? -10.0 : 1.0);
      for (std::uint32_t bin = 0; bin < bins; ++bin) edges.push_back(edges.back() + 1 + below(number == 0 ? 900 : 3));
    }
    *given++ = left;
    std::vector<std::uint32_t> own(i < 2 ? 4096 : bins, 0);
    for (const auto& [id, row] : rows) {
      if (!holds(rest, id, row)) continue;
      if (i < 2) {
        ++own[row.facets[i]];
        continue;
      }
      const double value = row.numbers[number];
      if (!(value >= edges[first] && value <= edges.back())) continue;
      const auto after = std::upper_bound(edges.begin() + static_cast<std::ptrdiff_t>(first), edges.end(), value) - edges.begin() - static_cast<std::ptrdiff_t>(first);
      ++own[std::min<std::size_t>(bins, static_cast<std::size_t>(after)) - 1];
    }
    expected.push_back(own);
  }
  std::copy(edges.begin(), edges.end(), values);
  CHECK(index->page(write(where), 3, histograms, 0, scratch()) == static_cast<double>(matches.size()));
  const std::uint32_t sizes[2] = {ids[0], ids[1]};
  std::uint32_t at = 0;
  for (std::uint32_t f = 0; f < 2; at += sizes[f++])
    for (std::uint32_t code = 0; code < 4096; ++code)
      CHECK((code < sizes[f] ? counts[at + code] : 0) == expected[f][code]);
  for (std::uint32_t i = 2; i < 2 + histograms; ++i)
    for (std::uint32_t bin = 0; bin < bins; ++bin) CHECK(counts[at++] == expected[i][bin]);
}

inline void RangeWorld::compareOrder(const RangeConditions& where, const std::vector<Match>& matches) {
  const std::uint32_t number = below(4);
  std::vector<std::pair<double, std::uint32_t>> expected;
  for (const Match& match : matches)
    if (!std::isnan(match.second->numbers[number])) expected.push_back({match.second->numbers[number], match.first});
  std::sort(expected.begin(), expected.end());
  for (std::uint32_t i = 0; i < 11; ++i) values[i] = i / 10.0;
  CHECK(index->quantiles(write(where), number, 11, scratch()) == !expected.empty());
  for (std::uint32_t i = 0; i < 11 && !expected.empty(); ++i)
    CHECK(values[i] == expected[static_cast<std::size_t>(std::floor(i / 10.0 * static_cast<double>(expected.size() - 1)))].first);
  if (number == 3) return;
  const bool descending = chance(2);
  if (descending) std::reverse(expected.begin(), expected.end());
  easy11::RangeIndex::ListStart start;
  std::size_t from = 0;
  if (chance(2) && !expected.empty()) {
    const auto at = below(static_cast<std::uint32_t>(expected.size()));
    start.after = true;
    start.value = expected[at].first;
    start.id = expected[at].second;
    from = at + 1;
  }
  start.offset = chance(2) ? 0 : below(static_cast<std::uint32_t>(expected.size()) + 2);
  from += static_cast<std::size_t>(start.offset);
  const std::uint32_t limit = 1 + below(60);
  const std::uint32_t found = index->list(write(where), number, descending, limit, start, scratch());
  CHECK(found == (from >= expected.size() ? 0 : std::min<std::size_t>(limit, expected.size() - from)));
  for (std::uint32_t i = 0; i < found; ++i)
    CHECK(values[i] == expected[from + i].first && ids[i] == expected[from + i].second);
}

inline void RangeWorld::compare() {
  const RangeConditions where = conditions();
  std::vector<Match> matches;
  for (const auto& [id, row] : rows)
    if (holds(where, id, row)) matches.push_back({id, &row});
  CHECK(index->count(write(where), scratch()) == static_cast<double>(matches.size()));
  compareAggregates(where, matches);
  compareTop(where, matches);
  compareCounts(where, matches);
  compareApart(where, matches);
  compareOrder(where, matches);
}
