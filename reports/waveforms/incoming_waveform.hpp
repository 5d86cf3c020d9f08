#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "reports/waveforms/waveform_encoder.hpp"
#include "rig/base/result.hpp"

namespace penrig {

class UnsyncedFiles;

/// What grows until it is kept under its SHA-256, wherever that is; what is not kept is gone with the object. The first
/// thing that goes wrong stays in error().
class IncomingWaveform : public WaveformOutput {
 public:
  virtual const std::optional<Error>& error() const = 0;

  struct Kept {
    std::string sha256;
    std::uint64_t bytes = 0;
  };
  /// Whoever looks for that SHA-256 finds all of it from here on.
  /// @param unsynced  nullptr: it is as durable as it will be; or what makes it so later.
  virtual Result<Kept> keep(UnsyncedFiles* unsynced) = 0;
};

}  // namespace penrig
