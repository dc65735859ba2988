# One folder of src/ is one library, with its tests, benchmarks and fuzzers beside the sources:
#   name.cpp -> the library, name_test.cpp -> <folder>_test, name_bench.cpp -> <folder>_bench,
#   name_fuzz.cpp -> one libFuzzer program each.
include_guard()
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

find_program(FIREBRAND_CCACHE ccache)
if(FIREBRAND_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${FIREBRAND_CCACHE})
endif()
find_program(FIREBRAND_MOLD mold)

add_library(firebrand_options INTERFACE)
target_include_directories(firebrand_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(firebrand_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch-enum -Werror -fno-omit-frame-pointer)
target_link_libraries(firebrand_options INTERFACE Threads::Threads)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees overflows and dangling values that are not there once std::string
  # and std::vector::insert are inlined.
  target_compile_options(firebrand_options INTERFACE
    -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow)
endif()
if(FIREBRAND_MOLD)
  # g++ 12.1 and later take mold by name; clang 14 finds ld.mold on the path.
  target_link_options(firebrand_options INTERFACE -fuse-ld=mold)
endif()
if(FIREBRAND_SANITIZE)
  target_compile_options(firebrand_options INTERFACE
    -fsanitize=${FIREBRAND_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(firebrand_options INTERFACE -fsanitize=${FIREBRAND_SANITIZE})
endif()
if(FIREBRAND_FUZZ)
  target_compile_options(firebrand_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(rapidcheck REQUIRED)

# firebrand_folder(core DEPENDS base log SOURCE_DIRS ledger engine LIBRARIES sodium)
function(firebrand_folder name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;SOURCE_DIRS;LIBRARIES;EXCLUDE" ${ARGN})
  set(globs ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  foreach(dir ${ARG_SOURCE_DIRS})
    list(APPEND globs ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/*.cpp)
  endforeach()
  file(GLOB sources CONFIGURE_DEPENDS ${globs})
  foreach(excluded ${ARG_EXCLUDE})
    list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${excluded})
  endforeach()
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  set(benches ${sources})
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
  set(fuzzers ${sources})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cpp$")

  list(TRANSFORM ARG_DEPENDS PREPEND fb_ OUTPUT_VARIABLE folders)
  add_library(fb_${name} STATIC ${sources})
  target_link_libraries(fb_${name} PUBLIC firebrand_options ${folders} ${ARG_LIBRARIES})

  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE fb_${name} GTest::gtest_main GTest::gmock rapidcheck)
    target_compile_definitions(${name}_test PRIVATE
      FIREBRAND_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    # What is tested is optimised; the tests themselves compile in half the time without.
    target_compile_options(${name}_test PRIVATE -O0)
    add_test(NAME ${name} COMMAND ${name}_test)
  endif()
  if(benches)
    add_executable(${name}_bench ${benches})
    target_link_libraries(${name}_bench PRIVATE fb_${name} benchmark::benchmark_main)
  endif()
  if(FIREBRAND_FUZZ)
    foreach(fuzzer ${fuzzers})
      get_filename_component(fuzzer_name ${fuzzer} NAME_WE)
      add_executable(${fuzzer_name} ${fuzzer})
      target_link_libraries(${fuzzer_name} PRIVATE fb_${name})
      target_link_options(${fuzzer_name} PRIVATE -fsanitize=fuzzer)
    endforeach()
  endif()
endfunction()
