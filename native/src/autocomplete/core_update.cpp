#include "core.hpp"

namespace easy11 {

// The index of a segment in the view; its number must be there.
std::size_t Autocomplete::Core::partOf(std::uint32_t number) const noexcept {
  std::size_t index = 0;
  while (view_->parts[index]->number != number) ++index;
  return index;
}

// Follows merges that the slot table has not heard of yet.
Location Autocomplete::Core::locate(std::uint32_t slot) const noexcept {
  Location location = slots_.at(slot);
  for (const Retired& retired : retired_)  // in the order of their merges
    if (retired.number == location.home) location = {retired.into, retired.newRank[location.at]};
  return location;
}

DocumentView Autocomplete::Core::viewAt(Location location) const noexcept {
  return location.home == kInMemtable ? memtable().view(location.at)
                                      : view_->parts[partOf(location.home)]->segment->documents.view(location.at);
}

double Autocomplete::Core::weightAt(Location location) const noexcept {
  return location.home == kInMemtable ? memtable().weight(location.at)
                                      : view_->parts[partOf(location.home)]->segment->documents.weight(location.at);
}

std::string_view Autocomplete::Core::idOf(std::uint32_t slot) const noexcept {
  if (staged_) return (*staged_)[slot].id;
  const Location location = locate(slot);
  return location.home == kInMemtable ? memtable().id(location.at)
                                      : view_->parts[partOf(location.home)]->segment->documents.id(location.at);
}

bool Autocomplete::Core::find(std::string_view id, std::uint64_t hash, std::uint32_t& slot) const noexcept {
  if (busy_) return false;
  return ids_.find(hash, [&](std::uint32_t candidate) { return idOf(candidate) == id; }, slot);
}

std::int64_t Autocomplete::Core::lookUp(std::string_view id, Reader& reader) {
  const Lock lock(mutex_);
  std::uint32_t slot = 0;
  if (closed_ || staged_ || !find(id, ids_.hash(id), slot)) return -1;
  const Location location = locate(slot);
  reader.pin();
  reader.choose(location.home == kInMemtable ? Reader::kMemtablePart : static_cast<std::uint32_t>(partOf(location.home)),
                location.at);
  return slot;
}

void Autocomplete::Core::joinCategories(const DocumentView& entry, std::string& out) {
  out.clear();
  if (entry.categoryCount == 0) return;
  const Lock lock(mutex_);
  categories_.names().join(entry, out);
}

// Makes what `kill` needs, so that it cannot fail. Gives the part of the view, or null for the memtable.
Part* Autocomplete::Core::prepareKill(View& view, Location location) {
  if (location.home < kFirstSegment) return nullptr;
  Part& part = editPart(view, partOf(location.home));
  part.dead.prepare(location.at, part.segment->size(), &view == draft_.get());
  if (isMerging(part.number) && killed_.size() == killed_.capacity()) killed_.reserve(2 * killed_.size() + 64);
  return &part;
}

void Autocomplete::Core::kill(View& view, Part* part, Location location) noexcept {
  if (location.home == kInMemtable) view.memtable->remove(location.at);
  if (part == nullptr) return;
  part->dead.kill(location.at);
  if (isMerging(part->number)) killed_.push_back({part->number, location.at});
  if (part->dead.count() * 2 > part->segment->size()) mergeWanted_ = true;
}

// Makes a segment of the memtable.
void Autocomplete::Core::freeze() {
  View& view = edit();
  if (memtable().size() > 0) {
    std::vector<DocumentView> entries;
    entries.reserve(memtable().size());
    for (const std::uint16_t position : memtable()) entries.push_back(memtable().view(position));
    static const std::atomic<bool> never{false};
    auto segment = std::make_shared<Segment>();
    if (buildSegment(entries, JobControl{never}, *segment) != Built::kDone) throw std::bad_alloc();
    auto fresh = &view == draft_.get() ? std::make_shared<Memtable>() : nullptr;
    auto part = std::make_shared<Part>();
    part->number = nextNumber_;
    part->segment = std::move(segment);
    view.parts.push_back(part);
    ++nextNumber_;
    const Documents& documents = part->segment->documents;
    for (std::uint32_t rank = 0; rank < documents.size(); ++rank) slots_[documents.slot(rank)] = {part->number, rank};
    mergeWanted_ = true;
    if (fresh != nullptr)
      view.memtable = std::move(fresh);
    else
      view.memtable->clear();
  } else {
    editMemtable(view).clear();
  }
  commit();
}

// Puts an entry into the memtable under a slot, in place of what was at `old`.
void Autocomplete::Core::put(DocumentView entry, std::uint32_t slot, Location old) {
  entry.slot = slot;
  slots_.prepare(slot);
  View& view = edit();
  Memtable& memtable = editMemtable(view);
  Part* const part = prepareKill(view, old);
  const std::uint32_t position = memtable.add(entry);
  kill(view, part, old);
  slots_[slot] = {kInMemtable, position};
  changed(view, slot);
  commit();
}

// An entry as it is kept. Its categories lie in categoryNumbers_.
DocumentView Autocomplete::Core::stored(const EntryInput& input) {
  categoryNumbers_.clear();
  categories_.internAll(input.categories, categoryNumbers_);
  DocumentView entry;
  entry.id = input.id;
  entry.text = input.text;
  entry.analysis = input.analysed ? input.analysis : std::string_view();
  entry.analysed = input.analysed;
  entry.weight = input.weight + 0.0;  // -0 becomes 0
  entry.price = input.price;
  entry.inStock = input.inStock;
  entry.categories = categoryNumbers_.data();
  entry.categoryCount = static_cast<std::uint32_t>(categoryNumbers_.size());
  return entry;
}

Status Autocomplete::Core::set(const EntryInput& input, bool& isNew) {
  const Lock lock(mutex_);
  if (!writable()) return Status::kInvalidArgument;
  poll();
  if (memtable().full()) freeze();
  DocumentView entry = stored(input);
  const std::uint64_t hash = ids_.hash(input.id);
  std::uint32_t slot = 0;
  isNew = !find(input.id, hash, slot);
  if (!isNew) {
    put(entry, slot, locate(slot));
    return Status::kOk;
  }
  ids_.reserveOne(hash);
  slots_.reserveOne();
  slot = slots_.take();
  try {
    put(entry, slot, {});
  } catch (const std::exception&) {
    slots_.giveBack(slot);
    throw;
  }
  ids_.insert(hash, slot);
  entries_.fetch_add(1, std::memory_order_relaxed);
  return Status::kOk;
}

Status Autocomplete::Core::setWeight(std::string_view id, double weight, bool& found) {
  const Lock lock(mutex_);
  if (!writable()) return Status::kInvalidArgument;
  poll();
  std::uint32_t slot = 0;
  found = find(id, ids_.hash(id), slot);
  if (!found) return Status::kOk;
  weight += 0.0;
  if (weightAt(locate(slot)) == weight) return Status::kOk;
  const Location now = slots_.at(slot);
  if (now.home == kInMemtable) {
    View& view = edit();
    editMemtable(view).setWeight(now.at, weight);
    changed(view, slot);
    commit();
    return Status::kOk;
  }
  if (memtable().full()) freeze();
  const Location location = locate(slot);
  DocumentView entry = viewAt(location);
  entry.weight = weight;
  put(entry, slot, location);
  return Status::kOk;
}

Status Autocomplete::Core::remove(std::string_view id, bool& found) {
  const Lock lock(mutex_);
  if (!writable()) return Status::kInvalidArgument;
  poll();
  const std::uint64_t hash = ids_.hash(id);
  std::uint32_t slot = 0;
  found = find(id, hash, slot);
  if (!found) return Status::kOk;
  const Location location = locate(slot);
  slots_.reserveGiveBack(slot);
  View& view = edit();
  if (location.home == kInMemtable) editMemtable(view);
  Part* const part = prepareKill(view, location);
  ids_.erase(hash, slot);
  kill(view, part, location);
  slots_.giveBack(slot);
  changed(view, slot);
  commit();
  entries_.fetch_sub(1, std::memory_order_relaxed);
  return Status::kOk;
}

}  // namespace easy11
