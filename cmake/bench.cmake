# Programs of the benchmarks: built by name only (bench/autocomplete/calls.ts).
if(EASY11_BUILD_BENCH)
  add_executable(calls "${PROJECT_SOURCE_DIR}/bench/autocomplete/calls.cc")
  target_link_libraries(calls PRIVATE easy11_core easy11_flags)
endif()
