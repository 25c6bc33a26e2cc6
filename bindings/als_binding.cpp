// The functions of AlsEngine in src/core/als/engine.ts. Arguments are converted and their lengths held against each other;
// nothing else is decided here.
#include "als_binding.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <new>

#include "als_rank_task.hpp"
#include "arguments.hpp"
#include "easy11/als.hpp"
#include "external_memory.hpp"
#include "job.hpp"
#include "methods.hpp"

namespace easy11::bindings {
namespace {

class AlsInstance final : public JobOwner {
 public:
  AlsInstance(napi_env env, std::shared_ptr<Als> als) noexcept : env_(env), als_(std::move(als)) {}
  Als& model() noexcept { return *als_; }
  void reportMemory() noexcept override { memory_.report(env_, als_->bytes()); }
  void close() noexcept {
    cancelJobs();
    als_->close();
    reportMemory();
  }

 private:
  ~AlsInstance() override = default;
  void destroy() noexcept override {
    cancelJobs();
    als_->close();
    memory_.forget(env_);
    delete this;
  }
  napi_env env_;
  std::shared_ptr<Als> als_;
  ExternalMemory memory_;
};

// What an engine's object is marked with, so that no other object is taken for one: another for each load of the addon.
const napi_type_tag kEngineTag = {0x9d1c6b7be3f04a52u, reinterpret_cast<std::uintptr_t>(&kEngineTag)};

template <std::size_t kCount>
struct Call {
  napi_env env;
  napi_value arguments[kCount];
  AlsInstance* instance;
  Call(napi_env environment, napi_callback_info info) noexcept : env(environment) {
    std::size_t count = kCount;
    void* data = nullptr;
    napi_get_cb_info(env, info, &count, arguments, nullptr, &data);
    instance = static_cast<AlsInstance*>(data);
  }
  Als& model() const noexcept { return instance->model(); }
  double number(std::size_t i) const noexcept { return toDouble(env, arguments[i], 0); }
  std::uint32_t whole(std::size_t i) const noexcept { return toUint32(env, arguments[i]); }
  bool flag(std::size_t i) const noexcept {
    bool value = false;
    napi_get_value_bool(env, arguments[i], &value);
    return value;
  }
  napi_value function(std::size_t i) const noexcept {
    napi_valuetype type = napi_undefined;
    napi_typeof(env, arguments[i], &type);
    return type == napi_function ? arguments[i] : nullptr;
  }
};

napi_value status(napi_env env, Status value) noexcept { return fromInt(env, static_cast<std::int32_t>(value)); }
napi_value invalid(napi_env env) noexcept { return status(env, Status::kInvalidArgument); }

// append(users, items, weights, count)
napi_value append(napi_env env, napi_callback_info info) {
  const Call<4> call(env, info);
  const auto users = spanOf<std::uint32_t>(env, call.arguments[0]), items = spanOf<std::uint32_t>(env, call.arguments[1]);
  const auto weights = spanOf<float>(env, call.arguments[2]);
  const std::size_t count = call.whole(3);
  if (count > users.size || count > items.size || count > weights.size) return invalid(env);
  return status(env, call.model().append(users.data, items.data, weights.data, count));
}

// adopt(other, users, items)
napi_value adopt(napi_env env, napi_callback_info info) {
  const Call<3> call(env, info);
  bool isEngine = false;
  void* other = nullptr;
  if (napi_check_object_type_tag(env, call.arguments[0], &kEngineTag, &isEngine) != napi_ok || !isEngine ||
      napi_unwrap(env, call.arguments[0], &other) != napi_ok)
    return settledJob(env, Status::kInvalidArgument);
  const Als& from = static_cast<AlsInstance*>(other)->model();
  return startJob(env, call.instance, call.model().adopt(from, call.whole(1), call.whole(2)), nullptr);
}

// build(users, items, onProgress)
napi_value build(napi_env env, napi_callback_info info) {
  const Call<3> call(env, info);
  return startJob(env, call.instance, call.model().build(call.whole(0), call.whole(1)), call.function(2));
}

template <std::size_t kCount>
AlsSettings settingsFrom(const Call<kCount>& call, std::size_t at) noexcept {
  AlsSettings settings;
  settings.factors = call.whole(at);
  settings.regularization = call.number(at + 1);
  settings.unobservedWeight = call.number(at + 2);
  settings.nu = call.number(at + 3);
  settings.exact = call.flag(at + 4);
  settings.threads = call.whole(at + 5);
  settings.seed = call.whole(at + 6);
  return settings;
}

// configure(factors, regularization, unobservedWeight, nu, exact, threads, seed)
napi_value configure(napi_env env, napi_callback_info info) {
  const Call<7> call(env, info);
  return startJob(env, call.instance, call.model().configure(settingsFrom(call, 0)), nullptr);
}

// setRows(side, from, count, values, factors)
napi_value setRows(napi_env env, napi_callback_info info) {
  const Call<5> call(env, info);
  const auto values = spanOf<float>(env, call.arguments[3]);
  const std::size_t count = call.whole(2), factors = call.whole(4);
  if (count * factors > values.size) return invalid(env);
  return status(env, call.model().setRows(static_cast<Side>(call.whole(0)), call.whole(1), count, values.data));
}

// rows(side, from, count, values, factors)
napi_value rows(napi_env env, napi_callback_info info) {
  const Call<5> call(env, info);
  const auto values = spanOf<float>(env, call.arguments[3]);
  const std::size_t count = call.whole(2), factors = call.whole(4);
  if (count * factors > values.size) return invalid(env);
  return status(env, call.model().rows(static_cast<Side>(call.whole(0)), call.whole(1), count, values.data));
}

// train(iterations, withLoss, first, onProgress)
napi_value train(napi_env env, napi_callback_info info) {
  const Call<4> call(env, info);
  const auto first = static_cast<Side>(call.whole(2));
  return startJob(env, call.instance, call.model().train(call.whole(0), call.flag(1), first), call.function(3));
}

napi_value losses(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  const std::vector<double>& values = call.model().losses();
  napi_value array = nullptr;
  napi_create_array_with_length(env, values.size(), &array);
  for (std::size_t i = 0; i < values.size(); ++i) napi_set_element(env, array, static_cast<std::uint32_t>(i), fromDouble(env, values[i]));
  return array;
}

// finish(mode)
napi_value finish(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  return startJob(env, call.instance, call.model().finish(static_cast<FinishMode>(call.whole(0))), nullptr);
}

// open(path, header, factors, regularization, unobservedWeight, nu, exact, threads, seed)
napi_value open(napi_env env, napi_callback_info info) {
  const Call<9> call(env, info);
  Strings strings;
  const auto header = spanOf<std::uint32_t>(env, call.arguments[1]);
  try {
    if (!strings.read(env, call.arguments[0])) return startJob(env, call.instance, nullptr, nullptr);
    return startJob(env, call.instance,
                    call.model().open(std::string(strings[0]), {header.data, header.data + header.size}, settingsFrom(call, 2)), nullptr);
  } catch (const std::bad_alloc&) {
    return outOfMemory(env);
  }
}

// bases(values)
napi_value bases(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  const auto values = spanOf<float>(env, call.arguments[0]);
  const std::size_t factors = call.model().factors();
  if (values.size < factors + factors * factors) return invalid(env);
  return status(env, call.model().bases(values.data));
}

napi_value historySize(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  return fromDouble(env, static_cast<double>(call.model().historySize(call.whole(0))));
}

// history(user, items, weights)
napi_value history(napi_env env, napi_callback_info info) {
  const Call<3> call(env, info);
  const auto items = spanOf<std::uint32_t>(env, call.arguments[1]);
  const auto weights = spanOf<float>(env, call.arguments[2]);
  const std::size_t size = call.model().historySize(call.whole(0));
  if (size > items.size || size > weights.size) return invalid(env);
  call.model().history(call.whole(0), items.data, weights.data);
  return status(env, Status::kOk);
}

// foldIn(items, weights, count, out)
napi_value foldIn(napi_env env, napi_callback_info info) {
  const Call<4> call(env, info);
  const auto items = spanOf<std::uint32_t>(env, call.arguments[0]);
  const auto weights = spanOf<float>(env, call.arguments[1]), out = spanOf<float>(env, call.arguments[3]);
  const std::size_t count = call.whole(2);
  if (count > items.size || count > weights.size || out.size < call.model().factors()) return invalid(env);
  return status(env, call.model().foldIn(items.data, weights.data, count, out.data));
}

// top(vector, limit, excluded, excludedCount, items, scores)
napi_value top(napi_env env, napi_callback_info info) {
  const Call<6> call(env, info);
  const auto vector = spanOf<float>(env, call.arguments[0]), scores = spanOf<float>(env, call.arguments[5]);
  const auto excluded = spanOf<std::uint32_t>(env, call.arguments[2]), items = spanOf<std::uint32_t>(env, call.arguments[4]);
  const std::uint32_t limit = call.whole(1), count = call.whole(3);
  if (vector.size < call.model().factors() || count > excluded.size || limit > items.size || limit > scores.size)
    return fromInt(env, -1);
  return fromInt(env, call.model().top(vector.data, limit, excluded.data, count, items.data, scores.data));
}

// explain(items, weights, count, item, parts): the score, or NaN
napi_value explain(napi_env env, napi_callback_info info) {
  const Call<5> call(env, info);
  const auto items = spanOf<std::uint32_t>(env, call.arguments[0]);
  const auto weights = spanOf<float>(env, call.arguments[1]), parts = spanOf<float>(env, call.arguments[4]);
  const std::size_t count = call.whole(2);
  double score = 0;
  if (count > items.size || count > weights.size || count > parts.size ||
      call.model().explain(items.data, weights.data, count, call.whole(3), parts.data, score) != Status::kOk)
    return fromDouble(env, std::numeric_limits<double>::quiet_NaN());
  return fromDouble(env, score);
}

// updateUser(user, items, weights, count), updateItem(item, users, weights, count)
template <Status (Als::*kMethod)(std::uint32_t, const std::uint32_t*, const float*, std::size_t) noexcept>
napi_value update(napi_env env, napi_callback_info info) {
  const Call<4> call(env, info);
  const auto others = spanOf<std::uint32_t>(env, call.arguments[1]);
  const auto weights = spanOf<float>(env, call.arguments[2]);
  const std::size_t count = call.whole(3);
  if (count > others.size || count > weights.size) return invalid(env);
  const Status result = (call.model().*kMethod)(call.whole(0), others.data, weights.data, count);
  call.instance->reportMemory();
  return status(env, result);
}

template <class Make>
napi_value startRanking(napi_env env, AlsInstance* instance, napi_value items, napi_value scores, napi_value onProgress,
                        Make&& make) noexcept {
  try {
    auto results = std::make_shared<Ranking>();
    std::unique_ptr<Task> task = make(results);
    auto rank = task ? std::make_unique<RankTask>(env, std::move(task), results) : nullptr;
    if (rank && !rank->keep(items, scores)) rank = nullptr;
    return startJob(env, instance, std::move(rank), onProgress);
  } catch (const std::bad_alloc&) {
    napi_throw_error(env, "ERR_EASY11_OUT_OF_MEMORY", "not enough memory");
    return nullptr;
  }
}

Exclusion exclusionOf(napi_env env, bool history, napi_value items) {
  const auto span = spanOf<std::uint32_t>(env, items);
  return {history, {span.data, span.data + span.size}};
}

// rank(users, limit, fresh, excludeHistory, excluded, items, scores)
napi_value rank(napi_env env, napi_callback_info info) {
  const Call<7> call(env, info);
  return startRanking(env, call.instance, call.arguments[5], call.arguments[6], nullptr, [&](auto results) {
    const auto users = spanOf<std::uint32_t>(env, call.arguments[0]);
    return call.model().rank({users.data, users.data + users.size}, call.whole(1), call.flag(2),
                             exclusionOf(env, call.flag(3), call.arguments[4]), results);
  });
}

// rankHistories(starts, histories, weights, limit, excludeHistory, excluded, items, scores)
napi_value rankHistories(napi_env env, napi_callback_info info) {
  const Call<8> call(env, info);
  return startRanking(env, call.instance, call.arguments[6], call.arguments[7], nullptr, [&](auto results) -> std::unique_ptr<Task> {
    const auto starts = spanOf<std::uint32_t>(env, call.arguments[0]), items = spanOf<std::uint32_t>(env, call.arguments[1]);
    const auto weights = spanOf<float>(env, call.arguments[2]);
    if (starts.size == 0 || starts.data[starts.size - 1] > items.size || items.size > weights.size) return nullptr;
    return call.model().rankHistories({starts.data, starts.data + starts.size}, {items.data, items.data + items.size},
                                      {weights.data, weights.data + items.size}, call.whole(3),
                                      exclusionOf(env, call.flag(4), call.arguments[5]), results);
  });
}

// similar(side, row, limit, items, scores)
napi_value similar(napi_env env, napi_callback_info info) {
  const Call<5> call(env, info);
  return startRanking(env, call.instance, call.arguments[3], call.arguments[4], nullptr, [&](auto results) {
    return call.model().similar(static_cast<Side>(call.whole(0)), call.whole(1), call.whole(2), results);
  });
}

napi_value stats(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  const AlsStats stats = call.model().stats();
  napi_value object = nullptr;
  if (napi_create_object(env, &object) != napi_ok) return nullptr;
  napi_set_named_property(env, object, "users", fromDouble(env, static_cast<double>(stats.users)));
  napi_set_named_property(env, object, "items", fromDouble(env, static_cast<double>(stats.items)));
  napi_set_named_property(env, object, "entries", fromDouble(env, static_cast<double>(stats.entries)));
  napi_set_named_property(env, object, "bytes", fromDouble(env, static_cast<double>(stats.bytes)));
  return object;
}

napi_value close(napi_env env, napi_callback_info info) {
  Call<1>(env, info).instance->close();
  return nullptr;
}

constexpr Method kMethods[] = {
    {"append", append},
    {"adopt", adopt},
    {"build", build},
    {"configure", configure},
    {"setRows", setRows},
    {"rows", rows},
    {"train", train},
    {"losses", losses},
    {"finish", finish},
    {"open", open},
    {"bases", bases},
    {"historySize", historySize},
    {"history", history},
    {"foldIn", foldIn},
    {"top", top},
    {"explain", explain},
    {"updateUser", update<&Als::updateUser>},
    {"updateItem", update<&Als::updateItem>},
    {"rank", rank},
    {"rankHistories", rankHistories},
    {"similar", similar},
    {"stats", stats},
    {"close", close},
};

}  // namespace

napi_value createAls(napi_env env, napi_callback_info) {
  auto als = Als::create();
  AlsInstance* const instance = als ? new (std::nothrow) AlsInstance(env, std::move(als)) : nullptr;
  if (instance == nullptr) {
    return outOfMemory(env);
  }
  napi_value object = nullptr;
  bool made = napi_create_object(env, &object) == napi_ok;
  made = made && addMethods(env, object, instance, kMethods);
  const auto onEnd = [](napi_env, void* data, void*) { static_cast<AlsInstance*>(data)->release(); };
  if (made && (made = napi_wrap(env, object, instance, onEnd, nullptr, nullptr) == napi_ok)) {
    instance->retain();
    made = napi_type_tag_object(env, object, &kEngineTag) == napi_ok;
  }
  instance->release();  // from here on the functions own it
  return made ? object : nullptr;
}

}  // namespace easy11::bindings
