#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "reports/waveforms/incoming_waveform.hpp"
#include "reports/waveforms/kept_waveform.hpp"

namespace penrig {

/// The waveforms of one store that lie in memory and nowhere else: byte for byte what their files would be, by the same
/// SHA-256. They go with this object, so nothing may rest on them that has to outlive the program. Any thread.
class HeldWaveforms {
 public:
  /// Of all together, those that are still coming in among them: several times what the longest runs of a store bring.
  static constexpr std::uint64_t kBytesMax = std::uint64_t{1} << 30U;

  explicit HeldWaveforms(std::uint64_t bytes_max = kBytesMax) : bytes_max_(bytes_max) {}

  /// One that grows here, until it is kept; this outlives it. Its error is Errc::no_space: more than bytes_max.
  /// @param suffix  as of its file (reports/waveforms/waveform_path.hpp).
  std::unique_ptr<IncomingWaveform> begin(std::string suffix);
  /// nullptr: it was not kept here. What is found stays where it is, and as it is.
  const std::string* find(std::string_view sha256, std::string_view suffix) const;
  /// That are held.
  std::uint64_t bytes() const;

 private:
  class Incoming;
  bool take_room(std::uint64_t bytes);
  void give_back(std::uint64_t bytes);
  /// @param room  that was taken for it.
  void keep(std::string name, std::string&& bytes, std::uint64_t room);

  const std::uint64_t bytes_max_;
  mutable std::mutex mutex_;
  std::uint64_t bytes_ = 0;
  std::map<std::string, std::string, std::less<>> kept_;  ///< by SHA-256 and suffix
};

/// Those that are held in memory; as a file that is not there is what was not kept.
WaveformSource waveforms_in(const HeldWaveforms& held);

}  // namespace penrig
