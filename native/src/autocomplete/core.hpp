#pragma once
// The index itself, behind the guarded face of autocomplete.hpp: one writer at a time, any number of readers. Writers take
// the mutex; readers never do (reader.hpp). Members may throw std::bad_alloc, and then have changed nothing.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "batch.hpp"
#include "categories.hpp"
#include "change_log.hpp"
#include "easy11/autocomplete.hpp"
#include "id_map.hpp"
#include "merge_worker.hpp"
#include "reader.hpp"
#include "slot_table.hpp"
#include "snapshot_index.hpp"
#include "view.hpp"

namespace easy11 {

class Autocomplete::Core {
 public:
  Core();
  ~Core();

  // core_view.cpp
  std::unique_ptr<Reader> newReader();
  void removeReader(std::unique_ptr<Reader> reader) noexcept;
  std::uint64_t token();
  // Helps a finished merge in, unless a writer is at work.
  void help() noexcept;

  // core_update.cpp
  Status set(const EntryInput& entry, bool& isNew);
  Status setWeight(std::string_view id, double weight, bool& found);
  Status remove(std::string_view id, bool& found);
  // Makes the entry the reader's only result. Gives its slot, or -1.
  std::int64_t lookUp(std::string_view id, Reader& reader);
  void joinCategories(const DocumentView& entry, std::string& out);

  // core_bulk.cpp
  Status append(const EntryInput& entry, bool& isNew);
  std::unique_ptr<Batch> beginBulk(IdMap* ids);
  // Takes over what a bulk build made; slots are ranks. `categories` is null when they are here already.
  Status install(std::shared_ptr<const Segment> segment, IdMap&& ids, Categories* categories) noexcept;
  void abandon() noexcept;
  bool empty() noexcept;
  // What a snapshot is written of.
  void capture(std::vector<MergeInput>& segments, Batch& newest, Categories::Names& names, std::uint32_t& categories);
  // Maps a file; `mapped` is false when it has no index part. Nothing but the beginning and the table of it is read.
  Status map(const std::string& path, bool& mapped);
  // Between a file that was opened and its being found sound: nothing can be asked or changed, and who must, waits.
  std::unique_ptr<OpenedSnapshot> takeOpened() noexcept;
  void endVerifying(Status status) noexcept;
  Status awaitVerified() noexcept;
  bool closed() const noexcept { return closed_; }

  // core_stats.cpp
  AutocompleteStats stats();
  std::uint64_t entries() const noexcept { return entries_.load(std::memory_order_relaxed); }
  std::size_t bytes() noexcept;
  std::size_t ownBytes() noexcept;

 private:
  struct Retired {  // a segment that was merged into another
    std::uint32_t number, into;
    std::vector<std::uint32_t> newRank;
  };
  struct Moved {  // a merged segment, whose slots still say where its entries were before
    std::uint32_t number = kNowhere;  // until it is there
    std::vector<std::uint32_t> slots;
    std::size_t done = 0;
  };
  struct Killed {  // an entry deleted from a segment while that is being merged
    std::uint32_t number, rank;
  };
  using Lock = std::lock_guard<std::mutex>;

  // core_view.cpp. A change to the view: `edit`, then whatever can fail, then `commit`.
  bool shared() const noexcept { return readers_.size() > 1; }
  View& edit();
  Memtable& editMemtable(View& view);
  Part& editPart(View& view, std::size_t index);
  void commit() noexcept;
  void changed(View& view, std::uint32_t slot) noexcept { view.changes = log_.add(slot); }
  void reclaim() noexcept;
  const Memtable& memtable() const noexcept { return *view_->memtable; }

  void closeAll() noexcept;
  Status reset();
  DocumentView stored(const EntryInput& input);
  bool writable() const noexcept { return !staged_ && !busy_ && !closed_; }
  bool find(std::string_view id, std::uint64_t hash, std::uint32_t& slot) const noexcept;
  std::string_view idOf(std::uint32_t slot) const noexcept;
  Location locate(std::uint32_t slot) const noexcept;
  std::size_t partOf(std::uint32_t number) const noexcept;
  DocumentView viewAt(Location location) const noexcept;
  double weightAt(Location location) const noexcept;
  Part* prepareKill(View& view, Location location);
  void kill(View& view, Part* part, Location location) noexcept;
  void put(DocumentView entry, std::uint32_t slot, Location old);
  void freeze();

  // core_merge.cpp
  void poll();
  void installMerge();
  void startMerge();
  bool chooseMerge(std::vector<std::size_t>& chosen) const;
  void sweep();
  bool isMerging(std::uint32_t number) const noexcept;

  std::mutex mutex_;
  std::vector<Reader*> readers_;
  std::atomic<const View*> current_{nullptr};
  View* view_ = nullptr;  // the same, for the writer
  std::unique_ptr<View> draft_;
  bool ownMemtable_ = false;  // draft_ has a memtable of its own
  std::vector<std::unique_ptr<const View>> old_;
  ChangeLog log_;
  std::uint64_t token_ = 0;

  std::vector<std::uint32_t> merging_;  // numbers of the segments that are being merged
  std::vector<Retired> retired_;  // in the order of their merges
  std::deque<Moved> moved_;
  std::vector<Killed> killed_;
  SlotTable slots_;
  IdMap ids_;
  Categories categories_;
  std::atomic<std::uint64_t> entries_{0};
  std::uint32_t nextNumber_ = kFirstSegment;
  MergeWorker worker_;
  bool mergeWanted_ = false;

  std::unique_ptr<OpenedSnapshot> opened_;
  bool verifying_ = false;
  Status verified_ = Status::kOk;
  std::condition_variable verifiedChanged_;

  std::unique_ptr<Batch> staged_;
  bool busy_ = false;
  std::atomic<bool> closed_{false};

  std::vector<std::uint32_t> categoryNumbers_;
};

}  // namespace easy11
