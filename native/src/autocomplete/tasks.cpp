#include "tasks.hpp"

#include <stdexcept>

namespace easy11 {
namespace {

Status statusOf(Built built) noexcept {
  return built == Built::kDone ? Status::kOk : built == Built::kCancelled ? Status::kCancelled : Status::kOutOfMemory;
}

class BuildTask final : public Task {
 public:
  explicit BuildTask(std::shared_ptr<Autocomplete::Core> core)
      : core_(std::move(core)), batch_(core_->beginBulk(&ids_)) {}

  Status run(const std::atomic<bool>& cancel, Progress progress, void* context) noexcept override {
    return guarded([&] {
      const std::unique_ptr<Batch> batch = std::move(batch_);
      if (batch == nullptr || batch->size() == 0) return Status::kOk;
      auto segment = std::make_shared<Segment>();
      const Status status = statusOf(buildSegment(*batch, JobControl{cancel, progress, context}, *segment, ids_));
      if (status == Status::kOk) segment_ = std::move(segment);
      return status;
    });
  }
  Status finish(Status status) noexcept override {
    if (core_->closed()) return Status::kCancelled;
    if (status == Status::kOk) return core_->install(std::move(segment_), std::move(ids_), nullptr);
    core_->abandon();
    return status;
  }

 private:
  std::shared_ptr<Autocomplete::Core> core_;
  IdMap ids_;
  std::unique_ptr<Batch> batch_;
  std::shared_ptr<const Segment> segment_;
};

class LoadTask final : public Task {
 public:
  LoadTask(std::shared_ptr<Autocomplete::Core> core, std::string path) : core_(std::move(core)), path_(std::move(path)) {
    core_->beginBulk(nullptr);
  }

  Status run(const std::atomic<bool>& cancel, Progress progress, void* context) noexcept override {
    return guarded([&] {
      const JobControl control{cancel, progress, context};
      SnapshotContent content;
      Status status = readSnapshot(path_, control, content);
      if (status != Status::kOk || content.entries.empty()) return status;
      auto segment = std::make_shared<Segment>();
      status = statusOf(buildSegment(content.entries, control, *segment));
      segment_ = std::move(segment);
      ids_ = std::move(content.ids);
      categories_ = std::move(content.categories);
      return status;
    });
  }
  Status finish(Status status) noexcept override {
    if (core_->closed()) return Status::kCancelled;
    if (status != Status::kOk) {
      core_->abandon();
      return status;
    }
    return core_->install(std::move(segment_), std::move(ids_), &categories_);
  }

 private:
  std::shared_ptr<Autocomplete::Core> core_;
  std::string path_;
  std::shared_ptr<const Segment> segment_;
  IdMap ids_;
  Categories categories_;
};

// Checks what was only mapped, and lets it be searched.
class VerifyTask final : public Task {
 public:
  explicit VerifyTask(std::shared_ptr<Autocomplete::Core> core) : core_(std::move(core)), opened_(core_->takeOpened()) {}
  ~VerifyTask() override {
    if (opened_ != nullptr) core_->endVerifying(Status::kCancelled);  // if it has not run
  }

  Status run(const std::atomic<bool>& cancel, Progress, void*) noexcept override {
    if (opened_ == nullptr) return core_->awaitVerified();
    const Status status = guarded([&] {
      const Status verified = verifySnapshot(*opened_, JobControl{cancel});
      return verified == Status::kOk
                 ? core_->install(std::move(opened_->segment), std::move(opened_->ids), &opened_->categories)
                 : verified;
    });
    core_->endVerifying(status);
    return status;
  }
  Status finish(Status status) noexcept override { return status; }

 private:
  std::shared_ptr<Autocomplete::Core> core_;
  std::unique_ptr<OpenedSnapshot> opened_;
};

// Holds on to the segments as they are now; what changes later is not in the file.
class SaveTask final : public Task {
 public:
  SaveTask(Autocomplete::Core& core, std::string path, bool index) : path_(std::move(path)), index_(index) {
    std::vector<MergeInput> segments;
    core.capture(segments, newest_, names_, categories_);
    for (MergeInput& segment : segments) sources_.push_back({std::move(segment.segment), std::move(segment.dead)});
  }

  Status run(const std::atomic<bool>& cancel, Progress progress, void* context) noexcept override {
    return guarded([&] {
      const JobControl control{cancel, progress, context};
      if (newest_.size() > 0) {
        auto segment = std::make_shared<Segment>();
        std::vector<DocumentView> entries;
        for (std::size_t i = 0; i < newest_.size(); ++i) entries.push_back(newest_[i]);
        const Status status = statusOf(buildSegment(entries, JobControl{cancel}, *segment));
        if (status != Status::kOk) return status;
        sources_.push_back({std::move(segment), {}});
      }
      const Status status = writeSnapshot(path_, sources_, names_, categories_, index_, control);
      sources_.clear();  // here rather than by the owner, should these be the last references
      return status;
    });
  }
  Status finish(Status status) noexcept override { return status; }

 private:
  std::string path_;
  const bool index_;
  Categories::Names names_;
  std::uint32_t categories_ = 0;
  std::vector<SnapshotSource> sources_;
  Batch newest_;
};

}  // namespace

std::unique_ptr<Task> newBuildTask(std::shared_ptr<Autocomplete::Core> core) {
  return std::make_unique<BuildTask>(std::move(core));
}
std::unique_ptr<Task> newSaveTask(Autocomplete::Core& core, std::string path, bool index) {
  return std::make_unique<SaveTask>(core, std::move(path), index);
}
std::unique_ptr<Task> newLoadTask(std::shared_ptr<Autocomplete::Core> core, std::string path) {
  return std::make_unique<LoadTask>(std::move(core), std::move(path));
}
std::unique_ptr<Task> newVerifyTask(std::shared_ptr<Autocomplete::Core> core) {
  return std::make_unique<VerifyTask>(std::move(core));
}

}  // namespace easy11
