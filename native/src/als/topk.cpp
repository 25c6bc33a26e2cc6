#include "topk.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "easy11/bits.hpp"
#include "parallel.hpp"

namespace easy11::als {
namespace {

constexpr float kItemRange = 63, kQueryRange = 127;
constexpr float kOffset = 64;
// Single-precision rounding of norms and products, generously.
constexpr float kSlack = 1e-5f;
// And of what is below the smallest normal number, where rounding is no longer in proportion: 4 M steps of 2⁻¹⁴⁹ and less.
constexpr float kLeast = 1e-33f;
// Blocks whose heads are asked for ahead: the processor by itself stops at the end of a page.
constexpr std::size_t kAhead = 8;

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
  std::uint8_t* const head = &heads_[block * headBytes()];
  std::uint8_t* const tail = tails_.data() + block * tailBytes();
  float scales[kLanes], tailNorms[kLanes];
  bounds.norm = bounds.error = 0;
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
      std::uint8_t* const bytes = k < head_ ? head + kPrefix + k / 4 * 4 * kLanes : tail + (k - head_) / 4 * 4 * kLanes;
      bytes[lane * 4 + k % 4] = static_cast<std::uint8_t>(step + kOffset);
      const double near = static_cast<double>(step) * scale;
      error += (value - near) * (value - near);
      norm += near * near;
    }
    scales[lane] = scale;
    bounds.error = std::max(bounds.error, static_cast<float>(std::sqrt(error)));
    bounds.norm = std::max(bounds.norm, static_cast<float>(std::sqrt(norm)));
    tailNorms[lane] = real ? normOf(row + head_, stride_ - head_) : 0;
  }
  std::memcpy(head, scales, sizeof scales);
  std::memcpy(head + sizeof scales, tailNorms, sizeof tailNorms);
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
  bounds_.resize(blocks);
  for (std::size_t b = 0; b < blocks; ++b) bounds_[b].largest = norms[order_[b * kLanes]];
  heads_.resize(blocks * headBytes());
  tails_.resize(blocks * tailBytes());
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
  const std::size_t headGroups = head_ / 4, tailGroups = (stride_ - head_) / 4;
  const float headOffset = kOffset * static_cast<float>(headSum), offset = kOffset * static_cast<float>(sum);
  for (std::size_t b = 0; b < bounds_.size(); ++b) {
    const Bounds& bounds = bounds_[b];
    const float bar = best.full() ? best.bar() - kLeast : std::numeric_limits<float>::lowest();
    if (best.full() && bounds.largest * norm * (1 + kSlack) < bar) break;
    const std::uint8_t* const head = &heads_[b * headBytes()];
    if (b + kAhead < bounds_.size())
      for (std::size_t line = 0; line < headBytes(); line += 64) prefetch(head + kAhead * headBytes() + line);
    const float* const scales = reinterpret_cast<const float*>(head);
    const float more = bounds.error * norm + bounds.norm * rest;
    std::int32_t dots[kLanes] = {};
    float upper[kLanes];
    const SiftBounds atFirst = {scales, scales + kLanes, scale, tail, more, headOffset};
    if (kernel.sift(head + kPrefix, headGroups, scratch.bytes.data(), dots, atFirst, bar, upper) == 0) continue;
    const SiftBounds inFull = {scales, scales + kLanes, scale, 0, more, offset};
    std::uint32_t reaching = kernel.sift(tails_.data() + b * tailBytes(), tailGroups, scratch.bytes.data() + head_, dots, inFull, bar, upper);
    for (std::size_t lane = 0; reaching != 0; ++lane, reaching >>= 1) {
      const std::size_t position = b * kLanes + lane;
      if ((reaching & 1) == 0 || position >= order_.size() || order_[position] == kNoItem) continue;
      if (!best.full() || !(upper[lane] < best.bar() - kLeast)) offer(order_[position]);
    }
  }
  return best.sorted();
}

std::uint64_t TopIndex::bytes() const noexcept {
  return order_.capacity() * 4 + position_.capacity() * 4 + bounds_.capacity() * sizeof(Bounds) + heads_.capacity() +
         tails_.capacity() + loose_.capacity() * 4;
}

}  // namespace easy11::als
