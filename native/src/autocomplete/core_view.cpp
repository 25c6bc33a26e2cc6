#include <algorithm>

#include "core.hpp"
#include "registry.hpp"

namespace easy11 {

Autocomplete::Core::Core() {
  auto view = std::make_unique<View>();
  view->memtable = std::make_shared<Memtable>();
  old_.reserve(4);
  view_ = view.release();
  current_.store(view_, std::memory_order_release);
}

Autocomplete::Core::~Core() {
  worker_.stop();
  delete view_;
}

std::unique_ptr<Reader> Autocomplete::Core::newReader() {
  const Lock lock(mutex_);
  auto reader = std::make_unique<Reader>(current_, categories_, log_);
  readers_.push_back(reader.get());
  return reader;
}

// The last reader takes the index with it.
void Autocomplete::Core::removeReader(std::unique_ptr<Reader> reader) noexcept {
  const Lock lock(mutex_);
  reader->unpin();
  readers_.erase(std::remove(readers_.begin(), readers_.end(), reader.get()), readers_.end());
  if (readers_.empty())
    closeAll();
  else
    reclaim();
}

std::uint64_t Autocomplete::Core::token() {
  const Lock lock(mutex_);
  if (token_ == 0) token_ = newToken();
  return token_;
}

void Autocomplete::Core::help() noexcept {
  if (!worker_.finished()) return;
  std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock() || !writable()) return;
  try {
    poll();
  } catch (const std::exception&) {
    draft_.reset();  // out of memory: the next update tries again
  }
}

// With one reader, which is then the caller's own, the view is changed in place; else a copy that shares all it can.
View& Autocomplete::Core::edit() {
  if (!shared()) {
    old_.clear();
    return *view_;
  }
  old_.reserve(old_.size() + 1);
  draft_ = std::make_unique<View>(*view_);
  ownMemtable_ = false;
  return *draft_;
}

Memtable& Autocomplete::Core::editMemtable(View& view) {
  if (&view == draft_.get() && !ownMemtable_) {
    view.memtable = std::make_shared<Memtable>(*view.memtable);
    ownMemtable_ = true;
  }
  return *view.memtable;
}

Part& Autocomplete::Core::editPart(View& view, std::size_t index) {
  if (&view == draft_.get()) view.parts[index] = std::make_shared<Part>(*view.parts[index]);
  return *view.parts[index];
}

void Autocomplete::Core::commit() noexcept {
  if (draft_ == nullptr) return;
  old_.emplace_back(view_);  // edit() made room
  view_ = draft_.release();
  current_.store(view_, std::memory_order_seq_cst);
  reclaim();
}

void Autocomplete::Core::reclaim() noexcept {
  const auto unread = [&](const std::unique_ptr<const View>& view) {
    return std::none_of(readers_.begin(), readers_.end(), [&](const Reader* reader) { return reader->pinned() == view.get(); });
  };
  old_.erase(std::remove_if(old_.begin(), old_.end(), unread), old_.end());
}

}  // namespace easy11
