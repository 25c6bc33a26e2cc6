// Many keys in one call: as values, or as the bytes of a JSON array that can go out as a response.
#include <cstdio>
#include <cstring>
#include <vector>

#include "cache_calls.hpp"

namespace easy11::bindings {
namespace {

// The keys of a call: an array of strings, or the strings joined by U+0000, which is ten times as fast to read.
class Keys {
 public:
  // False when they are not `count` strings. May throw std::bad_alloc.
  bool read(napi_env env, CacheHandle& handle, napi_value value, std::uint32_t count) {
    napi_valuetype type = napi_undefined;
    napi_typeof(env, value, &type);
    keys_.clear();
    keys_.reserve(count);
    if (type == napi_string) return handle.text.read(env, value) && split(handle.text, count);
    std::vector<std::size_t> ends;
    for (std::uint32_t i = 0; i < count; ++i) {
      napi_value element = nullptr;
      if (napi_get_element(env, value, i, &element) != napi_ok || !handle.key.read(env, element)) return false;
      bytes_.append(handle.key.bytes());
      ends.push_back(bytes_.size());
      keys_.push_back({{}, handle.key.wide()});
    }
    for (std::size_t i = 0; i < ends.size(); ++i) {
      const std::size_t start = i == 0 ? 0 : ends[i - 1];
      keys_[i].bytes = std::string_view(bytes_).substr(start, ends[i] - start);
    }
    return true;
  }
  const std::vector<CacheKey>& keys() const noexcept { return keys_; }

 private:
  bool split(const Text& text, std::uint32_t count) {
    if (text.wide()) return splitWide(text.bytes(), count);
    std::string_view left = text.bytes();
    for (;;) {
      const std::size_t end = left.find('\0');
      keys_.push_back({left.substr(0, end), false});
      if (end == std::string_view::npos) return keys_.size() == count;
      if (keys_.size() == count) return false;
      left.remove_prefix(end + 1);
    }
  }
  // Each key has the form it would have alone.
  bool splitWide(std::string_view text, std::uint32_t count) {
    const auto* const units = reinterpret_cast<const char16_t*>(text.data());
    const std::size_t size = text.size() / 2;
    bytes_.resize(size);
    for (std::size_t start = 0;; ) {
      std::size_t end = start;
      while (end < size && units[end] != 0) ++end;
      char* const out = bytes_.empty() ? nullptr : &bytes_[start];
      if (narrow(units + start, end - start, out)) keys_.push_back({{out, end - start}, false});
      else keys_.push_back({text.substr(start * 2, (end - start) * 2), true});
      if (end == size) return keys_.size() == count;
      if (keys_.size() == count) return false;
      start = end + 1;
    }
  }
  std::string bytes_;
  std::vector<CacheKey> keys_;
};

void appendUtf8(std::string& out, std::uint32_t point) {
  if (point < 0x80) {
    out.push_back(static_cast<char>(point));
  } else if (point < 0x800) {
    out.push_back(static_cast<char>(0xc0 | point >> 6));
    out.push_back(static_cast<char>(0x80 | (point & 0x3f)));
  } else if (point < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | point >> 12));
    out.push_back(static_cast<char>(0x80 | (point >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (point & 0x3f)));
  } else {
    out.push_back(static_cast<char>(0xf0 | point >> 18));
    out.push_back(static_cast<char>(0x80 | (point >> 12 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (point >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (point & 0x3f)));
  }
}

void appendEscaped(std::string& out, std::uint32_t unit) {
  static constexpr char kShort[] = "btn\x01" "fr";  // U+0008 … U+000D; U+000B has no short form
  if (unit == '"' || unit == '\\') {
    out.push_back('\\');
    out.push_back(static_cast<char>(unit));
  } else if (unit >= 8 && unit <= 13 && unit != 11) {
    out.push_back('\\');
    out.push_back(kShort[unit - 8]);
  } else {
    char text[8];
    std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(unit));
    out.append(text);
  }
}

bool plain(unsigned char byte) noexcept { return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\'; }

// As JSON.stringify writes a string: control characters and lone surrogates escaped.
void appendQuoted(std::string& out, const CacheValue& value) {
  out.push_back('"');
  if (value.kind == ValueKind::kLatin1) {
    const char* at = value.bytes.data();
    const char* const end = at + value.bytes.size();
    while (at < end) {
      const char* run = at;
      while (run < end && plain(static_cast<unsigned char>(*run))) ++run;
      out.append(at, static_cast<std::size_t>(run - at));
      at = run;
      if (at == end) break;
      const auto byte = static_cast<unsigned char>(*at++);
      if (byte < 0x80 && byte != 0x7f) appendEscaped(out, byte);
      else appendUtf8(out, byte);
    }
  } else {
    for (std::size_t i = 0; i + 1 < value.bytes.size(); i += 2) {
      const auto unitAt = [&](std::size_t at) {
        char16_t unit;
        std::memcpy(&unit, value.bytes.data() + at, 2);
        return static_cast<std::uint32_t>(unit);
      };
      const std::uint32_t unit = unitAt(i);
      if (unit < 0x20 || unit == '"' || unit == '\\') {
        appendEscaped(out, unit);
      } else if (unit < 0xd800 || unit > 0xdfff) {
        appendUtf8(out, unit);
      } else {
        const std::uint32_t low = unit < 0xdc00 && i + 3 < value.bytes.size() ? unitAt(i + 2) : 0;
        if (low >= 0xdc00 && low <= 0xdfff) {
          appendUtf8(out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
          i += 2;
        } else {
          appendEscaped(out, unit);
        }
      }
    }
  }
  out.push_back('"');
}

// The bytes of a JSON array.
class JsonSink final : public Cache::ManySink {
 public:
  explicit JsonSink(std::string& out) : out_(out) { out_.assign(1, '['); }
  void value(std::size_t position, const CacheValue* value) override {
    if (position > 0) out_.push_back(',');
    if (value == nullptr) out_.append("null");
    else if (value->kind == ValueKind::kJson || value->kind == ValueKind::kBytes) out_.append(value->bytes);
    else if (value->kind == ValueKind::kNumber) number(*value);
    else appendQuoted(out_, *value);
  }
  void end() { out_.push_back(']'); }

 private:
  // A whole number within 2^53.
  void number(const CacheValue& value) {
    double number;
    std::memcpy(&number, value.bytes.data(), sizeof number);
    char text[32];
    std::snprintf(text, sizeof text, "%lld", static_cast<long long>(number));
    out_.append(text);
  }
  std::string& out_;
};

// Copies, made into JavaScript values when no lock is held any more.
class CopySink final : public Cache::ManySink {
 public:
  explicit CopySink(std::string& out) : out_(out) { out_.clear(); }
  void value(std::size_t, const CacheValue* value) override {
    if (out_.size() % 2 != 0) out_.push_back('\0');  // UTF-16 lies at even addresses
    if (value == nullptr) {
      pieces.push_back({0, 0, kNoValue});
      return;
    }
    pieces.push_back({out_.size(), value->bytes.size(), static_cast<std::uint32_t>(value->kind)});
    out_.append(value->bytes);
  }
  struct Piece {
    std::size_t offset, size;
    std::uint32_t kind;
  };
  std::vector<Piece> pieces;

 private:
  std::string& out_;
};

void shrink(std::string& output) {
  constexpr std::size_t kKeep = 1 << 20;
  if (output.capacity() > kKeep) std::string().swap(output);
}

}  // namespace

// keys, count: an array, or undefined when the keys do not split into `count`
napi_value getMany(napi_env env, napi_callback_info info) {
  const CacheArguments<2> call(env, info);
  CacheHandle* const handle = call.handle;
  return guardCache(env, handle, [&]() -> napi_value {
    Keys keys;
    const std::uint32_t count = toUint32(env, call[1]);
    if (count > kMostAtOnce || !keys.read(env, *handle, call[0], count)) return nullptr;
    CopySink sink(handle->output);
    if (handle->cache().getMany(keys.keys().data(), count, handle->call(), sink) != Status::kOk) throw std::bad_alloc();
    handle->tellLeft();
    napi_value array = nullptr;
    if (napi_create_array_with_length(env, count, &array) != napi_ok) return nullptr;
    for (std::uint32_t i = 0; i < count; ++i) {
      const CopySink::Piece& piece = sink.pieces[i];
      handle->state()[kStateKinds + i] = piece.kind;
      if (piece.kind == kNoValue) continue;
      const std::string_view bytes(handle->output.data() + piece.offset, piece.size);
      napi_set_element(env, array, i, fromValue(env, {bytes, static_cast<ValueKind>(piece.kind)}));
    }
    shrink(handle->output);
    return array;
  });
}

// keys, count: a Buffer, or undefined when the keys do not split into `count`
napi_value getManyJson(napi_env env, napi_callback_info info) {
  const CacheArguments<2> call(env, info);
  CacheHandle* const handle = call.handle;
  return guardCache(env, handle, [&]() -> napi_value {
    Keys keys;
    const std::uint32_t count = toUint32(env, call[1]);
    if (!keys.read(env, *handle, call[0], count)) return nullptr;
    JsonSink sink(handle->output);
    if (handle->cache().getMany(keys.keys().data(), count, handle->call(), sink) != Status::kOk) throw std::bad_alloc();
    sink.end();
    handle->tellLeft();
    napi_value buffer = nullptr;
    if (napi_create_buffer_copy(env, handle->output.size(), handle->output.data(), nullptr, &buffer) != napi_ok)
      throw std::bad_alloc();
    shrink(handle->output);
    return buffer;
  });
}

}  // namespace easy11::bindings
