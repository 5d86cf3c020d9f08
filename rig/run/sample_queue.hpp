#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rig/ports/daq.hpp"

namespace penrig {

/// Keeps blocks as they come until somebody takes them elsewhere: what is done with samples may take longer than the
/// rig's one thread may be busy, and may have to wait for something that is not known yet.
class SampleQueue final : public SampleSink {
 public:
  void samples(const SampleBlock& block) override;
  void gap(const std::string& reason) override;

  /// What came since the last time, in order; to be handed on by whoever has time for it.
  class Batch {
   public:
    void replay(SampleSink& into) const;
    bool empty() const { return items_.empty(); }

   private:
    friend class SampleQueue;
    struct Item {
      std::uint64_t first_tick = 0;
      double ticks_per_sample = 0;
      std::size_t force = 0, position = 0, stage = 0;  ///< how many
      TimePoint arrived{};
      std::string gap;  ///< before the samples; empty: none
    };
    std::vector<Item> items_;
    std::vector<std::int32_t> counts_;  ///< of all blocks, channel after channel
  };
  Batch take();

 private:
  Batch batch_;
};

}  // namespace penrig
