#include "file.hpp"

#include <algorithm>
#include <chrono>

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <io.h>
#include <windows.h>
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace easy11 {
namespace {

#if defined(_WIN32)

std::wstring wide(const std::string& path) {
  const int size = MultiByteToWideChar(CP_UTF8, 0, path.data(), static_cast<int>(path.size()), nullptr, 0);
  std::wstring out(static_cast<std::size_t>(size), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, path.data(), static_cast<int>(path.size()), out.data(), size);
  return out;
}
std::FILE* openFile(const std::string& path, bool forWriting) {
  return _wfopen(wide(path).c_str(), forWriting ? L"wbx" : L"rb");
}
bool flushToDisk(std::FILE* file) noexcept { return std::fflush(file) == 0 && _commit(_fileno(file)) == 0; }
bool replaceFile(const std::string& from, const std::string& to) {
  return MoveFileExW(wide(from).c_str(), wide(to).c_str(), MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) != 0;
}
void removeFile(const std::string& path) { _wremove(wide(path).c_str()); }
bool isPlainFile(std::FILE*) noexcept { return true; }
int seekTo(std::FILE* file, std::int64_t at, int whence) noexcept { return _fseeki64(file, at, whence); }
std::int64_t position(std::FILE* file) noexcept { return _ftelli64(file); }

#else

std::FILE* openFile(const std::string& path, bool forWriting) {
  return std::fopen(path.c_str(), forWriting ? "wbx" : "rb");
}
bool flushToDisk(std::FILE* file) noexcept { return std::fflush(file) == 0 && fsync(fileno(file)) == 0; }
bool replaceFile(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return false;
  // The new name is safe only once its directory is on the disk; where that cannot be asked for, it is not.
  const std::size_t slash = to.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : slash == 0 ? "/" : to.substr(0, slash);
  const int handle = open(directory.c_str(), O_RDONLY | O_CLOEXEC);
  if (handle >= 0) {
    fsync(handle);
    close(handle);
  }
  return true;
}
void removeFile(const std::string& path) { unlink(path.c_str()); }
bool isPlainFile(std::FILE* file) noexcept {
  struct stat about;
  return fstat(fileno(file), &about) == 0 && S_ISREG(about.st_mode);
}
int seekTo(std::FILE* file, std::int64_t at, int whence) noexcept {
  return fseeko(file, static_cast<off_t>(at), whence);
}
std::int64_t position(std::FILE* file) noexcept { return static_cast<std::int64_t>(ftello(file)); }

#endif

}  // namespace

Status readFile(const std::string& path, const JobControl& control, std::vector<char>& out) {
  struct Closer {
    std::FILE* file;
    ~Closer() {
      if (file != nullptr) std::fclose(file);
    }
  } const closer{openFile(path, false)};
  std::FILE* const file = closer.file;
  if (file == nullptr || !isPlainFile(file) || seekTo(file, 0, SEEK_END) != 0) return Status::kIo;
  const std::int64_t size = position(file);
  if (size < 0 || seekTo(file, 0, SEEK_SET) != 0) return Status::kIo;
  out.resize(static_cast<std::size_t>(size));
  constexpr std::size_t kPiece = 1 << 20;
  for (std::size_t at = 0; at < out.size(); at += kPiece) {
    if (control.cancelled()) return Status::kCancelled;
    const std::size_t piece = std::min(kPiece, out.size() - at);
    if (std::fread(out.data() + at, 1, piece, file) != piece) return Status::kIo;
  }
  return Status::kOk;
}

NewFile::~NewFile() {
  if (file_ != nullptr) std::fclose(file_);
  if (!aside_.empty()) removeFile(aside_);
}

bool NewFile::open(const std::string& path) {
  path_ = path;
  auto number = static_cast<unsigned long long>(std::chrono::system_clock::now().time_since_epoch().count());
  for (int attempt = 0; attempt < 16 && file_ == nullptr; ++attempt, ++number) {
    char suffix[32];
    std::snprintf(suffix, sizeof suffix, ".%llx.tmp", number);
    std::string name = path + suffix;
    file_ = openFile(name, true);
    if (file_ != nullptr) aside_ = std::move(name);
  }
  return file_ != nullptr;
}

bool NewFile::write(const void* bytes, std::size_t size) noexcept {
  return size == 0 || std::fwrite(bytes, 1, size, file_) == size;
}

bool NewFile::rewind() noexcept { return seekTo(file_, 0, SEEK_SET) == 0; }

bool NewFile::commit() noexcept {
  const bool flushed = flushToDisk(file_);
  const bool closed = std::fclose(file_) == 0;
  file_ = nullptr;
  if (!flushed || !closed || !replaceFile(aside_, path_)) return false;
  aside_.clear();
  return true;
}

}  // namespace easy11
