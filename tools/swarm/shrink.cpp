#include "tools/swarm/shrink.hpp"

#include <algorithm>
#include <optional>

namespace penrig::swarm {
namespace {

constexpr double kShortestS = 1e-3;

class Shrinker {
 public:
  Shrinker(const SwarmJob& job, std::uint64_t seed, const std::filesystem::path& folder, bool waveforms_in_memory)
      : job_(job), seed_(seed), folder_(folder), waveforms_in_memory_(waveforms_in_memory) {}

  Shrunk shrink() {
    out_.script = script_of(job_, seed_);
    const std::optional<Broken> whole = broken_by(out_.script, "");
    if (!whole) return out_;
    out_.invariant = whole->invariant;
    out_.what = whole->what;
    for (std::size_t i = 0; i < out_.script.faults.size();) {
      faults::FaultScript less = out_.script;
      less.faults.erase(less.faults.begin() + static_cast<std::ptrdiff_t>(i));
      if (!take(less)) ++i;
    }
    for (std::size_t i = 0; i < out_.script.faults.size(); ++i) {
      while (out_.script.faults[i].for_s && *out_.script.faults[i].for_s > kShortestS) {
        faults::FaultScript less = out_.script;
        *less.faults[i].for_s /= 2;
        if (!take(less)) break;
      }
    }
    return out_;
  }

 private:
  bool take(const faults::FaultScript& less) {
    const std::optional<Broken> still = broken_by(less, out_.invariant);
    if (!still) return false;
    out_.script = less;
    out_.what = still->what;
    return true;
  }

  std::optional<Broken> broken_by(const faults::FaultScript& script, const std::string& invariant) {
    SwarmJob job = job_;
    job.script = script;
    ++out_.tries;
    const auto store = folder_ / "shrink";
    const std::vector<SeedResult> results =
        run_group(job, {seed_}, store, {.waveforms_in_memory = waveforms_in_memory_});
    std::error_code ignored;
    std::filesystem::remove_all(store, ignored);
    for (const Broken& b : results.front().broken) {
      if (invariant.empty() || b.invariant == invariant) return b;
    }
    return std::nullopt;
  }

  const SwarmJob& job_;
  std::uint64_t seed_;
  const std::filesystem::path& folder_;
  bool waveforms_in_memory_;
  Shrunk out_;
};

}  // namespace

Shrunk shrink(const SwarmJob& job, std::uint64_t seed, const std::filesystem::path& folder, bool waveforms_in_memory) {
  return Shrinker(job, seed, folder, waveforms_in_memory).shrink();
}

}  // namespace penrig::swarm
