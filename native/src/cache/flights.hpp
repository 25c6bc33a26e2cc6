#pragma once
// Loading a missing key once for all: the first who asks leads, the others wait for how it lands.
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "easy11/cache.hpp"

namespace easy11 {

class Flights {
 public:
  // `present` is asked under the lock, so that a value that was set before its flight landed is never loaded again.
  // May throw std::bad_alloc.
  template <class Present>
  JoinStatus join(const CacheKey& key, const std::shared_ptr<FlightListener>& who, Present&& present,
                  std::uint64_t& number) {
    std::string name(key.bytes);
    name.push_back(key.wide ? 'w' : 'n');
    const std::lock_guard<std::mutex> guard(mutex_);
    const auto found = byKey_.find(name);
    if (found != byKey_.end()) {
      number = found->second;
      flights_[number].waiting.push_back(who);
      return JoinStatus::kWait;
    }
    if (present()) return JoinStatus::kPresent;
    number = ++last_;
    flights_[number] = {name, who.get(), {}};
    byKey_[std::move(name)] = number;
    return JoinStatus::kLead;
  }

  void land(std::uint64_t number, FlightOutcome&& outcome) {
    const auto shared = std::make_shared<const FlightOutcome>(std::move(outcome));
    finish(number, shared);
  }

  void leave(const FlightListener* who) {
    const auto abandoned = std::make_shared<const FlightOutcome>();
    std::vector<std::uint64_t> led;
    {
      const std::lock_guard<std::mutex> guard(mutex_);
      for (auto& [number, flight] : flights_) {
        if (flight.leader == who) led.push_back(number);
        auto& waiting = flight.waiting;
        for (std::size_t i = waiting.size(); i-- > 0;)
          if (waiting[i].get() == who) waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    for (const std::uint64_t number : led) finish(number, abandoned);
  }

 private:
  struct Flight {
    std::string name;
    const FlightListener* leader = nullptr;
    std::vector<std::shared_ptr<FlightListener>> waiting;
  };

  void finish(std::uint64_t number, const std::shared_ptr<const FlightOutcome>& outcome) {
    Flight flight;
    {
      const std::lock_guard<std::mutex> guard(mutex_);
      const auto found = flights_.find(number);
      if (found == flights_.end()) return;
      flight = std::move(found->second);
      byKey_.erase(flight.name);
      flights_.erase(found);
    }
    // Without the lock: a listener may take one of its own.
    for (const auto& listener : flight.waiting) listener->landed(number, outcome);
  }

  std::mutex mutex_;
  std::unordered_map<std::string, std::uint64_t> byKey_;
  std::unordered_map<std::uint64_t, Flight> flights_;
  std::uint64_t last_ = 0;
};

}  // namespace easy11
