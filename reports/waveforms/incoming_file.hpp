#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "reports/digest.hpp"
#include "reports/waveforms/incoming_waveform.hpp"
#include "reports/waveforms/unsynced_files.hpp"
#include "reports/waveforms/waveform_path.hpp"
#include "rig/base/file_descriptor.hpp"
#include "rig/base/result.hpp"

namespace penrig {

/// Whether whoever writes a file comes back to what is written: a short one may even then not need to.
enum class WrittenIn { one_go, returns };

/// A file that grows in `waveforms/incoming/`, under a name that begins with the run's id, until it is kept under its
/// SHA-256; a file that is not kept is removed. The first thing that goes wrong stays in error(): no_space or io, with
/// file and reason.
class IncomingFile final : public IncomingWaveform {
 public:
  /// @param suffix  of the name under which it is kept (reports/waveforms/waveform_path.hpp).
  /// @param written one_go: hashed as it is written, and never read; a seek is allowed all the same.
  IncomingFile(const std::filesystem::path& records, const std::string& run_id, std::string_view suffix,
               WrittenIn written);
  ~IncomingFile() override;
  IncomingFile(const IncomingFile&) = delete;
  IncomingFile& operator=(const IncomingFile&) = delete;

  bool write(std::string_view bytes) override;
  bool seek(std::uint64_t offset) override;
  std::optional<std::string> take_back() override;
  const std::optional<Error>& error() const override { return error_; }

  /// SHA-256 of its bytes, fsync, rename to its place, fsync of the folders: whoever sees the name finds the whole
  /// file, also after a crash of the machine.
  /// @param unsynced  nullptr, or what takes file and folders: both are durable when they are. A file that is there
  ///                  already may be somebody's evidence: it is replaced by none that is not durable.
  Result<Kept> keep(UnsyncedFiles* unsynced) override;

 private:
  bool failed(const std::filesystem::path& what, const char* doing, int error_number);
  bool sync();
  bool put_in_place(const std::filesystem::path& place, UnsyncedFiles* unsynced);
  bool make_folder(const std::filesystem::path& folder);
  bool read_back(const std::function<void(std::string_view)>& take);
  std::optional<Kept> hashed();

  std::filesystem::path records_, file_;
  std::string suffix_;
  std::uint64_t hashed_on_the_way_;  ///< bytes at most
  FileDescriptor descriptor_;
  Sha256 sum_;  ///< of what was written, as long as that is not more and came from front to back
  std::uint64_t written_ = 0;
  bool in_order_ = true;
  std::optional<Error> error_;
};

}  // namespace penrig
