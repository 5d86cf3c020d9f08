# The rules of the house for every target: warnings are errors, numbers are reproducible, rooms have an order.

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
# Archives of these two, where the system has them: they are called and call a hundred thousand times in a run, and
# within one file a call goes there directly (4 % of a swarm's time, a millisecond of every start).
set(Protobuf_USE_STATIC_LIBS ON)
find_library(SQLite3_LIBRARY NAMES libsqlite3.a sqlite3)

set(PENRIG_SANITIZE "" CACHE STRING "sanitizers, as -fsanitize takes them: address,undefined or thread")

add_library(penrig_rules INTERFACE)
target_compile_options(penrig_rules INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wcast-align -Wimplicit-fallthrough -Werror
  -ffp-contract=off -fno-math-errno $<$<NOT:$<CONFIG:Release>>:-g1>)
if(NOT PENRIG_TOGETHER)  # in a group, a name within a function hides none that it could mean; tools/lint asks each source
  target_compile_options(penrig_rules INTERFACE -Wshadow)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 cries wolf: when it inlines one coroutine frame into another, in std::string operator+ (bug 105651), under
  # sanitizers inside <regex> and Boost's variant, and at -O3 in short assignments of std::string and inside fmt.
  target_compile_options(penrig_rules INTERFACE -Wno-mismatched-new-delete -Wno-restrict)
  if(PENRIG_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(penrig_rules INTERFACE -Wno-maybe-uninitialized)
  endif()
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(penrig_rules INTERFACE -Wno-stringop-overflow)
    # Large groups (Together.cmake): the compiler may use 800 MB before it first looks for what it does not need any more,
    # which else is a twelfth of its time.
    target_compile_options(penrig_rules INTERFACE --param=ggc-min-heapsize=800000 --param=ggc-min-expand=200)
  endif()
endif()
target_include_directories(penrig_rules INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(penrig_rules INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
# No frame of ours wants more than malloc's own alignment, and glibc's aligned_alloc() has no cache for a thread.
target_compile_definitions(penrig_rules INTERFACE BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC BOOST_ASIO_DISABLE_BOOST_ALIGN)
target_link_libraries(penrig_rules INTERFACE Threads::Threads Boost::headers)
# The program has forty thousand relocations that say no more than "the address it was loaded at"; packed, they take a
# tenth of the room and less of its start.
include(CheckLinkerFlag)
check_linker_flag(CXX -Wl,-z,pack-relative-relocs PENRIG_PACKS_RELOCATIONS)
if(PENRIG_PACKS_RELOCATIONS)
  target_link_options(penrig_rules INTERFACE -Wl,-z,pack-relative-relocs)
endif()
if(PENRIG_SANITIZE)
  target_compile_options(penrig_rules INTERFACE -fsanitize=${PENRIG_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(penrig_rules INTERFACE -fsanitize=${PENRIG_SANITIZE})
  if(PENRIG_SANITIZE MATCHES "thread")
    # The thread sanitizer does not see fences (GCC: -Wtsan). So Asio counts references with acquire-release operations,
    # which it sees, and not with release operations and a fence.
    target_compile_definitions(penrig_rules INTERFACE BOOST_ASIO_DISABLE_STD_ATOMIC)
  endif()
endif()

# For what puts words together and wires: optimising it further takes longer than it saves.
set(PENRIG_QUICKLY_COMPILED $<$<NOT:$<CONFIG:Debug>>:-O1>)
set(PENRIG_THOROUGHLY_COMPILED $<$<CONFIG:Release>:-O3>)
# For tests. The suite is run in dev; a release shows that they build and hold, and waits for their compiler most.
set(PENRIG_TESTS_COMPILED $<$<CONFIG:RelWithDebInfo>:-O1> $<$<CONFIG:Release>:-O0>)

# penrig_room(NAME ROOM <n> [QUICKLY_COMPILED | THOROUGHLY_COMPILED] SOURCES ... WORDS ... APART ... USES ... PACKAGES ...)
# THOROUGHLY_COMPILED is what works on samples: in a release as far as it goes.
# WORDS are those of its sources that put words together and wire: in a release they are quickly compiled.
# APART are those of its sources that are compiled by themselves in every build, and so as well: loops over samples and
# bytes.
# ROOM is the place in the order (1 rig base, 2 rig, 3 protocols, 4 fixtures, 5 reports, 6 tools).
# protocols uses the rig base alone and reports uses rig alone, so each room also names what it MAY use.
set_property(GLOBAL PROPERTY PENRIG_MAY_rig_base "rig_base")
set_property(GLOBAL PROPERTY PENRIG_MAY_rig "rig_base;rig")
set_property(GLOBAL PROPERTY PENRIG_MAY_protocols "rig_base;protocols")
set_property(GLOBAL PROPERTY PENRIG_MAY_fixtures "rig_base;rig;protocols;fixtures")
set_property(GLOBAL PROPERTY PENRIG_MAY_reports "rig_base;rig;reports")
set_property(GLOBAL PROPERTY PENRIG_MAY_tools "rig_base;rig;protocols;fixtures;reports;tools")

function(penrig_room name)
  cmake_parse_arguments(R "QUICKLY_COMPILED;THOROUGHLY_COMPILED" "ROOM" "SOURCES;WORDS;APART;USES;PACKAGES" ${ARGN})
  if(R_WORDS AND CMAKE_BUILD_TYPE STREQUAL "Release")
    if(R_APART)
      list(REMOVE_ITEM R_WORDS ${R_APART})
    endif()
    list(REMOVE_ITEM R_SOURCES ${R_WORDS})
    add_library(${name}_words OBJECT ${R_WORDS})
    target_link_libraries(${name}_words PUBLIC penrig_rules ${R_USES} ${R_PACKAGES})
    target_compile_options(${name}_words PRIVATE ${PENRIG_QUICKLY_COMPILED})
    penrig_compile_together(${name}_words ${R_WORDS})
    add_library(${name} STATIC ${R_SOURCES} $<TARGET_OBJECTS:${name}_words>)
  else()
    add_library(${name} STATIC ${R_SOURCES})
  endif()
  set_property(TARGET ${name} PROPERTY PENRIG_ROOM ${R_ROOM})
  get_property(may GLOBAL PROPERTY PENRIG_MAY_${R_ROOM})
  foreach(used ${R_USES})
    if(NOT TARGET ${used})
      message(FATAL_ERROR "${name} (room ${R_ROOM}) uses ${used}, which is not declared before it: a room links only rooms declared before it")
    endif()
    get_target_property(room ${used} PENRIG_ROOM)
    if(NOT room IN_LIST may)
      message(FATAL_ERROR "${name} (room ${R_ROOM}) must not use ${used} (room ${room}); it may use: ${may}")
    endif()
  endforeach()
  target_link_libraries(${name} PUBLIC penrig_rules ${R_USES} ${R_PACKAGES})
  if(R_QUICKLY_COMPILED)
    target_compile_options(${name} PRIVATE ${PENRIG_QUICKLY_COMPILED})
  endif()
  if(R_THOROUGHLY_COMPILED)
    target_compile_options(${name} PRIVATE ${PENRIG_THOROUGHLY_COMPILED})
  endif()
  list(FILTER R_SOURCES EXCLUDE REGEX "^${PROJECT_BINARY_DIR}/")  # what is generated may not be there yet
  if(R_APART)
    list(REMOVE_ITEM R_SOURCES ${R_APART})
    set_property(SOURCE ${R_APART} APPEND PROPERTY COMPILE_OPTIONS ${PENRIG_THOROUGHLY_COMPILED})
  endif()
  penrig_compile_together(${name} ${R_SOURCES})
endfunction()
