#include "range_instance.hpp"

#include <new>

namespace easy11::bindings {
namespace {

constexpr std::size_t kScratchBytes = 8 * (RangeScratch::kConditions + RangeScratch::kValues) +
                                      4 * (RangeScratch::kIds + RangeScratch::kCounts);

// Numbers one behind the other: types of the numbers, facets, scores, trees, each list with its length before it.
class SchemaReader {
 public:
  SchemaReader(const std::int32_t* at, std::size_t size) noexcept : at_(at), end_(at + size) {}
  std::uint32_t next() noexcept { return at_ < end_ ? static_cast<std::uint32_t>(*at_++) : 0; }
  std::vector<std::uint32_t> list() {
    std::vector<std::uint32_t> values;
    for (std::uint32_t size = next(); size > 0 && at_ < end_; --size) values.push_back(next());
    return values;
  }

 private:
  const std::int32_t* at_;
  const std::int32_t* end_;
};

RangeSchema readSchema(const std::int32_t* at, std::size_t size) {
  SchemaReader reader(at, size);
  RangeSchema schema;
  for (const std::uint32_t type : reader.list()) schema.numbers.push_back(static_cast<NumberType>(type));
  schema.facets = reader.next();
  schema.scores = reader.list();
  for (std::uint32_t trees = reader.next(); trees > 0 && trees <= 64; --trees) {
    RangeTreeSchema tree;
    tree.number = reader.next();
    tree.aggregates = reader.list();
    schema.trees.push_back(std::move(tree));
  }
  return schema;
}

}  // namespace

RangeInstance* RangeInstance::create(napi_env env, napi_value schema, napi_value scratch) noexcept {
  napi_typedarray_type type;
  std::size_t length = 0, offset = 0;
  void* data = nullptr;
  napi_value buffer = nullptr;
  if (napi_get_typedarray_info(env, schema, &type, &length, &data, &buffer, &offset) != napi_ok ||
      type != napi_int32_array)
    return nullptr;
  RangeInstance* instance = nullptr;
  try {
    auto index = RangeIndex::create(readSchema(static_cast<const std::int32_t*>(data), length));
    if (index != nullptr) instance = new RangeInstance(env, std::move(index));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  if (instance == nullptr) return nullptr;
  RangeScratch memory;
  if (napi_create_reference(env, scratch, 1, &instance->scratch_) == napi_ok && instance->scratch(memory)) return instance;
  instance->release();
  return nullptr;
}

bool RangeInstance::scratch(RangeScratch& out) const noexcept {
  napi_value buffer = nullptr;
  void* data = nullptr;
  std::size_t size = 0;
  if (napi_get_reference_value(env_, scratch_, &buffer) != napi_ok || buffer == nullptr) return false;
  if (napi_get_arraybuffer_info(env_, buffer, &data, &size) != napi_ok || size < kScratchBytes) return false;
  out.conditions = static_cast<double*>(data);
  out.values = out.conditions + RangeScratch::kConditions;
  out.ids = reinterpret_cast<std::uint32_t*>(out.values + RangeScratch::kValues);
  out.counts = out.ids + RangeScratch::kIds;
  return true;
}

void RangeInstance::destroy() noexcept {
  close();
  if (scratch_ != nullptr) napi_delete_reference(env_, scratch_);
  delete this;
}

void RangeInstance::reportMemory() noexcept { memory_.report(env_, index_->bytes()); }

void RangeInstance::close() noexcept {
  cancelJobs();
  index_->close();
  memory_.forget(env_);
}

}  // namespace easy11::bindings
