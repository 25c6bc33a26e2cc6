// The functions of RangeEngine in src/core/range/engine.ts. Arguments are converted and nothing is decided here. Functions
// find their instance through the data pointer they were made with: no receiver is unwrapped.
#include "range_binding.hpp"

#include "arguments.hpp"
#include "methods.hpp"
#include "range_instance.hpp"

namespace easy11::bindings {
namespace {

template <std::size_t kCount>
struct Call {
  napi_env env;
  napi_value arguments[kCount];
  RangeInstance* instance;
  RangeScratch scratch;
  bool ready = false;  // the scratch memory is there
  Call(napi_env environment, napi_callback_info info) noexcept : env(environment) {
    std::size_t count = kCount;
    void* data = nullptr;
    napi_get_cb_info(env, info, &count, arguments, nullptr, &data);
    instance = static_cast<RangeInstance*>(data);
    ready = instance->scratch(scratch);
  }
  RangeIndex& index() const noexcept { return instance->index(); }
  std::uint32_t number(std::size_t i) const noexcept { return toUint32(env, arguments[i]); }
  double real(std::size_t i) const noexcept { return toDouble(env, arguments[i], 0); }
};

napi_value set(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  bool isNew = false;
  const Status status = call.ready ? call.index().set(call.number(0), call.scratch, isNew) : Status::kInvalidArgument;
  call.instance->changed();
  if (status == Status::kOk) return fromBool(env, isNew);
  if (status == Status::kOutOfMemory) return outOfMemory(env);
  napi_throw_error(env, "ERR_EASY11_INTERNAL", "the row cannot be taken");
  return nullptr;
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
  return fromBool(env, call.ready && call.index().read(call.number(0), call.scratch));
}

napi_value status(napi_env env, Status value) noexcept { return fromInt(env, static_cast<std::int32_t>(value)); }

napi_value beginBulk(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  std::size_t rows = 0;
  const auto* ids = elements<std::uint32_t>(env, call.arguments[0], napi_uint32_array, rows);
  return status(env, ids == nullptr ? Status::kInvalidArgument : call.index().beginBulk(ids, rows));
}
napi_value bulkNumbers(napi_env env, napi_callback_info info) {
  const Call<2> call(env, info);
  std::size_t rows = 0;
  const auto* values = elements<double>(env, call.arguments[1], napi_float64_array, rows);
  return status(env, values == nullptr ? Status::kInvalidArgument : call.index().bulkNumbers(call.number(0), values, rows));
}
napi_value bulkFacets(napi_env env, napi_callback_info info) {
  const Call<2> call(env, info);
  std::size_t rows = 0;
  const auto* codes = elements<std::uint16_t>(env, call.arguments[1], napi_uint16_array, rows);
  return status(env, codes == nullptr ? Status::kInvalidArgument : call.index().bulkFacets(call.number(0), codes, rows));
}

napi_value build(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  napi_valuetype type = napi_undefined;
  napi_typeof(env, call.arguments[0], &type);
  return startJob(env, call.instance, call.index().build(), type == napi_function ? call.arguments[0] : nullptr);
}

napi_value exportIds(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  std::size_t rows = 0;
  auto* const out = elements<std::uint32_t>(env, call.arguments[0], napi_uint32_array, rows);
  if (out != nullptr && rows >= call.index().rows()) call.index().exportIds(out);
  return nullptr;
}
napi_value exportNumbers(napi_env env, napi_callback_info info) {
  const Call<2> call(env, info);
  std::size_t rows = 0;
  auto* const out = elements<double>(env, call.arguments[1], napi_float64_array, rows);
  if (out != nullptr && rows >= call.index().rows()) call.index().exportNumbers(call.number(0), out);
  return nullptr;
}
napi_value exportFacets(napi_env env, napi_callback_info info) {
  const Call<2> call(env, info);
  std::size_t rows = 0;
  auto* const out = elements<std::uint16_t>(env, call.arguments[1], napi_uint16_array, rows);
  if (out != nullptr && rows >= call.index().rows()) call.index().exportFacets(call.number(0), out);
  return nullptr;
}

// ids, whether they are a bitmap; false when they do not ascend
napi_value takeIds(napi_env env, napi_callback_info info) {
  const Call<2> call(env, info);
  std::size_t size = 0;
  bool bits = false;
  napi_get_value_bool(env, call.arguments[1], &bits);
  const auto* ids = elements<std::uint32_t>(env, call.arguments[0], napi_uint32_array, size);
  if (ids == nullptr) return fromBool(env, false);
  const Status status = bits ? call.index().takeIdBits(ids, size) : call.index().takeIds(ids, size);
  return status == Status::kOutOfMemory ? outOfMemory(env) : fromBool(env, status == Status::kOk);
}

napi_value count(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  return fromDouble(env, call.ready ? call.index().count(call.number(0), call.scratch) : 0);
}
napi_value aggregate(napi_env env, napi_callback_info info) {
  const Call<2> call(env, info);
  if (call.ready) call.index().aggregate(call.number(0), call.number(1), call.scratch);
  return nullptr;
}
napi_value top(napi_env env, napi_callback_info info) {
  const Call<3> call(env, info);
  return fromDouble(env, call.ready ? call.index().top(call.number(0), call.number(1), call.number(2), call.scratch) : 0);
}
napi_value facet(napi_env env, napi_callback_info info) {
  const Call<2> call(env, info);
  return fromDouble(env, call.ready ? call.index().facet(call.number(0), call.number(1), call.scratch) : 0);
}
napi_value histogram(napi_env env, napi_callback_info info) {
  const Call<3> call(env, info);
  if (call.ready) call.index().histogram(call.number(0), call.number(1), call.number(2), call.scratch);
  return nullptr;
}
napi_value quantiles(napi_env env, napi_callback_info info) {
  const Call<3> call(env, info);
  return fromBool(env, call.ready && call.index().quantiles(call.number(0), call.number(1), call.number(2), call.scratch));
}
napi_value page(napi_env env, napi_callback_info info) {
  const Call<4> call(env, info);
  if (!call.ready) return fromDouble(env, 0);
  return fromDouble(env, call.index().page(call.number(0), call.number(1), call.number(2), call.number(3), call.scratch));
}
// conditions, number, descending, limit, offset, after, value, id
napi_value list(napi_env env, napi_callback_info info) {
  const Call<8> call(env, info);
  RangeIndex::ListStart start;
  bool descending = false;
  napi_get_value_bool(env, call.arguments[2], &descending);
  napi_get_value_bool(env, call.arguments[5], &start.after);
  start.offset = call.real(4);
  start.value = call.real(6);
  start.id = call.number(7);
  if (!call.ready) return fromDouble(env, 0);
  return fromDouble(env, call.index().list(call.number(0), call.number(1), descending, call.number(3), start, call.scratch));
}
napi_value explain(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  if (call.ready) call.index().explain(call.number(0), call.scratch);
  return nullptr;
}
napi_value rows(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  return fromDouble(env, call.index().rows());
}
napi_value bytes(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  return fromDouble(env, static_cast<double>(call.index().bytes()));
}
napi_value close(napi_env env, napi_callback_info info) {
  Call<1>(env, info).instance->close();
  return nullptr;
}

constexpr Method kMethods[] = {
    {"set", set},           {"delete", remove},         {"has", has},
    {"read", read},         {"beginBulk", beginBulk},   {"bulkNumbers", bulkNumbers},
    {"bulkFacets", bulkFacets}, {"build", build},       {"exportIds", exportIds},
    {"exportNumbers", exportNumbers}, {"exportFacets", exportFacets}, {"takeIds", takeIds},
    {"count", count},
    {"aggregate", aggregate}, {"top", top},             {"facet", facet},
    {"histogram", histogram}, {"quantiles", quantiles}, {"page", page},
    {"list", list},         {"explain", explain},       {"rows", rows},
    {"bytes", bytes},       {"close", close},
};


}  // namespace

napi_value createRangeIndex(napi_env env, napi_callback_info info) {
  std::size_t count = 2;
  napi_value arguments[2];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  RangeInstance* const instance = RangeInstance::create(env, arguments[0], arguments[1]);
  if (instance == nullptr) {
    napi_throw_type_error(env, "ERR_EASY11_INTERNAL", "createRangeIndex needs a schema and a scratch buffer");
    return nullptr;
  }
  napi_value object = nullptr;
  bool made = napi_create_object(env, &object) == napi_ok;
  made = made && addMethods(env, object, instance, kMethods);
  instance->release();  // from here on the functions own it
  return made ? object : nullptr;
}

}  // namespace easy11::bindings
