#pragma once

/// The loop that follows is unrolled n times. Not under sanitizers: what they put into it makes GCC complain.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PENRIG_UNROLL(n)
#else
#define PENRIG_PRAGMA(text) _Pragma(#text)
#define PENRIG_UNROLL(n) PENRIG_PRAGMA(GCC unroll n)
#endif
