// The functions of VectorsEngine in src/core/vectors/engine.ts. Arguments are converted and their lengths held against each
// other; nothing else is decided here.
#include "vectors_binding.hpp"

#include <memory>
#include <new>

#include "arguments.hpp"
#include "easy11/sparse_vectors.hpp"
#include "external_memory.hpp"
#include "methods.hpp"

namespace easy11::bindings {
namespace {

// One engine of one JavaScript environment, owned jointly by the functions made for it, on the thread of that.
class VectorsInstance {
 public:
  // Null when the scratch buffer is too small, or there is no memory.
  static VectorsInstance* create(napi_env env, napi_value scratch) noexcept {
    auto index = SparseVectors::create();
    auto* const instance = index == nullptr ? nullptr : new (std::nothrow) VectorsInstance(env, std::move(index));
    if (instance == nullptr) return nullptr;
    VectorScratch memory;
    if (napi_create_reference(env, scratch, 1, &instance->scratch_) == napi_ok && instance->scratch(memory)) return instance;
    instance->release();
    return nullptr;
  }
  void retain() noexcept { ++owners_; }
  void release() noexcept {
    if (--owners_ > 0) return;
    close();
    if (scratch_ != nullptr) napi_delete_reference(env_, scratch_);
    delete this;
  }

  SparseVectors& index() noexcept { return *index_; }
  // The scratch memory belongs to the caller, who might transfer it away: it is asked for anew at every call. False when
  // it is gone.
  bool scratch(VectorScratch& out) const noexcept {
    constexpr std::size_t kBytes = 8 * VectorScratch::kResults + 4 * (2 * VectorScratch::kTerms + VectorScratch::kResults);
    napi_value buffer = nullptr;
    void* data = nullptr;
    std::size_t size = 0;
    if (napi_get_reference_value(env_, scratch_, &buffer) != napi_ok || buffer == nullptr) return false;
    if (napi_get_arraybuffer_info(env_, buffer, &data, &size) != napi_ok || size < kBytes) return false;
    out.scores = static_cast<double*>(data);
    out.terms = reinterpret_cast<std::uint32_t*>(out.scores + VectorScratch::kResults);
    out.weights = reinterpret_cast<float*>(out.terms + VectorScratch::kTerms);
    out.ids = reinterpret_cast<std::uint32_t*>(out.weights + VectorScratch::kTerms);
    return true;
  }
  // Tells V8 how much memory lies outside its heap: from time to time, because that is not free either.
  void changed() noexcept {
    if (++changes_ % 1024 == 0) reportMemory();
  }
  void reportMemory() noexcept { memory_.report(env_, index_->bytes()); }
  void close() noexcept {
    index_->close();
    memory_.forget(env_);
  }

 private:
  VectorsInstance(napi_env env, std::shared_ptr<SparseVectors> index) noexcept : env_(env), index_(std::move(index)) {}
  ~VectorsInstance() = default;

  napi_env env_;
  std::shared_ptr<SparseVectors> index_;
  napi_ref scratch_ = nullptr;
  std::uint32_t changes_ = 0, owners_ = 1;
  ExternalMemory memory_;
};

template <std::size_t kCount>
struct Call {
  napi_env env;
  napi_value arguments[kCount];
  VectorsInstance* instance;
  Call(napi_env environment, napi_callback_info info) noexcept : env(environment) {
    std::size_t count = kCount;
    void* data = nullptr;
    napi_get_cb_info(env, info, &count, arguments, nullptr, &data);
    instance = static_cast<VectorsInstance*>(data);
  }
  SparseVectors& index() const noexcept { return instance->index(); }
  std::uint32_t number(std::size_t i) const noexcept { return toUint32(env, arguments[i]); }
  double real(std::size_t i) const noexcept { return toDouble(env, arguments[i], 0); }
  template <class T>
  T* elements(std::size_t i, napi_typedarray_type expected, std::size_t& length) const noexcept {
    return bindings::elements<T>(env, arguments[i], expected, length);
  }
};

napi_value status(napi_env env, Status value) noexcept { return fromInt(env, static_cast<std::int32_t>(value)); }

// A number, or what went wrong as one below 0.
napi_value counted(napi_env env, Status value, double count) noexcept {
  return fromDouble(env, value == Status::kOk ? count : -static_cast<double>(value));
}

napi_value put(napi_env env, napi_callback_info info) {
  const Call<2> call(env, info);
  VectorScratch scratch;
  bool isNew = false;
  const Status done = call.instance->scratch(scratch) ? call.index().put(call.number(0), call.number(1), scratch, isNew)
                                                      : Status::kInvalidArgument;
  call.instance->changed();
  return counted(env, done, isNew ? 1 : 0);
}
napi_value putMany(napi_env env, napi_callback_info info) {
  const Call<4> call(env, info);
  std::size_t rows = 0, bounds = 0, entries = 0, weighed = 0;
  const auto* ids = call.elements<std::uint32_t>(0, napi_uint32_array, rows);
  const auto* starts = call.elements<std::uint32_t>(1, napi_uint32_array, bounds);
  const auto* terms = call.elements<std::uint32_t>(2, napi_uint32_array, entries);
  const auto* weights = call.elements<float>(3, napi_float32_array, weighed);
  if (ids == nullptr || starts == nullptr || terms == nullptr || weights == nullptr || bounds != rows + 1 ||
      entries != weighed)
    return status(env, Status::kInvalidArgument);
  const Status done = call.index().putMany(ids, rows, starts, terms, weights, entries);
  call.instance->reportMemory();
  return status(env, done);
}
napi_value remove(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  return fromBool(env, call.index().remove(call.number(0)));
}
napi_value has(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  return fromBool(env, call.index().has(call.number(0)));
}
napi_value read(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  VectorScratch scratch;
  return fromDouble(env, call.instance->scratch(scratch) ? call.index().read(call.number(0), scratch) : 0);
}

// count, limit, least, further, excluded, filter or null
napi_value nearest(napi_env env, napi_callback_info info) {
  const Call<6> call(env, info);
  VectorScratch scratch;
  SparseVectors::Wanted wanted;
  wanted.limit = call.number(1);
  wanted.least = call.real(2);
  wanted.further = call.real(3);
  wanted.excluded = call.elements<std::uint32_t>(4, napi_uint32_array, wanted.exclusions);
  wanted.filter = call.elements<std::uint32_t>(5, napi_uint32_array, wanted.filterWords);
  std::uint32_t found = 0;
  const Status done = call.instance->scratch(scratch) && wanted.excluded != nullptr
                          ? call.index().nearest(call.number(0), wanted, scratch, found)
                          : Status::kInvalidArgument;
  return counted(env, done, found);
}
napi_value similarity(napi_env env, napi_callback_info info) {
  const Call<2> call(env, info);
  return fromDouble(env, call.index().similarity(call.number(0), call.number(1)));
}

napi_value setFactor(napi_env env, napi_callback_info info) {
  const Call<2> call(env, info);
  return status(env, call.index().setFactor(call.number(0), call.real(1)));
}
napi_value counts(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  std::size_t size = 0;
  auto* const out = call.elements<std::uint32_t>(0, napi_uint32_array, size);
  if (out != nullptr) call.index().counts(out, size);
  return nullptr;
}
napi_value beginRefresh(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  std::size_t size = 0;
  const auto* factors = call.elements<double>(0, napi_float64_array, size);
  return status(env, factors == nullptr ? Status::kInvalidArgument : call.index().beginRefresh(factors, size));
}
napi_value refreshStep(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  bool more = false;
  const Status done = call.index().refreshStep(more);
  if (!more) call.instance->reportMemory();
  return counted(env, done, more ? 1 : 0);
}
napi_value cancelRefresh(napi_env env, napi_callback_info info) {
  Call<1>(env, info).index().cancelRefresh();
  return nullptr;
}

napi_value rows(napi_env env, napi_callback_info info) {
  return fromDouble(env, Call<1>(env, info).index().rows());
}
napi_value terms(napi_env env, napi_callback_info info) {
  return fromDouble(env, Call<1>(env, info).index().terms());
}
napi_value entries(napi_env env, napi_callback_info info) {
  return fromDouble(env, Call<1>(env, info).index().entries());
}
napi_value entriesRead(napi_env env, napi_callback_info info) {
  return fromDouble(env, Call<1>(env, info).index().entriesRead());
}
napi_value bytes(napi_env env, napi_callback_info info) {
  return fromDouble(env, static_cast<double>(Call<1>(env, info).index().bytes()));
}
napi_value close(napi_env env, napi_callback_info info) {
  Call<1>(env, info).instance->close();
  return nullptr;
}

constexpr Method kMethods[] = {
    {"put", put},
    {"putMany", putMany},
    {"delete", remove},
    {"has", has},
    {"read", read},
    {"nearest", nearest},
    {"similarity", similarity},
    {"setFactor", setFactor},
    {"counts", counts},
    {"beginRefresh", beginRefresh},
    {"refreshStep", refreshStep},
    {"cancelRefresh", cancelRefresh},
    {"rows", rows},
    {"terms", terms},
    {"entries", entries},
    {"entriesRead", entriesRead},
    {"bytes", bytes},
    {"close", close},
};

}  // namespace

napi_value createSparseVectors(napi_env env, napi_callback_info info) {
  std::size_t count = 1;
  napi_value scratch = nullptr;
  napi_get_cb_info(env, info, &count, &scratch, nullptr, nullptr);
  VectorsInstance* const instance = VectorsInstance::create(env, scratch);
  if (instance == nullptr) return outOfMemory(env);
  napi_value object = nullptr;
  bool made = napi_create_object(env, &object) == napi_ok;
  made = made && addMethods(env, object, instance, kMethods);
  instance->release();  // from here on the functions own it
  return made ? object : nullptr;
}

}  // namespace easy11::bindings
