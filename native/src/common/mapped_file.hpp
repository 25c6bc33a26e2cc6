#pragma once
// A file mapped into memory, privately: what is written to the memory stays in this process.
#include <cstddef>
#include <cstdint>
#include <string>

#include "easy11/status.hpp"

namespace easy11 {

class MappedFile {
 public:
  MappedFile() = default;
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  // kIo when it is no plain file with a byte in it, or cannot be mapped. Paths are UTF-8.
  Status open(const std::string& path);
  char* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace easy11
