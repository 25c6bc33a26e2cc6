#include "cache_handle.hpp"

#include <cstring>
#include <new>

#include "arguments.hpp"

namespace easy11::bindings {

bool narrow(const char16_t* units, std::size_t count, char* out) noexcept {
  unsigned all = 0;
  for (std::size_t i = 0; i < count; ++i) {
    all |= units[i];
    out[i] = static_cast<char>(units[i]);
  }
  return all <= 0xff;
}

bool Text::read(napi_env env, napi_value value) {
  std::size_t size = 0;
  if (napi_get_value_string_utf16(env, value, shortUnits_, kShort, &size) != napi_ok) return false;
  const char16_t* units = shortUnits_;
  char* narrowed = shortBytes_;
  if (size == kShort - 1) {
    if (napi_get_value_string_utf16(env, value, nullptr, 0, &size) != napi_ok) return false;
    if (units_.size() < size + 1) {
      units_.resize(size + 1);
      narrow_.resize(size + 1);
    }
    if (napi_get_value_string_utf16(env, value, units_.data(), units_.size(), &size) != napi_ok) return false;
    units = units_.data();
    narrowed = narrow_.data();
  }
  wide_ = !narrow(units, size, narrowed);
  bytes_ = wide_ ? std::string_view(reinterpret_cast<const char*>(units), size * 2) : std::string_view(narrowed, size);
  return true;
}

void Text::clear() {
  constexpr std::size_t kKeep = 1 << 17;
  if (units_.size() <= kKeep) return;
  units_ = {};
  narrow_ = {};
}

napi_value fromValue(napi_env env, const CacheValue& value) noexcept {
  napi_value made = nullptr;
  const char* const bytes = value.bytes.data();
  const std::size_t size = value.bytes.size();
  switch (value.kind) {
    case ValueKind::kLatin1:
      napi_create_string_latin1(env, bytes, size, &made);
      break;
    case ValueKind::kUtf16:
      napi_create_string_utf16(env, reinterpret_cast<const char16_t*>(bytes), size / 2, &made);
      break;
    case ValueKind::kJson: {
      unsigned char all = 0;
      for (const char byte : value.bytes) all |= static_cast<unsigned char>(byte);
      // V8 takes Latin-1 as it is; UTF-8 it has to decode.
      if (all < 0x80) napi_create_string_latin1(env, bytes, size, &made);
      else napi_create_string_utf8(env, bytes, size, &made);
      break;
    }
    case ValueKind::kBytes:
      napi_create_buffer_copy(env, size, bytes, nullptr, &made);
      break;
    case ValueKind::kNumber: {
      double number = 0;
      std::memcpy(&number, bytes, sizeof number);
      made = fromDouble(env, number);
      break;
    }
  }
  return made;
}

void Departures::departed(const CacheKey& key, const CacheValue& value, Departure why) noexcept {
  try {
    left.push_back({std::string(key.bytes), std::string(value.bytes), key.wide, value.kind, why});
  } catch (const std::bad_alloc&) {
    // Without memory to tell of it, the entry leaves untold: the cache itself must go on.
    return;
  }
}

bool Mailbox::open(napi_env env, const std::shared_ptr<Mailbox>& box, napi_value onLanded) noexcept {
  auto* const share = new (std::nothrow) std::shared_ptr<Mailbox>(box);
  if (share == nullptr) return false;
  const auto onEnd = [](napi_env, void* data, void*) {
    auto* const share = static_cast<std::shared_ptr<Mailbox>*>(data);
    {
      const std::lock_guard<std::mutex> guard((*share)->mutex_);
      (*share)->events_ = nullptr;
    }
    delete share;
  };
  napi_value name = nullptr;
  napi_create_string_utf8(env, "easy11 cache", NAPI_AUTO_LENGTH, &name);
  const std::lock_guard<std::mutex> guard(box->mutex_);
  if (napi_create_threadsafe_function(env, onLanded, nullptr, name, 0, 1, share, onEnd, box.get(), deliver,
                                      &box->events_) != napi_ok) {
    box->events_ = nullptr;
    delete share;
    return false;
  }
  napi_unref_threadsafe_function(env, box->events_);
  return true;
}

void Mailbox::expectOne(napi_env env) noexcept {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (++expected_ == 1 && events_ != nullptr) napi_ref_threadsafe_function(env, events_);
}

void Mailbox::close() noexcept {
  napi_threadsafe_function events = nullptr;
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    std::swap(events, events_);
    letters_.clear();
  }
  if (events != nullptr) napi_release_threadsafe_function(events, napi_tsfn_abort);
}

void Mailbox::landed(std::uint64_t flight, const std::shared_ptr<const FlightOutcome>& outcome) noexcept {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (events_ == nullptr) return;
  try {
    letters_.emplace_back(flight, outcome);
  } catch (const std::bad_alloc&) {
    return;
  }
  // After napi_closing the function must not be touched again.
  if (napi_call_threadsafe_function(events_, nullptr, napi_tsfn_nonblocking) == napi_closing) events_ = nullptr;
}

void Mailbox::deliver(napi_env env, napi_value onLanded, void* context, void*) {
  if (env == nullptr) return;
  Mailbox* const box = static_cast<Mailbox*>(context);
  std::deque<std::pair<std::uint64_t, std::shared_ptr<const FlightOutcome>>> letters;
  {
    const std::lock_guard<std::mutex> guard(box->mutex_);
    letters.swap(box->letters_);
    box->expected_ -= static_cast<std::uint32_t>(letters.size());
    if (box->expected_ == 0 && box->events_ != nullptr) napi_unref_threadsafe_function(env, box->events_);
  }
  napi_value receiver = nullptr;
  napi_get_undefined(env, &receiver);
  for (const auto& [flight, outcome] : letters) {
    napi_value value = receiver;
    if (outcome->kind == FlightOutcome::kValue || outcome->kind == FlightOutcome::kFailed)
      value = fromValue(env, {outcome->bytes, outcome->valueKind});
    napi_value arguments[] = {fromDouble(env, static_cast<double>(flight)), fromInt(env, outcome->kind),
                              fromInt(env, static_cast<std::int32_t>(outcome->valueKind)), value};
    napi_call_function(env, receiver, onLanded, 4, arguments, nullptr);
  }
}

CacheHandle* CacheHandle::create(napi_env env, std::shared_ptr<Cache> cache, napi_value state, napi_value onLanded,
                                 bool watching) noexcept {
  bool isTyped = false;
  if (napi_is_typedarray(env, state, &isTyped) != napi_ok || !isTyped) return nullptr;
  napi_typedarray_type type;
  std::size_t length = 0;
  void* data = nullptr;
  napi_value buffer = nullptr;
  if (napi_get_typedarray_info(env, state, &type, &length, &data, &buffer, nullptr) != napi_ok) return nullptr;
  if (type != napi_uint32_array || length < kStateLength) return nullptr;
  CacheHandle* handle = nullptr;
  try {
    handle = new CacheHandle(env, std::move(cache), watching);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  // The buffer is the class's own, never given out and so never detached: its memory stays where it is.
  handle->state_ = static_cast<std::uint32_t*>(data);
  // `onLanded` leads back to the object that owns this handle: a strong reference would keep both for ever. It lives as
  // long as the object, which holds it as a property.
  if (napi_create_reference(env, buffer, 1, &handle->buffer_) == napi_ok &&
      napi_create_reference(env, onLanded, 0, &handle->onLanded_) == napi_ok)
    return handle;
  handle->release();
  return nullptr;
}

bool CacheHandle::wait(napi_env env) noexcept {
  if (!boxOpen_) {
    napi_value onLanded = nullptr;
    if (napi_get_reference_value(env, onLanded_, &onLanded) != napi_ok || onLanded == nullptr) return false;
    boxOpen_ = Mailbox::open(env, mailbox_, onLanded);
  }
  return boxOpen_;
}

void CacheHandle::close() noexcept {
  cancelJobs();
  if (cache_ != nullptr) cache_->leave(mailbox_.get());
  mailbox_->close();
  cache_.reset();
}

void CacheHandle::destroy() noexcept {
  close();
  if (buffer_ != nullptr) napi_delete_reference(env_, buffer_);
  if (onLanded_ != nullptr) napi_delete_reference(env_, onLanded_);
  delete this;
}

}  // namespace easy11::bindings
