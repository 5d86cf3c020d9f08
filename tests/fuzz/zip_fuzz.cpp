// Any bytes as a ZIP file of penrig's: refused with words, or packed again as it was.
#include <cstdint>
#include <string>
#include <string_view>

#include "reports/export/zip_archive.hpp"
#include "tests/fuzz/demand.hpp"

using namespace penrig;
using fuzz::demand;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Result<std::vector<ArchiveEntry>> entries = entries_of_zip(bytes);
  demand(entries || !entries.error().message.empty(), "a refusal has words");
  if (!entries) return 0;
  std::size_t held = 0;
  for (const ArchiveEntry& entry : *entries) held += entry.bytes.size();
  demand(held <= size, "entries are no larger than their file");
  const Result<std::string> again = zip_of(*entries);
  demand(again && *again == bytes, "the file is as it was");
  return 0;
}
