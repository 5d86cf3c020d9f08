#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace penrig {

/// One connection whose bytes were kept. A link that was opened again is another one.
struct TracedLink {
  std::string name;                           ///< URI, as the link calls itself
  std::uint64_t bytes_in = 0, bytes_out = 0;  ///< read from the device, handed to the link for it
};

/// All that went over the links of one run, as it was kept: a pcapng file of its own, named by its SHA-256.
struct LinkTraceRecord {
  std::string sha256;  ///< hex, of the file's bytes
  std::uint64_t bytes = 0;
  std::uint64_t chunks = 0;       ///< reads and writes
  std::vector<TracedLink> links;  ///< in the order in which they were opened; the file's interfaces 0, 1, ...
};

}  // namespace penrig
