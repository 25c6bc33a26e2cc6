#include "easy11/autocomplete.hpp"

#include <stdexcept>

#include "core.hpp"
#include "registry.hpp"
#include "tasks.hpp"

namespace easy11 {

Autocomplete::Autocomplete(std::shared_ptr<Core> core) : core_(std::move(core)), reader_(core_->newReader()) {}

Autocomplete::~Autocomplete() { close(); }

std::shared_ptr<Autocomplete> Autocomplete::create() noexcept {
  try {
    return std::shared_ptr<Autocomplete>(new Autocomplete(std::make_shared<Core>()));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

std::uint64_t Autocomplete::share() noexcept {
  std::uint64_t token = 0;
  const Status status = guarded([&] {
    token = core_->token();
    enrol(token, core_);
    return Status::kOk;
  });
  return status == Status::kOk ? token : 0;
}

std::shared_ptr<Autocomplete> Autocomplete::attach(std::uint64_t token) noexcept {
  try {
    std::shared_ptr<Core> core = enrolled(token);
    if (core == nullptr) return nullptr;
    auto handle = std::shared_ptr<Autocomplete>(new Autocomplete(std::move(core)));
    return handle->core_->closed() ? nullptr : handle;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

Status Autocomplete::set(const EntryInput& entry, bool& isNew) noexcept {
  if (reader_ == nullptr) return Status::kInvalidArgument;
  reader_->forget();
  return guarded([&] { return core_->set(entry, isNew); });
}

Status Autocomplete::setWeight(std::string_view id, double weight, bool& found) noexcept {
  if (reader_ == nullptr) return Status::kInvalidArgument;
  reader_->forget();
  return guarded([&] { return core_->setWeight(id, weight, found); });
}

Status Autocomplete::remove(std::string_view id, bool& found) noexcept {
  if (reader_ == nullptr) return Status::kInvalidArgument;
  reader_->forget();
  return guarded([&] { return core_->remove(id, found); });
}

std::int64_t Autocomplete::lookUp(std::string_view id) noexcept {
  if (reader_ == nullptr) return -1;
  reader_->forget();
  std::int64_t slot = -1;
  guarded([&] {
    slot = core_->lookUp(id, *reader_);
    return Status::kOk;
  });
  return slot;
}

bool Autocomplete::entryAt(std::uint32_t i, EntryOutput& out) const noexcept {
  DocumentView view;
  if (reader_ == nullptr || !reader_->result(i, view)) return false;
  out = {view.id, view.text, view.weight, view.price, view.inStock};
  return true;
}

std::string_view Autocomplete::idAt(std::uint32_t i) const noexcept {
  return reader_ == nullptr ? std::string_view() : reader_->text(i).id;
}

EntryOutput Autocomplete::textAt(std::uint32_t i) const noexcept {
  if (reader_ == nullptr) return {};
  const DocumentText found = reader_->text(i);
  return {found.id, found.text, reader_->weight(i), 0, false};
}

void Autocomplete::fetchAhead(std::uint32_t count) const noexcept {
  if (reader_ != nullptr) reader_->fetchAhead(count);
}

std::string_view Autocomplete::categoriesAt(std::uint32_t i) noexcept {
  DocumentView view;
  if (reader_ == nullptr || !reader_->result(i, view)) return {};
  const Status status = guarded([&] {
    core_->joinCategories(view, reader_->joined);
    return Status::kOk;
  });
  return status == Status::kOk ? std::string_view(reader_->joined) : std::string_view();
}

void Autocomplete::changes(std::uint32_t* out) noexcept {
  static_assert(kMaxChanges == ChangeLog::kMost && kEverythingChanged == ChangeLog::kEverything, "one contract");
  out[0] = 0;
  if (reader_ != nullptr) reader_->changes(out);
}

std::int32_t Autocomplete::search(std::string_view query, std::uint32_t limit, std::uint32_t flags,
                                  std::uint32_t* slots, std::uint32_t* slips) noexcept {
  if (reader_ == nullptr) return 0;
  core_->help();
  std::int32_t count = 0;
  const Status status = guarded([&] {
    count = reader_->search(query, limit, flags, slots, slips);
    return Status::kOk;
  });
  return status == Status::kOk ? count : kSearchFailed;
}

std::int32_t Autocomplete::searchPlan(std::string_view plan, std::uint32_t limit, std::uint32_t flags,
                                      std::uint32_t* slots, std::uint32_t* slips) noexcept {
  if (reader_ == nullptr) return 0;
  core_->help();
  std::int32_t count = 0;
  const Status status = guarded([&] {
    count = reader_->searchPlan(plan, limit, flags, slots, slips);
    return Status::kOk;
  });
  return status == Status::kOk ? count : kSearchFailed;
}

Status Autocomplete::setFilter(std::string_view categories, double priceAtLeast, double priceAtMost,
                               int inStock) noexcept {
  if (reader_ == nullptr) return Status::kInvalidArgument;
  return guarded([&] {
    reader_->setFilter(categories, priceAtLeast, priceAtMost, inStock);
    return Status::kOk;
  });
}

Status Autocomplete::append(const EntryInput& entry, bool& isNew) noexcept {
  return guarded([&] { return core_->append(entry, isNew); });
}

std::unique_ptr<Task> Autocomplete::build() noexcept {
  std::unique_ptr<Task> task;
  if (core_->empty()) guarded([&] {
      task = newBuildTask(core_);
      return Status::kOk;
    });
  return task;
}

std::unique_ptr<Task> Autocomplete::save(std::string_view path, bool index) noexcept {
  std::unique_ptr<Task> task;
  if (reader_ != nullptr) guarded([&] {
      task = newSaveTask(*core_, std::string(path), index);
      return Status::kOk;
    });
  return task;
}

Status Autocomplete::map(std::string_view path, bool& mapped) noexcept {
  mapped = false;
  if (reader_ == nullptr) return Status::kInvalidArgument;
  return guarded([&] { return core_->map(std::string(path), mapped); });
}

std::unique_ptr<Task> Autocomplete::load(std::string_view path) noexcept {
  std::unique_ptr<Task> task;
  if (core_->empty()) guarded([&] {
      task = newLoadTask(core_, std::string(path));
      return Status::kOk;
    });
  return task;
}

std::unique_ptr<Task> Autocomplete::verify() noexcept {
  std::unique_ptr<Task> task;
  guarded([&] {
    task = newVerifyTask(core_);
    return Status::kOk;
  });
  return task;
}

Status Autocomplete::awaitVerified() noexcept { return core_->awaitVerified(); }

AutocompleteStats Autocomplete::stats() noexcept {
  AutocompleteStats stats;
  if (reader_ != nullptr) guarded([&] {
      stats = core_->stats();
      return Status::kOk;
    });
  return stats;
}

std::uint64_t Autocomplete::size() const noexcept { return core_->entries(); }

std::size_t Autocomplete::ownBytes() const noexcept { return reader_ == nullptr ? 0 : core_->ownBytes(); }

void Autocomplete::close() noexcept {
  if (reader_ != nullptr) core_->removeReader(std::move(reader_));
}

}  // namespace easy11
