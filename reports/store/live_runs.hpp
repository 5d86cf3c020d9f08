#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "reports/store/store_files.hpp"

namespace penrig {

/// Tells a run that goes on from one whose program is gone: who writes R-000391 holds a lock (flock) on
/// `<records>/running/R-000391.lock`, which the kernel takes back when that program ends, however it ends. Throws
/// ErrorException, io or no_space.
class LiveRuns {
 public:
  explicit LiveRuns(const std::filesystem::path& records) : folder_(locks_of(records)) {}
  ~LiveRuns();
  LiveRuns(const LiveRuns&) = delete;
  LiveRuns& operator=(const LiveRuns&) = delete;

  /// A lock, held until it goes out of scope.
  class Held {
   public:
    explicit Held(int descriptor) : descriptor_(descriptor) {}
    Held(Held&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Held& operator=(Held&&) = delete;
    ~Held();
    int release() { return std::exchange(descriptor_, -1); }

   private:
    int descriptor_;
  };

  /// Takes the lock of a run that is being opened, before anybody can see the run.
  Held take(const std::string& run_id) const;
  /// Keeps it until the run is closed, or this program ends.
  void keep(const std::string& run_id, Held held);
  /// The run is closed: nothing is left of its lock.
  void let_go(const std::string& run_id);

  /// Whether a program holds the run, this one included. Where that cannot be told it counts as held: nobody closes it.
  bool alive(const std::string& run_id) const;
  /// The lock of a run whose program is gone; nothing while a program holds it.
  std::optional<Held> take_over(const std::string& run_id) const;
  /// Removes the lock's file; of a run that is closed for good.
  void remove_file(const std::string& run_id) const;

 private:
  std::filesystem::path file_of(const std::string& run_id) const { return folder_ / (run_id + ".lock"); }
  std::optional<Held> try_to_lock(const std::string& run_id) const;

  std::filesystem::path folder_;
  std::map<std::string, int> kept_;
};

}  // namespace penrig
