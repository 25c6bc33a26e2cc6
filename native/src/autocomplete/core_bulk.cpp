#include <utility>

#include "../common/guarded.hpp"
#include "core.hpp"

namespace easy11 {

bool Autocomplete::Core::empty() noexcept {
  const Lock lock(mutex_);
  return entries() == 0 && !busy_ && !closed_;
}

// Frees what entries that are gone have left behind, before an empty index is filled in bulk.
Status Autocomplete::Core::reset() {
  worker_.stop();
  merging_.clear();
  View& view = edit();
  auto fresh = std::make_shared<Memtable>();
  view.parts.clear();
  view.parts.reserve(1);
  view.memtable = std::move(fresh);
  commit();
  retired_.clear();
  moved_.clear();
  killed_.clear();
  slots_ = {};
  mergeWanted_ = false;
  return Status::kOk;
}

Status Autocomplete::Core::append(const EntryInput& input, bool& isNew) {
  const Lock lock(mutex_);
  if (busy_ || closed_ || entries() > 0) return Status::kInvalidArgument;
  if (!staged_) {
    auto batch = std::make_unique<Batch>();
    reset();
    staged_ = std::move(batch);
  }
  const std::uint64_t hash = ids_.hash(input.id);
  std::uint32_t slot = 0;
  isNew = !find(input.id, hash, slot);
  if (!isNew) return Status::kOk;
  DocumentView entry = stored(input);
  entry.slot = static_cast<std::uint32_t>(staged_->size());
  ids_.reserveOne(hash);
  staged_->add(entry);
  ids_.insert(hash, entry.slot);
  return Status::kOk;
}

// Gives the appended entries and their ids to a build; none for a load, whose `ids` is null. Until `install` or `abandon`
// nothing else may change the index.
std::unique_ptr<Batch> Autocomplete::Core::beginBulk(IdMap* ids) {
  const Lock lock(mutex_);
  if (!staged_) reset();
  busy_ = true;
  if (ids != nullptr) *ids = std::exchange(ids_, IdMap());
  return std::move(staged_);
}

Status Autocomplete::Core::install(std::shared_ptr<const Segment> segment, IdMap&& ids, Categories* categories) noexcept {
  const Lock lock(mutex_);
  if (closed_) return Status::kCancelled;
  busy_ = false;
  return guarded([&] {
    if (categories != nullptr) categories_ = std::move(*categories);
    if (segment == nullptr || segment->size() == 0) return Status::kOk;
    SlotTable slots;
    slots.fill(segment->size());
    View& view = edit();
    auto part = std::make_shared<Part>();
    part->number = kFirstSegment;
    part->segment = std::move(segment);
    view.parts.push_back(part);
    slots_ = std::move(slots);
    ids_ = std::move(ids);
    entries_.store(part->segment->size(), std::memory_order_relaxed);
    nextNumber_ = kFirstSegment + 1;
    commit();
    return Status::kOk;
  });
}

Status Autocomplete::Core::map(const std::string& path, bool& mapped) {
  mapped = false;
  auto opened = std::make_unique<OpenedSnapshot>();
  const Status status = openSnapshot(path, *opened);
  if (status != Status::kOk || opened->segment == nullptr) return status;
  const Lock lock(mutex_);
  if (entries() > 0 || staged_ || busy_ || closed_) return Status::kInvalidArgument;
  reset();
  busy_ = verifying_ = true;
  opened_ = std::move(opened);
  mapped = true;
  return Status::kOk;
}

std::unique_ptr<OpenedSnapshot> Autocomplete::Core::takeOpened() noexcept {
  const Lock lock(mutex_);
  return std::move(opened_);
}

void Autocomplete::Core::endVerifying(Status status) noexcept {
  {
    const Lock lock(mutex_);
    if (!verifying_) return;
    verifying_ = false;
    verified_ = status;
  }
  verifiedChanged_.notify_all();
}

Status Autocomplete::Core::awaitVerified() noexcept {
  std::unique_lock<std::mutex> lock(mutex_);
  verifiedChanged_.wait(lock, [this] { return !verifying_; });
  return verified_;
}

// After a build or load that failed: empty again.
void Autocomplete::Core::abandon() noexcept {
  const Lock lock(mutex_);
  busy_ = false;
  staged_.reset();
  ids_ = IdMap();
}

void Autocomplete::Core::capture(std::vector<MergeInput>& segments, Batch& newest, Categories::Names& names,
                                 std::uint32_t& categories) {
  const Lock lock(mutex_);
  names = categories_.names();
  categories = categories_.size();
  for (const auto& part : view_->parts) segments.push_back({part->segment, part->dead.plain(part->segment->size()), {}});
  for (const std::uint16_t position : memtable()) newest.add(memtable().view(position));
}

}  // namespace easy11
