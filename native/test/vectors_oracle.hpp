#pragma once
// An index of vectors beside plain rows: every answer is held against comparing with each row.
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "check.hpp"
#include "easy11/sparse_vectors.hpp"

struct VectorsWorld {
  using Row = std::vector<std::pair<std::uint32_t, float>>;  // ascending by term

  explicit VectorsWorld(std::uint64_t seed) : random(seed) {}

  // A row of some of `terms` terms, the first of them more often.
  Row row(std::uint32_t terms, std::uint32_t most = 8) {
    std::map<std::uint32_t, float> made;
    for (std::uint32_t i = 1 + random.below(most); i > 0; --i) {
      const std::uint32_t at = random.below(terms);
      made[static_cast<std::uint32_t>(std::uint64_t{at} * at / terms)] = static_cast<float>(1 + random.below(4)) / 2;
    }
    return {made.begin(), made.end()};
  }
  easy11::VectorScratch scratch() { return {scores.data(), terms.data(), weights.data(), ids.data()}; }
  std::uint32_t give(const Row& row) {
    for (std::size_t i = 0; i < row.size(); ++i) std::tie(terms[i], weights[i]) = row[i];
    return static_cast<std::uint32_t>(row.size());
  }
  void put(std::uint32_t id, const Row& row) {
    for (const auto& [term, weight] : row)
      if (factors.emplace(term, 1.0 + term % 5).second)
        CHECK(index->setFactor(term, 1.0 + term % 5) == easy11::Status::kOk);
    bool isNew = false;
    CHECK(index->put(id, give(row), scratch(), isNew) == easy11::Status::kOk);
    CHECK_EQUAL(isNew, rows.count(id) == 0);
    rows[id] = row;
  }
  void remove(std::uint32_t id) { CHECK_EQUAL(index->remove(id), rows.erase(id) == 1); }
  double squareOf(const Row& row) const {
    double square = 0;
    for (const auto& [term, weight] : row) {
      const double factor = factors.at(term);
      square += (double{weight} * double{weight}) * (factor * factor);
    }
    return square;
  }
  // As the index is specified: terms ascending, each operation rounded once.
  double cosine(const Row& a, const Row& b) const {
    double shared = 0;
    for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
      if (a[i].first == b[j].first) {
        const double factor = factors.at(a[i].first);
        shared += (double{a[i++].second} * double{b[j++].second}) * (factor * factor);
      } else if (a[i].first < b[j].first) {
        ++i;
      } else {
        ++j;
      }
    }
    return std::min(1.0, shared / std::sqrt(squareOf(a) * squareOf(b)));
  }
  // New factors for every term, in steps between which `change` may change rows.
  template <class Change>
  void refresh(Change&& change) {
    std::vector<double> next;
    std::map<std::uint32_t, double> renewed;
    for (const auto& [term, factor] : factors) {
      if (next.size() <= term) next.resize(term + 1, 1);
      renewed[term] = next[term] = 0.5 + random.below(8);
    }
    CHECK(index->beginRefresh(next.data(), next.size()) == easy11::Status::kOk);
    for (bool more = true; more;) {
      CHECK(index->refreshStep(more) == easy11::Status::kOk);
      if (more) change();
    }
    // Terms that came on the way keep theirs.
    for (const auto& [term, factor] : renewed) factors[term] = factor;
  }
  // The rows most like this one: limit, least score, a filter and exclusions at random.
  void compare(const Row& query) {
    easy11::SparseVectors::Wanted wanted;
    wanted.limit = random.chance(3) ? 1 + random.below(1000) : 1 + random.below(20);
    wanted.least = random.chance(3) ? random.below(5) * 0.25 : 0;
    std::vector<std::uint32_t> excluded, filter;
    for (const auto& [id, row] : rows)
      if (random.chance(random.chance(2) ? 4 : 40)) excluded.push_back(id);
    if (random.chance(2)) excluded.clear();
    if (random.chance(3))
      for (std::uint32_t i = random.below(3000); i > 0; --i) filter.push_back(static_cast<std::uint32_t>(random.next()));
    wanted.excluded = excluded.data();
    wanted.exclusions = excluded.size();
    wanted.filter = filter.empty() ? nullptr : filter.data();
    wanted.filterWords = filter.size();
    std::vector<std::pair<double, std::uint32_t>> all;
    for (const auto& [id, row] : rows) {
      if (std::binary_search(excluded.begin(), excluded.end(), id)) continue;
      if (!filter.empty() && (id / 32 >= filter.size() || (filter[id / 32] >> id % 32 & 1u) == 0)) continue;
      const double score = cosine(query, row);
      if (score > 0 && score >= wanted.least) all.emplace_back(-score, id);
    }
    std::sort(all.begin(), all.end());
    if (all.size() > wanted.limit) all.resize(wanted.limit);
    std::uint32_t found = 0;
    CHECK(index->nearest(give(query), wanted, scratch(), found) == easy11::Status::kOk);
    CHECK_EQUAL(found, all.size());
    for (std::uint32_t i = 0; i < found && i < all.size(); ++i) {
      CHECK_EQUAL(ids[i], all[i].second);
      CHECK_EQUAL(scores[i], -all[i].first);
    }
  }
  void compareAny(std::uint32_t terms) {
    Row query = rows.empty() || random.chance(3) ? row(terms) : std::next(rows.begin(), random.below(rows.size()))->second;
    // Terms that the index has never seen count with the factor 1.
    for (const auto& [term, weight] : query) factors.emplace(term, 1.0);
    compare(query);
    if (rows.size() < 2) return;
    const auto &one = *std::next(rows.begin(), random.below(rows.size())), &other = *rows.begin();
    CHECK_EQUAL(index->similarity(one.first, other.first), cosine(one.second, other.second));
    CHECK_EQUAL(index->similarity(other.first, one.first), cosine(one.second, other.second));
  }
  void check() {
    CHECK_EQUAL(index->rows(), rows.size());
    std::map<std::uint32_t, std::uint32_t> counts;
    double entries = 0;
    for (const auto& [id, row] : rows) {
      CHECK_EQUAL(index->read(id, scratch()), row.size());
      for (std::size_t i = 0; i < row.size(); ++i) {
        CHECK(terms[i] == row[i].first && weights[i] == row[i].second);
        ++counts[row[i].first];
      }
      entries += static_cast<double>(row.size());
    }
    CHECK_EQUAL(index->terms(), counts.size());
    CHECK_EQUAL(index->entries(), entries);
    std::vector<std::uint32_t> told(5000);
    index->counts(told.data(), told.size());
    for (std::uint32_t term = 0; term < told.size(); ++term)
      CHECK_EQUAL(told[term], counts.count(term) ? counts[term] : 0u);
  }

  check::Random random;
  std::shared_ptr<easy11::SparseVectors> index = easy11::SparseVectors::create();
  std::map<std::uint32_t, Row> rows;
  std::map<std::uint32_t, double> factors;
  std::vector<double> scores = std::vector<double>(easy11::VectorScratch::kResults);
  std::vector<std::uint32_t> terms = std::vector<std::uint32_t>(easy11::VectorScratch::kTerms);
  std::vector<float> weights = std::vector<float>(easy11::VectorScratch::kTerms);
  std::vector<std::uint32_t> ids = std::vector<std::uint32_t>(easy11::VectorScratch::kResults);
};
