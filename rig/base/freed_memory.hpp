#pragma once

namespace penrig {

/// Memory that was freed stays with the process from here on, up to 32 MiB a thread's heap at its top. What is taken
/// and freed for every stroke, phase and record would come from the kernel page by page each time, which takes longer
/// than what is computed on it. For programs, as the first thing they do; no effect with other C libraries than glibc.
void keep_freed_memory();

}  // namespace penrig
