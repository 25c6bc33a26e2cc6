# node-gyp and prebuildify build the addon from this; CMakeLists.txt builds the same sources for cmake-js and for the C++ tests.
{
  "includes": ["native/sources.json"],
  "targets": [
    {
      "target_name": "easy11",
      "sources": ["<@(easy11_core_files)", "<@(easy11_binding_files)"],
      "dependencies": ["<!(node -p \"require('node-addon-api').targets\"):node_addon_api_except_all"],
      "include_dirs": ["native/include"],
      "defines": [
        "NAPI_VERSION=8",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        # Without it worker.terminate() during a job aborts the process.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
        "NODE_ADDON_API_REQUIRE_BASIC_FINALIZERS",
        "NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED"
      ],
      # Node 20's common.gypi asks for gnu++17 without RTTI, Node 24's for gnu++20: the core is C++17 everywhere.
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-std=c++20", "-fno-rtti"],
      # contract=off: the same rounding on x86-64 (no FMA in the baseline), arm64 (FMA in it) and in TypeScript.
      "cflags_cc": [
        "-std=c++17", "-O3", "-pthread", "-ffp-contract=off",
        "-fvisibility=hidden", "-fvisibility-inlines-hidden", "-ffunction-sections", "-fdata-sections",
        "-Wall", "-Wextra"
      ],
      "conditions": [
        ["OS=='linux'", {
          "ldflags": [
            "-pthread", "-static-libgcc", "-static-libstdc++",
            "-Wl,--exclude-libs,ALL", "-Wl,--gc-sections",
            "-Wl,--version-script=<(module_root_dir)/native/exports.map"
          ]
        }],
        ["OS=='mac'", {
          "xcode_settings": {
            "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
            "CLANG_CXX_LIBRARY": "libc++",
            "GCC_ENABLE_CPP_RTTI": "YES",
            "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
            "MACOSX_DEPLOYMENT_TARGET": "11.0",
            "OTHER_CPLUSPLUSFLAGS": ["-O3", "-ffp-contract=off", "-Wall", "-Wextra"]
          }
        }],
        ["OS=='win'", {
          "msvs_settings": {
            "VCCLCompilerTool": {
              "ExceptionHandling": 1,
              "RuntimeTypeInfo": "true",
              "AdditionalOptions": ["/std:c++17", "/fp:precise", "/utf-8"]
            }
          }
        }]
      ]
    }
  ]
}
