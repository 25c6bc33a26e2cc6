// The functions of CacheEngine in src/core/cache/engine.ts. Arguments are converted and nothing is decided here. Functions
// find their handle through the data pointer they were made with, and say what a value is in the array `state`.
#include "cache_binding.hpp"

#include <cmath>
#include <cstring>

#include "arguments.hpp"
#include "cache_calls.hpp"
#include "cache_handle.hpp"
#include "job.hpp"
#include "methods.hpp"
#include "shared_text.hpp"

namespace easy11::bindings {
namespace {

napi_value get(napi_env env, napi_callback_info info, GetMode mode) {
  const CacheArguments<2> call(env, info);
  CacheHandle* const handle = call.handle;
  return guardCache(env, handle, [&]() -> napi_value {
    if (!handle->key.read(env, call[0])) return nullptr;
    CacheResult& result = handle->result;
    CacheCall how = handle->call();
    how.shareText = sharesTexts();
    const Found found = handle->cache().get(handle->key.key(), mode, toUint32(env, call[1]), how, result);
    handle->tellLeft();
    std::uint32_t* const state = handle->state();
    if (found == Found::kOutOfMemory) throw std::bad_alloc();
    if (found == Found::kMiss) {
      state[kStateKind] = kNoValue;
      return nullptr;
    }
    state[kStateStale] = result.stale ? 1 : 0;
    state[kStateVersion] = result.version;
    state[kStateUnchanged] = result.unchanged ? 1 : 0;
    if (result.unchanged) return nullptr;
    state[kStateKind] = static_cast<std::uint32_t>(result.kind);
    if (result.shared != nullptr) return fromShared(env, result);
    const napi_value value = fromValue(env, {result.bytes, result.kind});
    constexpr std::size_t kKeep = 1 << 18;
    if (result.bytes.capacity() > kKeep) std::string().swap(result.bytes);
    return value;
  });
}
napi_value get(napi_env env, napi_callback_info info) { return get(env, info, GetMode::kGet); }
napi_value peek(napi_env env, napi_callback_info info) { return get(env, info, GetMode::kPeek); }

napi_value remaining(napi_env env, napi_callback_info info) {
  const CacheArguments<1> call(env, info);
  return guardCache(env, call.handle, [&]() -> napi_value {
    if (!call.handle->key.read(env, call[0])) return fromDouble(env, 0);
    const double left = call.handle->cache().remaining(call.handle->key.key(), call.handle->call());
    call.handle->tellLeft();
    return fromDouble(env, left);
  });
}

// key, kind, value, ttl, tags
napi_value set(napi_env env, napi_callback_info info) {
  const CacheArguments<5> call(env, info);
  CacheHandle* const handle = call.handle;
  return guardCache(env, handle, [&]() -> napi_value {
    ValueReader value;
    TagReader tags;
    if (!handle->key.read(env, call[0]) || !value.read(env, handle->text, call[1], call[2]) || !tags.read(env, call[4]))
      return fromInt(env, static_cast<std::int32_t>(Status::kInternal));
    const Status status = handle->cache().set(handle->key.key(), value.value(),
                                              {toDouble(env, call[3], 0), tags.names()}, handle->call());
    handle->tellLeft();
    return fromInt(env, static_cast<std::int32_t>(status));
  });
}

napi_value remove(napi_env env, napi_callback_info info) {
  const CacheArguments<1> call(env, info);
  return guardCache(env, call.handle, [&]() -> napi_value {
    if (!call.handle->key.read(env, call[0])) return fromBool(env, false);
    const bool removed = call.handle->cache().remove(call.handle->key.key(), call.handle->call());
    call.handle->tellLeft();
    return fromBool(env, removed);
  });
}

// key, by, ttl, tags
napi_value increment(napi_env env, napi_callback_info info) {
  const CacheArguments<4> call(env, info);
  CacheHandle* const handle = call.handle;
  return guardCache(env, handle, [&]() -> napi_value {
    TagReader tags;
    if (!handle->key.read(env, call[0]) || !tags.read(env, call[3])) return nullptr;
    double sum = 0;
    const AddStatus status = handle->cache().add(handle->key.key(), toDouble(env, call[1], 0),
                                                 {toDouble(env, call[2], 0), tags.names()}, handle->call(), sum);
    handle->tellLeft();
    handle->state()[kStateStatus] = static_cast<std::uint32_t>(status);
    return fromDouble(env, sum);
  });
}

// key, kind expected or -1, value expected, kind, value, ttl, tags
napi_value compareAndSet(napi_env env, napi_callback_info info) {
  const CacheArguments<7> call(env, info);
  CacheHandle* const handle = call.handle;
  return guardCache(env, handle, [&]() -> napi_value {
    Text expectedText;
    ValueReader expected, value;
    TagReader tags;
    std::int32_t kind = -1;
    napi_get_value_int32(env, call[1], &kind);
    if (!handle->key.read(env, call[0]) || (kind >= 0 && !expected.read(env, expectedText, call[1], call[2])) ||
        !value.read(env, handle->text, call[3], call[4]) || !tags.read(env, call[6]))
      return nullptr;
    const CacheValue old = expected.value();
    const CompareStatus status =
        handle->cache().compareAndSet(handle->key.key(), kind < 0 ? nullptr : &old, value.value(),
                                      {toDouble(env, call[5], 0), tags.names()}, handle->call());
    handle->tellLeft();
    return fromInt(env, static_cast<std::int32_t>(status));
  });
}

napi_value invalidateTag(napi_env env, napi_callback_info info) {
  const CacheArguments<1> call(env, info);
  return guardCache(env, call.handle, [&]() -> napi_value {
    TagReader tag;
    if (tag.read(env, call[0])) call.handle->cache().invalidateTag(tag.names());
    return nullptr;
  });
}

napi_value clear(napi_env env, napi_callback_info info) {
  CacheArguments<1>(env, info).handle->cache().clear();
  return nullptr;
}

napi_value stats(napi_env env, napi_callback_info info) {
  const CacheArguments<1> call(env, info);
  const CacheStats stats = call.handle->cache().stats();
  napi_value object = nullptr;
  if (napi_create_object(env, &object) != napi_ok) return nullptr;
  const std::pair<const char*, std::uint64_t> figures[] = {
      {"hits", stats.hits},           {"misses", stats.misses},   {"staleHits", stats.staleHits},
      {"evictions", stats.evictions}, {"expirations", stats.expirations}, {"entries", stats.entries},
      {"bytes", stats.bytes},         {"heldBytes", stats.heldBytes},
  };
  for (const auto& [name, figure] : figures)
    napi_set_named_property(env, object, name, fromDouble(env, static_cast<double>(figure)));
  return object;
}

// [key, kind, value, why, key, …], and forgets them.
napi_value takeLeft(napi_env env, napi_callback_info info) {
  const CacheArguments<1> call(env, info);
  std::vector<Departures::Left> left;
  left.swap(call.handle->departures.left);
  call.handle->tellLeft();
  napi_value array = nullptr;
  if (napi_create_array_with_length(env, left.size() * 4, &array) != napi_ok) return nullptr;
  std::uint32_t at = 0;
  for (const Departures::Left& one : left) {
    const CacheValue key{one.key, one.wide ? ValueKind::kUtf16 : ValueKind::kLatin1};
    napi_set_element(env, array, at++, fromValue(env, key));
    napi_set_element(env, array, at++, fromInt(env, static_cast<std::int32_t>(one.kind)));
    napi_set_element(env, array, at++, fromValue(env, {one.value, one.kind}));
    napi_set_element(env, array, at++, fromInt(env, static_cast<std::int32_t>(one.why)));
  }
  return array;
}

// A positive number: this one leads the flight of that number. Negative: it waits for it. 0: the value is there.
napi_value join(napi_env env, napi_callback_info info) {
  const CacheArguments<2> call(env, info);
  CacheHandle* const handle = call.handle;
  return guardCache(env, handle, [&]() -> napi_value {
    if (!handle->key.read(env, call[0]) || !handle->wait(env)) throw std::bad_alloc();
    std::uint64_t flight = 0;
    bool anyway = false;
    napi_get_value_bool(env, call[1], &anyway);
    const JoinStatus joined =
        handle->cache().join(handle->key.key(), handle->mailbox(), anyway, handle->call(), flight);
    handle->tellLeft();
    if (joined == JoinStatus::kOutOfMemory) throw std::bad_alloc();
    if (joined == JoinStatus::kPresent) return fromDouble(env, 0);
    if (joined == JoinStatus::kLead) return fromDouble(env, static_cast<double>(flight));
    handle->mailbox()->expectOne(env);
    return fromDouble(env, -static_cast<double>(flight));
  });
}

// flight, outcome, kind, value
napi_value land(napi_env env, napi_callback_info info) {
  const CacheArguments<4> call(env, info);
  CacheHandle* const handle = call.handle;
  return guardCache(env, handle, [&]() -> napi_value {
    FlightOutcome outcome;
    outcome.kind = static_cast<FlightOutcome::Kind>(toUint32(env, call[1]));
    if (outcome.kind == FlightOutcome::kValue || outcome.kind == FlightOutcome::kFailed) {
      ValueReader value;
      if (value.read(env, handle->text, call[2], call[3])) {
        outcome.valueKind = value.value().kind;
        outcome.bytes = std::string(value.value().bytes);
      } else {
        outcome.kind = FlightOutcome::kAbandoned;
      }
    }
    handle->cache().land(static_cast<std::uint64_t>(toDouble(env, call[0], 0)), std::move(outcome));
    return nullptr;
  });
}

template <std::unique_ptr<Task> (Cache::*kMake)(std::string_view, double, const CacheCall&) noexcept>
napi_value job(napi_env env, napi_callback_info info) {
  const CacheArguments<2> call(env, info);
  return guardCache(env, call.handle, [&]() -> napi_value {
    Strings path;
    if (!path.read(env, call[0])) return startJob(env, call.handle, nullptr, nullptr);
    CacheCall when = call.handle->call();
    when.departures = nullptr;
    auto task = (call.handle->cache().*kMake)(path[0], toDouble(env, call[1], 0), when);
    return startJob(env, call.handle, std::move(task), nullptr);
  });
}

napi_value setTime(napi_env env, napi_callback_info info) {
  const CacheArguments<1> call(env, info);
  call.handle->milliseconds = toDouble(env, call[0], -1);
  return nullptr;
}

napi_value close(napi_env env, napi_callback_info info) {
  CacheArguments<1>(env, info).handle->close();
  return nullptr;
}

constexpr Method kMethods[] = {
    {"get", get},
    {"peek", peek},
    {"remaining", remaining},
    {"set", set},
    {"delete", remove},
    {"increment", increment},
    {"compareAndSet", compareAndSet},
    {"getMany", getMany},
    {"getManyJson", getManyJson},
    {"invalidateTag", invalidateTag},
    {"clear", clear},
    {"stats", stats},
    {"takeLeft", takeLeft},
    {"join", join},
    {"land", land},
    {"dump", job<&Cache::dump>},
    {"load", job<&Cache::load>},
    {"setTime", setTime},
    {"close", close},
};


}  // namespace

napi_value createCache(napi_env env, napi_callback_info info) {
  std::size_t count = 10;
  napi_value arguments[10];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  CacheOptions options;
  options.policy = toUint32(env, arguments[1]) == 1 ? CachePolicy::kLru : CachePolicy::kS3Fifo;
  options.max = static_cast<std::uint64_t>(toDouble(env, arguments[2], 0));
  options.maxBytes = static_cast<std::uint64_t>(toDouble(env, arguments[3], 0));
  options.shards = toUint32(env, arguments[4]);
  options.ttl = toDouble(env, arguments[5], 0);
  options.stale = toDouble(env, arguments[6], 0);
  bool watching = false;
  napi_get_value_bool(env, arguments[7], &watching);
  Strings name;
  std::shared_ptr<Cache> cache;
  Cache::Opened opened = Cache::Opened::kOutOfMemory;
  if (name.read(env, arguments[0])) opened = Cache::open(name[0], options, cache);
  if (opened == Cache::Opened::kOptionsDiffer) {
    napi_value null = nullptr;
    napi_get_null(env, &null);
    return null;
  }
  CacheHandle* handle = nullptr;
  if (opened == Cache::Opened::kOk)
    handle = CacheHandle::create(env, std::move(cache), arguments[8], arguments[9], watching);
  if (handle == nullptr) return outOfMemory(env);
  napi_value object = nullptr;
  bool made = napi_create_object(env, &object) == napi_ok;
  made = made && napi_set_named_property(env, object, "onLanded", arguments[9]) == napi_ok;
  made = made && addMethods(env, object, handle, kMethods);
  handle->release();  // from here on the functions own it
  return made ? object : nullptr;
}

}  // namespace easy11::bindings
