# native/sources.json is the one list of C++ sources, shared with binding.gyp (paths are relative to native/).
set(EASY11_SOURCE_LIST "${PROJECT_SOURCE_DIR}/native/sources.json")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${EASY11_SOURCE_LIST}")

function(easy11_read_sources result key)
  file(READ "${EASY11_SOURCE_LIST}" json)
  string(JSON count LENGTH "${json}" variables ${key})
  math(EXPR last "${count} - 1")
  foreach(index RANGE ${last})
    string(JSON name GET "${json}" variables ${key} ${index})
    list(APPEND files "${PROJECT_SOURCE_DIR}/native/${name}")
  endforeach()
  set(${result} "${files}" PARENT_SCOPE)
endfunction()
