# The Node-API addon. cmake-js passes CMAKE_JS_INC; plain cmake asks the two npm packages where their headers are.
if(NOT CMAKE_JS_INC)
  find_program(NODE_EXECUTABLE NAMES node REQUIRED)
  execute_process(
    COMMAND ${NODE_EXECUTABLE} -p "[require('node-api-headers').include_dir, require('path').resolve(require('node-addon-api').include_dir)].join(';')"
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    OUTPUT_VARIABLE CMAKE_JS_INC
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
endif()

easy11_read_sources(EASY11_BINDING_FILES easy11_binding_files)
add_library(easy11 SHARED ${EASY11_BINDING_FILES} ${CMAKE_JS_SRC})
set_target_properties(easy11 PROPERTIES PREFIX "" SUFFIX ".node")
target_include_directories(easy11 SYSTEM PRIVATE ${CMAKE_JS_INC})
target_link_libraries(easy11 PRIVATE easy11_core easy11_flags ${CMAKE_JS_LIB})
# The same definitions as in binding.gyp (NODE_ADDON_API_CPP_EXCEPTIONS_ALL is its target node_addon_api_except_all).
target_compile_definitions(easy11 PRIVATE
  NAPI_VERSION=8
  NODE_ADDON_API_DISABLE_DEPRECATED
  NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
  NODE_ADDON_API_REQUIRE_BASIC_FINALIZERS
  NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED
  NODE_ADDON_API_CPP_EXCEPTIONS_ALL
  NAPI_CPP_EXCEPTIONS
  NODE_GYP_MODULE_NAME=easy11)

if(APPLE)
  target_link_options(easy11 PRIVATE -undefined dynamic_lookup)
elseif(UNIX)
  target_link_options(easy11 PRIVATE
    -Wl,--exclude-libs,ALL -Wl,--gc-sections
    -Wl,--version-script=${PROJECT_SOURCE_DIR}/native/exports.map)
  if(NOT EASY11_SANITIZE)
    target_link_options(easy11 PRIVATE -static-libgcc -static-libstdc++ $<$<CONFIG:Release>:-s>)
  endif()
endif()
if(MSVC AND CMAKE_JS_NODELIB_DEF AND CMAKE_JS_NODELIB_TARGET)
  execute_process(COMMAND ${CMAKE_AR} /def:${CMAKE_JS_NODELIB_DEF} /out:${CMAKE_JS_NODELIB_TARGET} ${CMAKE_STATIC_LINKER_FLAGS})
endif()
