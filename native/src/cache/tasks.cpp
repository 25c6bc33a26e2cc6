// Dumping and loading, on any thread. The cache stays in use meanwhile: each shard is written as it is at one moment.
#include <algorithm>
#include <cmath>

#include "../common/file.hpp"
#include "../common/guarded.hpp"
#include "core.hpp"
#include "dump.hpp"
#include "easy11/crc32.hpp"

namespace easy11 {
namespace {

using Guard = std::lock_guard<ShortLock>;

class DumpTask final : public Task {
 public:
  DumpTask(std::shared_ptr<CacheCore> core, std::string path, double wallClock, double now)
      : core_(std::move(core)), path_(std::move(path)), now_(now) {
    header_.savedAt = wallClock;
  }

  Status run(const std::atomic<bool>& cancel, Progress progress, void* context) noexcept override {
    return guarded([&] {
      const JobControl control{cancel, progress, context};
      NewFile file;
      unsigned char bytes[kDumpHeader] = {};
      if (!file.open(path_) || !file.write(bytes, sizeof bytes)) return Status::kIo;
      const std::uint64_t total = core_->shards().size();
      for (std::uint64_t i = 0; i < total; ++i) {
        if (control.cancelled()) return Status::kCancelled;
        std::string records;
        collect(*core_->shards()[static_cast<std::size_t>(i)], records);
        header_.payloadBytes += records.size();
        if (!writePieces(file, records, control)) return control.cancelled() ? Status::kCancelled : Status::kIo;
        control.report(i + 1, total);
      }
      encodeHeader(header_, bytes);
      if (control.cancelled()) return Status::kCancelled;
      return file.rewind() && file.write(bytes, sizeof bytes) && file.commit() ? Status::kOk : Status::kIo;
    });
  }
  Status finish(Status status) noexcept override { return status; }

 private:
  void collect(Shard& shard, std::string& out) {
    Clock clock(now_);
    std::string tags;
    const Guard guard(shard.lock);
    out.reserve(static_cast<std::size_t>(shard.charge() + shard.count() * 8));
    shard.each([&](const Entry& entry) {
      if (shard.gone(entry, clock)) return;
      tags.clear();
      if (entry.tagged()) core_->tags().namesOf(entry, tags);
      const double remaining =
          entry.expires() ? double{kTickMilliseconds} * entry.expiry() - clock.milliseconds() : HUGE_VAL;
      appendRecord({entry.key(), entry.value(), remaining, entry.main(), entry.frequency(), tags}, out);
      ++header_.count;
    });
  }
  bool writePieces(NewFile& file, const std::string& bytes, const JobControl& control) {
    constexpr std::size_t kPiece = 1 << 20;
    for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
      const std::size_t size = std::min(kPiece, bytes.size() - at);
      if (control.cancelled() || !file.write(bytes.data() + at, size)) return false;
      header_.payloadChecksum = crc32(header_.payloadChecksum, bytes.data() + at, size);
    }
    return true;
  }

  std::shared_ptr<CacheCore> core_;
  std::string path_;
  double now_;
  DumpHeader header_;
};

class LoadTask final : public Task {
 public:
  LoadTask(std::shared_ptr<CacheCore> core, std::string path, double wallClock, double now)
      : core_(std::move(core)), path_(std::move(path)), wallClock_(wallClock), now_(now) {}

  Status run(const std::atomic<bool>& cancel, Progress progress, void* context) noexcept override {
    return guarded([&] {
      const JobControl control{cancel, progress, context};
      std::vector<char> bytes;
      DumpHeader header;
      Status status = readFile(path_, control, bytes);
      const std::string_view file(bytes.data(), bytes.size());
      if (status == Status::kOk) status = checkDump(file, control, header);
      if (status != Status::kOk) return status;
      const double age = std::max(0.0, wallClock_ - header.savedAt);
      core_->clear();
      DumpRecord record;
      std::uint64_t done = 0;
      for (std::size_t at = kDumpHeader; at < file.size(); ++done) {
        if (control.cancelledAt(done)) return Status::kCancelled;
        if ((done & 0xffff) == 0) control.report(done, header.count);
        if (!readRecord(file, at, record)) return Status::kInternal;
        put(record, record.remaining - age);
      }
      control.report(header.count, header.count);
      return Status::kOk;
    });
  }
  Status finish(Status status) noexcept override { return status; }

 private:
  void put(const DumpRecord& record, double remaining) {
    core_->restore(record.key, record.value, {std::isinf(remaining) ? 0 : remaining, record.tags},
                   !std::isinf(remaining), record.main, record.frequency, now_);
  }

  std::shared_ptr<CacheCore> core_;
  std::string path_;
  double wallClock_, now_;
};

}  // namespace

std::unique_ptr<Task> newDumpTask(std::shared_ptr<CacheCore> core, std::string path, double wallClock, double now) {
  return std::make_unique<DumpTask>(std::move(core), std::move(path), wallClock, now);
}
std::unique_ptr<Task> newLoadTask(std::shared_ptr<CacheCore> core, std::string path, double wallClock, double now) {
  return std::make_unique<LoadTask>(std::move(core), std::move(path), wallClock, now);
}

}  // namespace easy11
