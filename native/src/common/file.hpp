#pragma once
// Files, as far as snapshots need them: read at once, or written aside and put in place only when complete.
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "easy11/status.hpp"
#include "job_control.hpp"

namespace easy11 {

// Paths are UTF-8.
Status readFile(const std::string& path, const JobControl& control, std::vector<char>& out);

// A file that appears under its name only by `commit`: written beside it, flushed to the disk, renamed.
class NewFile {
 public:
  NewFile() = default;
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  bool open(const std::string& path);
  bool write(const void* bytes, std::size_t size) noexcept;
  bool rewind() noexcept;
  bool commit() noexcept;

 private:
  std::string path_;
  std::string aside_;
  std::FILE* file_ = nullptr;
};

}  // namespace easy11
