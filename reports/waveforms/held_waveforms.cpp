#include "reports/waveforms/held_waveforms.hpp"

#include <utility>

#include <fmt/format.h>

#include "reports/digest.hpp"
#include "reports/waveforms/memory_output.hpp"
#include "reports/waveforms/waveform_path.hpp"

namespace penrig {
namespace {

std::string held_name(std::string_view sha256, std::string_view suffix) { return std::string(sha256).append(suffix); }

}  // namespace

class HeldWaveforms::Incoming final : public IncomingWaveform {
 public:
  Incoming(HeldWaveforms& held, std::string suffix) : held_(held), suffix_(std::move(suffix)) {}
  ~Incoming() override { held_.give_back(room_); }
  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;

  bool write(std::string_view more) override {
    if (error_) return false;
    output_.write(more);
    if (output_.bytes.size() <= room_) return true;  // written over what was there
    const std::uint64_t lacks = output_.bytes.size() - room_;
    if (held_.take_room(lacks)) {
      room_ += lacks;
      return true;
    }
    error_ =
        fail(Errc::no_space,
             fmt::format("the waveforms of a store that are held in memory may have {} MiB together, and have more "
                         "(penrig swarm --waveforms files keeps them as files)",
                         held_.bytes_max_ >> 20U));
    return false;
  }
  bool seek(std::uint64_t offset) override { return !error_ && output_.seek(offset); }
  std::optional<std::string> take_back() override {
    if (error_) return std::nullopt;
    return output_.take_back();
  }
  const std::optional<Error>& error() const override { return error_; }

  Result<Kept> keep(UnsyncedFiles*) override {
    if (error_) return *error_;
    output_.bytes.shrink_to_fit();
    Kept kept{sha256_hex(output_.bytes), output_.bytes.size()};
    held_.keep(held_name(kept.sha256, suffix_), std::move(output_.bytes), std::exchange(room_, 0));
    return kept;
  }

 private:
  HeldWaveforms& held_;
  const std::string suffix_;
  MemoryOutput output_;
  std::uint64_t room_ = 0;  ///< bytes that were taken for it and not kept
  std::optional<Error> error_;
};

std::unique_ptr<IncomingWaveform> HeldWaveforms::begin(std::string suffix) {
  return std::make_unique<Incoming>(*this, std::move(suffix));
}

bool HeldWaveforms::take_room(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (bytes_ + bytes > bytes_max_) return false;
  bytes_ += bytes;
  return true;
}

void HeldWaveforms::give_back(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  bytes_ -= bytes;
}

void HeldWaveforms::keep(std::string name, std::string&& bytes, std::uint64_t room) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t size = bytes.size();
  bytes_ -= room;
  // One that is there has the same bytes, and may be being read.
  if (kept_.try_emplace(std::move(name), std::move(bytes)).second) bytes_ += size;
}

const std::string* HeldWaveforms::find(std::string_view sha256, std::string_view suffix) const {
  const std::string name = held_name(sha256, suffix);
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(name);
  return found == kept_.end() ? nullptr : &found->second;
}

std::uint64_t HeldWaveforms::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

WaveformSource waveforms_in(const HeldWaveforms& held) {
  return [&held](const WaveformRecord& waveform) -> Result<std::string> {
    if (const std::string* const bytes = held.find(waveform.sha256, suffix_of(waveform.form))) return *bytes;
    return fail(Errc::bad_data, fmt::format("{}: is not there, in memory", waveform_path(waveform).generic_string()));
  };
}

}  // namespace penrig
