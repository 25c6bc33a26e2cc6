#include "topk.hpp"

#include <algorithm>
#include <cmath>

#include "parallel.hpp"

namespace easy11::als {
namespace {

constexpr float kItemRange = 63, kQueryRange = 127;
constexpr float kOffset = 64;
// Single-precision rounding of norms and products, generously.
constexpr float kSlack = 1e-5f;
// And of what is below the smallest normal number, where rounding is no longer in proportion: 4 M steps of 2⁻¹⁴⁹ and less.
constexpr float kLeast = 1e-33f;

float normOf(const float* values, std::size_t size) noexcept {
  double sum = 0;
  for (std::size_t k = 0; k < size; ++k) sum += static_cast<double>(values[k]) * values[k];
  return static_cast<float>(std::sqrt(sum));
}

// Within ±`range`: where the scale is too small a number to be exact, value ÷ scale may lie outside. The error is measured on what
// comes out, so the bounds hold all the same.
float stepOf(float value, float scale, float range) noexcept {
  return scale > 0 ? std::clamp(std::nearbyint(value / scale), -range, range) : 0;
}

}  // namespace

void Best::offer(Scored one) {
  const auto worse = [](const Scored& a, const Scored& b) { return a.before(b); };
  if (kept_.size() < limit_) {
    kept_.push_back(one);
    std::push_heap(kept_.begin(), kept_.end(), worse);
  } else if (limit_ > 0 && one.before(kept_[0])) {
    std::pop_heap(kept_.begin(), kept_.end(), worse);
    kept_.back() = one;
    std::push_heap(kept_.begin(), kept_.end(), worse);
  }
}

const std::vector<Scored>& Best::sorted() {
  std::sort(kept_.begin(), kept_.end(), [](const Scored& a, const Scored& b) { return a.before(b); });
  return kept_;
}

void TopScratch::begin(std::size_t items) {
  if (marks.size() < items) marks.resize(items + items / 8, 0);
  if (++query == 0) {
    std::fill(marks.begin(), marks.end(), 0u);
    query = 1;
  }
}

void TopIndex::quantise(const Factors& items, std::size_t block) noexcept {
  Bounds& bounds = bounds_[block];
  std::uint8_t* const bytes = &bytes_[block * kLanes * stride_];
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const std::size_t position = block * kLanes + lane;
    const bool real = position < order_.size();
    const float* const row = real ? items.row(order_[position]) : nullptr;
    float most = 0;
    for (std::size_t k = 0; real && k < stride_; ++k) most = std::max(most, std::abs(row[k]));
    const float scale = most / kItemRange;
    double error = 0, norm = 0;
    for (std::size_t k = 0; k < stride_; ++k) {
      const float value = real && scale > 0 ? row[k] : 0;
      const float step = stepOf(value, scale, kItemRange);
      bytes[(k / 4) * 4 * kLanes + lane * 4 + k % 4] = static_cast<std::uint8_t>(step + kOffset);
      const double near = static_cast<double>(step) * scale;
      error += (value - near) * (value - near);
      norm += near * near;
    }
    bounds.scale[lane] = scale;
    bounds.error[lane] = static_cast<float>(std::sqrt(error));
    bounds.norm[lane] = static_cast<float>(std::sqrt(norm));
    bounds.tail[lane] = real ? normOf(row + head_, stride_ - head_) : 0;
  }
}

Status TopIndex::build(const Factors& items, std::size_t threads, const JobControl& control) {
  stride_ = items.stride();
  head_ = padded(stride_ / 3);
  const std::size_t count = items.rows(), blocks = (count + kLanes - 1) / kLanes;
  std::vector<float> norms(count);
  constexpr std::size_t kPiece = 256;
  if (!parallel(threads, count, kPiece, control, [&](std::size_t, std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i) norms[i] = normOf(items.row(i), stride_);
      }))
    return Status::kCancelled;
  order_.resize(count);
  for (std::size_t i = 0; i < count; ++i) order_[i] = static_cast<std::uint32_t>(i);
  std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
    return norms[a] != norms[b] ? norms[a] > norms[b] : a < b;
  });
  position_.resize(count);
  for (std::size_t p = 0; p < count; ++p) position_[order_[p]] = static_cast<std::uint32_t>(p);
  largest_.resize(blocks);
  for (std::size_t b = 0; b < blocks; ++b) largest_[b] = norms[order_[b * kLanes]];
  bounds_.resize(blocks);
  bytes_.resize(blocks * kLanes * stride_);
  loose_.clear();
  const bool done = parallel(threads, blocks, kPiece / kLanes, control, [&](std::size_t, std::size_t from, std::size_t to) {
    for (std::size_t b = from; b < to; ++b) quantise(items, b);
  });
  return done ? Status::kOk : Status::kCancelled;
}

void TopIndex::loosen(std::uint32_t item) {
  if (item < position_.size() && order_[position_[item]] == item)
    order_[position_[item]] = kNoItem;
  else if (std::find(loose_.begin(), loose_.end(), item) != loose_.end())
    return;
  loose_.push_back(item);
}

const std::vector<Scored>& TopIndex::search(const Factors& items, const float* x, std::size_t limit, TopScratch& scratch) const {
  const Kernels& kernel = kernels();
  Best& best = scratch.best;
  best.reset(std::min(limit, items.rows()));
  const auto offer = [&](std::uint32_t item) {
    if (!scratch.excluded(item)) best.offer({kernel.dot(x, items.row(item), stride_), item});
  };
  if (limit == 0) return best.sorted();
  for (const std::uint32_t item : loose_) offer(item);
  float most = 0;
  for (std::size_t k = 0; k < stride_; ++k) most = std::max(most, std::abs(x[k]));
  const float scale = most / kQueryRange;
  scratch.bytes.resize(stride_);
  double error = 0;
  std::int32_t headSum = 0, sum = 0;
  for (std::size_t k = 0; k < stride_; ++k) {
    const float step = stepOf(x[k], scale, kQueryRange);
    scratch.bytes[k] = static_cast<std::int8_t>(step);
    sum += static_cast<std::int32_t>(step);
    if (k < head_) headSum += static_cast<std::int32_t>(step);
    const double rest = x[k] - static_cast<double>(step) * scale;
    error += rest * rest;
  }
  const float norm = normOf(x, stride_) * (1 + kSlack), tail = normOf(x + head_, stride_ - head_) * (1 + kSlack);
  // ‖x‖ also pays for rounding: the slack is in proportion to ‖x‖‖y‖.
  const float rest = static_cast<float>(std::sqrt(error)) + norm * kSlack;
  const std::size_t headGroups = head_ / 4, groups = stride_ / 4;
  for (std::size_t b = 0; b < bounds_.size(); ++b) {
    const bool full = best.full();
    const float bar = full ? best.bar() - kLeast : 0;
    if (full && largest_[b] * norm * (1 + kSlack) < bar) break;
    const Bounds& bounds = bounds_[b];
    const std::uint8_t* const bytes = &bytes_[b * kLanes * stride_];
    std::int32_t dots[kLanes] = {};
    float upper[kLanes];
    kernel.scan(bytes, headGroups, scratch.bytes.data(), dots);
    if (full && kernel.bound(dots, static_cast<std::int32_t>(kOffset) * headSum, bounds.scale, scale, bounds.error, norm,
                             bounds.norm, rest, bounds.tail, tail, upper) < bar)
      continue;
    kernel.scan(bytes + headGroups * 4 * kLanes, groups - headGroups, scratch.bytes.data() + head_, dots);
    if (kernel.bound(dots, static_cast<std::int32_t>(kOffset) * sum, bounds.scale, scale, bounds.error, norm, bounds.norm, rest,
                     bounds.tail, 0, upper) < bar && full)
      continue;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::size_t position = b * kLanes + lane;
      if (position >= order_.size()) break;
      if (order_[position] == kNoItem || (best.full() && upper[lane] < best.bar() - kLeast)) continue;
      offer(order_[position]);
    }
  }
  return best.sorted();
}

std::uint64_t TopIndex::bytes() const noexcept {
  return order_.capacity() * 4 + position_.capacity() * 4 + largest_.capacity() * 4 + bounds_.capacity() * sizeof(Bounds) +
         bytes_.capacity() + loose_.capacity() * 4;
}

}  // namespace easy11::als
