// Any bytes as a trace of the links: refused with words, or what was told of it writes a trace that tells the same; and
// its frames are taken apart, in pieces as in one.
#include <cstdint>
#include <string>

#include <google/protobuf/stubs/logging.h>

#include "reports/trace/pcapng.hpp"
#include "tests/fuzz/demand.hpp"
#include "tools/penrig/traced_frames.hpp"

namespace {

using namespace penrig;
using fuzz::demand;

struct Told {
  std::string again;  // written anew
  std::string frames;
  bool read = false;
};

Told told_by(std::string_view bytes, std::size_t piece) {
  Told told;
  cli::TracedFrames frames([&](const cli::TracedFrame& f) {
    demand(!f.bad || !f.note.empty(), "a bad frame has a reason");
    demand(!f.bad || f.message.empty(), "a bad frame is no message");
    told.frames += f.message + f.note + std::to_string(f.bytes) + "\n";
  });
  TraceReader reader;
  reader.on_section = [&](std::string_view comment) { append_section(told.again, comment, ""); };
  reader.on_link = [&](std::string_view name) { append_interface(told.again, name); };
  reader.on_chunk = [&](const TraceChunk& chunk) {
    append_chunk(told.again, chunk);
    frames.add(chunk);
  };
  ByteSource all = bytes_of(bytes);
  const auto read = read_trace([&](char* into, std::size_t most) { return all(into, std::min(most, piece)); }, reader);
  demand(read || !read.error().message.empty(), "a refusal has words");
  told.read = read.has_value();
  frames.finish();
  return told;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  google::protobuf::SetLogHandler(nullptr);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Told whole = told_by(bytes, size + 1), pieces = told_by(bytes, 3);
  demand(whole.read == pieces.read && whole.again == pieces.again && whole.frames == pieces.frames,
         "pieces are read as the whole is");
  if (!whole.read) return 0;
  const Told again = told_by(whole.again, whole.again.size() + 1);
  demand(again.read && again.again == whole.again && again.frames == whole.frames, "what was told tells the same");
  return 0;
}
