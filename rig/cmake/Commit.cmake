# cmake -D SOURCE=<tree> -D VERSION=<version> -D IN=<template> -D OUT=<file> -P Commit.cmake
# Writes the commit that a program is built from into OUT, at every build: "-dirty" behind it where the tree holds changes
# that are in no commit. Outside git: "unknown". OUT is touched only when its text changes.
set(PENRIG_COMMIT unknown)
find_program(GIT git)
if(GIT)
  execute_process(COMMAND ${GIT} -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(PENRIG_COMMIT ${commit})
  endif()
endif()
configure_file(${IN} ${OUT} @ONLY)
