// The functions of AutocompleteEngine in src/core/autocomplete/engine.ts. Arguments are converted and nothing is decided
// here. Functions find their instance through the data pointer they were made with: no receiver is unwrapped.
#include <algorithm>
#include <cstring>

#include "arguments.hpp"
#include "autocomplete_binding.hpp"
#include "instance.hpp"
#include "job.hpp"
#include "methods.hpp"

namespace easy11::bindings {
namespace {

template <std::size_t kCount>
struct Call {
  napi_value arguments[kCount];
  Instance* instance;
  Call(napi_env env, napi_callback_info info) noexcept {
    std::size_t count = kCount;
    void* data = nullptr;
    napi_get_cb_info(env, info, &count, arguments, nullptr, &data);
    instance = static_cast<Instance*>(data);
  }
};

napi_value refused(napi_env env, Status status) noexcept {
  if (status == Status::kOutOfMemory) return outOfMemory(env);
  napi_throw_error(env, "ERR_EASY11_INTERNAL", "the index cannot be changed now");
  return nullptr;
}

// Runs `body`, which reads strings and so may run out of memory.
template <class Body>
napi_value guard(napi_env env, Instance* instance, Body&& body) noexcept {
  try {
    napi_value result = body();
    instance->strings.clear();
    return result;
  } catch (const std::exception&) {
    return outOfMemory(env);
  }
}

// id, text, analysis, weight, price, inStock, categories. What a build gathers is told to V8 once, when the build is done:
// nothing of it could be collected meanwhile, and each report of growth makes V8 mark the caller's own entries, on this
// thread, for milliseconds.
template <Status (Autocomplete::*kMethod)(const EntryInput&, bool&) noexcept, bool kReports>
napi_value put(napi_env env, napi_callback_info info) {
  const Call<7> call(env, info);
  Instance* const instance = call.instance;
  return guard(env, instance, [&]() -> napi_value {
    Strings& strings = instance->strings;
    EntryInput entry;
    if (!strings.read(env, call.arguments[0]) || !strings.read(env, call.arguments[1]) ||
        !strings.read(env, call.arguments[6]))
      return fromBool(env, false);
    entry.analysed = strings.read(env, call.arguments[2]);
    entry.id = strings[0];
    entry.text = strings[1];
    entry.categories = strings[2];
    if (entry.analysed) entry.analysis = strings[3];
    entry.weight = toDouble(env, call.arguments[3], 0);
    entry.price = toDouble(env, call.arguments[4], 0);
    napi_get_value_bool(env, call.arguments[5], &entry.inStock);
    bool isNew = false;
    const Status status = (instance->index().*kMethod)(entry, isNew);
    if (kReports) instance->changed();
    return status == Status::kOk ? fromBool(env, isNew) : refused(env, status);
  });
}

// Entries as src/core/autocomplete/packing.ts lays them down: records of two doubles and four 32-bit numbers, then strings.
napi_value appendPacked(napi_env env, napi_callback_info info) {
  constexpr std::uint32_t kEntries = 32;
  struct Record {
    double weight, price;
    std::uint32_t id, text, categories, inStock;
  };
  const Call<2> call(env, info);
  void* data = nullptr;
  std::size_t size = 0;
  if (napi_get_arraybuffer_info(env, call.arguments[0], &data, &size) != napi_ok || size < kEntries * sizeof(Record))
    return fromInt(env, 0);
  const std::uint32_t count = std::min(toUint32(env, call.arguments[1]), kEntries);
  const char* const letters = static_cast<const char*>(data);
  std::size_t at = kEntries * sizeof(Record);
  std::uint32_t taken = 0;
  for (; taken < count; ++taken) {
    Record record;
    std::memcpy(&record, letters + taken * sizeof record, sizeof record);
    if (std::uint64_t{record.id} + record.text + record.categories > size - at) break;
    EntryInput entry;
    entry.id = {letters + at, record.id};
    entry.text = {letters + at + record.id, record.text};
    entry.categories = {letters + at + record.id + record.text, record.categories};
    at += std::size_t{record.id} + record.text + record.categories;
    entry.weight = record.weight;
    entry.price = record.price;
    entry.inStock = record.inStock != 0;
    bool isNew = false;
    const Status status = call.instance->index().append(entry, isNew);
    if (status != Status::kOk) return refused(env, status);
    if (!isNew) break;
  }
  return fromInt(env, static_cast<std::int32_t>(taken));
}

napi_value setWeight(napi_env env, napi_callback_info info) {
  const Call<2> call(env, info);
  return guard(env, call.instance, [&]() -> napi_value {
    Strings& strings = call.instance->strings;
    bool found = false;
    if (!strings.read(env, call.arguments[0])) return fromBool(env, false);
    const Status status = call.instance->index().setWeight(strings[0], toDouble(env, call.arguments[1], 0), found);
    call.instance->changed();
    return status == Status::kOk ? fromBool(env, found) : refused(env, status);
  });
}

napi_value remove(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  return guard(env, call.instance, [&]() -> napi_value {
    Strings& strings = call.instance->strings;
    bool found = false;
    if (!strings.read(env, call.arguments[0])) return fromBool(env, false);
    const Status status = call.instance->index().remove(strings[0], found);
    call.instance->changed();
    return status == Status::kOk ? fromBool(env, found) : refused(env, status);
  });
}

napi_value lookUp(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  return guard(env, call.instance, [&]() -> napi_value {
    Strings& strings = call.instance->strings;
    if (!strings.read(env, call.arguments[0])) return fromInt(env, -1);
    return fromDouble(env, static_cast<double>(call.instance->index().lookUp(strings[0])));
  });
}

// What many results say in one call: `kWidth` values of each, which `give(i, values)` makes, as arguments of the function
// that the caller passes, which makes an array of them. Setting the elements of an array from here costs more.
template <std::uint32_t kWidth, class Give>
napi_value allResults(napi_env env, napi_callback_info info, Give&& give) noexcept {
  const Call<2> call(env, info);
  const Autocomplete& index = call.instance->index();
  const std::uint32_t count = std::min(toUint32(env, call.arguments[0]), kMaxSearchLimit);
  napi_value values[kWidth * kMaxSearchLimit];
  index.fetchAhead(count);
  for (std::uint32_t i = 0; i < count; ++i) give(index, i, values + kWidth * i);
  napi_value receiver = nullptr;
  napi_value all = nullptr;
  napi_get_undefined(env, &receiver);
  napi_call_function(env, receiver, call.arguments[1], std::size_t{count} * kWidth, values, &all);
  return all;
}

napi_value idsOf(napi_env env, napi_callback_info info) {
  return allResults<1>(env, info, [&](const Autocomplete& index, std::uint32_t i, napi_value* values) {
    values[0] = fromString(env, index.idAt(i));
  });
}

napi_value entriesOf(napi_env env, napi_callback_info info) {
  return allResults<3>(env, info, [&](const Autocomplete& index, std::uint32_t i, napi_value* values) {
    const EntryOutput entry = index.textAt(i);
    values[0] = fromString(env, entry.id);
    values[1] = fromString(env, entry.text);
    values[2] = fromDouble(env, entry.weight);
  });
}

template <class Give>
napi_value entryPart(napi_env env, napi_callback_info info, Give&& give) noexcept {
  const Call<1> call(env, info);
  EntryOutput entry;
  call.instance->index().entryAt(toUint32(env, call.arguments[0]), entry);
  return give(entry);
}
napi_value idAt(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  return fromString(env, call.instance->index().idAt(toUint32(env, call.arguments[0])));
}
napi_value textAt(napi_env env, napi_callback_info info) {
  return entryPart(env, info, [&](const EntryOutput& entry) { return fromString(env, entry.text); });
}
napi_value weightAt(napi_env env, napi_callback_info info) {
  return entryPart(env, info, [&](const EntryOutput& entry) { return fromDouble(env, entry.weight); });
}
napi_value priceAt(napi_env env, napi_callback_info info) {
  return entryPart(env, info, [&](const EntryOutput& entry) { return fromDouble(env, entry.price); });
}
napi_value inStockAt(napi_env env, napi_callback_info info) {
  return entryPart(env, info, [&](const EntryOutput& entry) { return fromBool(env, entry.inStock); });
}
napi_value categoriesAt(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  return fromString(env, call.instance->index().categoriesAt(toUint32(env, call.arguments[0])));
}

napi_value share(napi_env env, napi_callback_info info) {
  const std::uint64_t token = Call<1>(env, info).instance->index().share();
  return token == 0 ? outOfMemory(env) : fromDouble(env, static_cast<double>(token));
}

napi_value size(napi_env env, napi_callback_info info) {
  return fromDouble(env, static_cast<double>(Call<1>(env, info).instance->index().size()));
}

napi_value found(napi_env env, Instance* instance, std::int32_t count) noexcept {
  instance->index().changes(instance->results.changes);
  return count == Autocomplete::kSearchFailed ? outOfMemory(env) : fromInt(env, count);
}

// A raw query. Only plain ASCII is of use, so its UTF-16 units are narrowed on the stack; a longer query than the class
// lets through, or any other character, needs analysis.
napi_value search(napi_env env, napi_callback_info info) {
  const Call<3> call(env, info);
  constexpr std::size_t kLongest = 1024;
  char16_t units[kLongest + 1];
  char letters[kLongest];
  std::size_t size = 0;
  if (napi_get_value_string_utf16(env, call.arguments[0], units, kLongest + 1, &size) != napi_ok || size == kLongest)
    return fromInt(env, kNeedsAnalysis);
  for (std::size_t i = 0; i < size; ++i) {
    if (units[i] > 0x7e) return fromInt(env, kNeedsAnalysis);
    letters[i] = static_cast<char>(units[i]);
  }
  const ResultArrays& out = call.instance->results;
  return found(env, call.instance,
               call.instance->index().search({letters, size}, toUint32(env, call.arguments[1]),
                                             toUint32(env, call.arguments[2]), out.slots, out.slips));
}

napi_value searchPlan(napi_env env, napi_callback_info info) {
  const Call<3> call(env, info);
  return guard(env, call.instance, [&]() -> napi_value {
    Strings& strings = call.instance->strings;
    if (!strings.read(env, call.arguments[0])) return fromInt(env, kNoWords);
    const ResultArrays& out = call.instance->results;
    return found(env, call.instance,
                 call.instance->index().searchPlan(strings[0], toUint32(env, call.arguments[1]),
                                                   toUint32(env, call.arguments[2]), out.slots, out.slips));
  });
}

napi_value setFilter(napi_env env, napi_callback_info info) {
  const Call<4> call(env, info);
  return guard(env, call.instance, [&]() -> napi_value {
    Strings& strings = call.instance->strings;
    if (!strings.read(env, call.arguments[0])) return nullptr;
    std::int32_t stock = -1;
    napi_get_value_int32(env, call.arguments[3], &stock);
    const Status status = call.instance->index().setFilter(strings[0], toDouble(env, call.arguments[1], 0),
                                                           toDouble(env, call.arguments[2], 0), stock);
    return status == Status::kOk ? nullptr : outOfMemory(env);
  });
}

napi_value functionOrNull(napi_env env, napi_value value) noexcept {
  napi_valuetype type = napi_undefined;
  napi_typeof(env, value, &type);
  return type == napi_function ? value : nullptr;
}

napi_value build(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  return startJob(env, call.instance, call.instance->index().build(), functionOrNull(env, call.arguments[0]));
}

napi_value save(napi_env env, napi_callback_info info) {
  const Call<2> call(env, info);
  return guard(env, call.instance, [&]() -> napi_value {
    Strings& strings = call.instance->strings;
    if (!strings.read(env, call.arguments[0])) return startJob(env, call.instance, nullptr, nullptr);
    bool withIndex = false;
    napi_get_value_bool(env, call.arguments[1], &withIndex);
    return startJob(env, call.instance, call.instance->index().save(strings[0], withIndex), nullptr);
  });
}

// With kMap, a file that can be mapped is: handing that to a thread and back is two waits for a processor, which take longer.
template <bool kMap>
napi_value load(napi_env env, napi_callback_info info) {
  const Call<2> call(env, info);
  return guard(env, call.instance, [&]() -> napi_value {
    Strings& strings = call.instance->strings;
    Autocomplete& index = call.instance->index();
    if (!strings.read(env, call.arguments[0])) return startJob(env, call.instance, nullptr, nullptr);
    bool mapped = false;
    const Status status = kMap ? index.map(strings[0], mapped) : Status::kOk;
    if (mapped || status != Status::kOk) return settledJob(env, status);
    return startJob(env, call.instance, index.load(strings[0]), functionOrNull(env, call.arguments[1]));
  });
}

napi_value verify(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  return startJob(env, call.instance, call.instance->index().verify(), nullptr);
}

napi_value awaitVerified(napi_env env, napi_callback_info info) {
  return fromInt(env, static_cast<std::int32_t>(Call<1>(env, info).instance->index().awaitVerified()));
}

napi_value stats(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  const AutocompleteStats stats = call.instance->index().stats();
  napi_value object = nullptr;
  if (napi_create_object(env, &object) != napi_ok) return nullptr;
  napi_set_named_property(env, object, "entries", fromDouble(env, static_cast<double>(stats.entries)));
  napi_set_named_property(env, object, "words", fromDouble(env, static_cast<double>(stats.words)));
  napi_set_named_property(env, object, "bytes", fromDouble(env, static_cast<double>(stats.bytes)));
  napi_set_named_property(env, object, "pending", fromDouble(env, static_cast<double>(stats.pending)));
  return object;
}

napi_value close(napi_env env, napi_callback_info info) {
  Call<1>(env, info).instance->close();
  return nullptr;
}

constexpr Method kMethods[] = {
    {"set", put<&Autocomplete::set, true>},
    {"append", put<&Autocomplete::append, false>},
    {"appendPacked", appendPacked},
    {"setWeight", setWeight},
    {"delete", remove},
    {"lookUp", lookUp},
    {"idsOf", idsOf},
    {"entriesOf", entriesOf},
    {"idAt", idAt},
    {"textAt", textAt},
    {"weightAt", weightAt},
    {"priceAt", priceAt},
    {"inStockAt", inStockAt},
    {"categoriesAt", categoriesAt},
    {"search", search},
    {"searchPlan", searchPlan},
    {"setFilter", setFilter},
    {"build", build},
    {"save", save},
    {"load", load<false>},
    {"open", load<true>},
    {"verify", verify},
    {"awaitVerified", awaitVerified},
    {"share", share},
    {"size", size},
    {"stats", stats},
    {"close", close},
};


// The engine's object, or null with an exception pending.
napi_value makeEngine(napi_env env, std::shared_ptr<Autocomplete> index, bool attached, const napi_value* arrays) noexcept {
  Instance* const instance = Instance::create(env, std::move(index), attached, arrays[0], arrays[1], arrays[2]);
  if (instance == nullptr) {
    napi_throw_type_error(env, "ERR_EASY11_INTERNAL", "an engine needs three Uint32Arrays of 1,000 or more on one buffer");
    return nullptr;
  }
  napi_value object = nullptr;
  constexpr const char* kArrays[] = {"slots", "slips", "changes"};
  bool made = napi_create_object(env, &object) == napi_ok;
  for (std::size_t i = 0; i < 3; ++i) made = made && napi_set_named_property(env, object, kArrays[i], arrays[i]) == napi_ok;
  made = made && addMethods(env, object, instance, kMethods);
  instance->release();  // from here on the functions own it
  return made ? object : nullptr;
}

}  // namespace

napi_value createAutocomplete(napi_env env, napi_callback_info info) {
  const Call<3> call(env, info);
  return makeEngine(env, Autocomplete::create(), false, call.arguments);
}

// token, slots, slips, changes; gives undefined when there is no index with this token.
napi_value attachAutocomplete(napi_env env, napi_callback_info info) {
  const Call<4> call(env, info);
  const double token = toDouble(env, call.arguments[0], 0);
  if (!(token >= 1 && token <= 9007199254740991.0)) return nullptr;
  auto index = Autocomplete::attach(static_cast<std::uint64_t>(token));
  return index == nullptr ? nullptr : makeEngine(env, std::move(index), true, call.arguments + 1);
}

}  // namespace easy11::bindings
