#pragma once
// The core throws nothing across its face: what the C++ library throws becomes a status here.
#include <new>
#include <stdexcept>

#include "easy11/status.hpp"

namespace easy11 {

// Runs `body`, which gives a Status, and turns what it throws into one.
template <class Body>
Status guarded(Body&& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return Status::kOutOfMemory;
  } catch (const std::length_error&) {
    return Status::kOutOfMemory;
  } catch (...) {
    return Status::kInternal;
  }
}

}  // namespace easy11
