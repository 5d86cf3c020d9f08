#include "tools/swarm/workers.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig/base/file_descriptor.hpp"
#include "tools/swarm/summary.hpp"

namespace penrig::swarm {
namespace {

using Json = nlohmann::ordered_json;
using Seeds = std::vector<std::uint64_t>;

/// What a process has after its first groups must stay what it has.
constexpr int kWarmGroups = 3;
constexpr std::uint64_t kMemoryMayGrowBytes = 1U << 20;

struct Footprint {
  std::uint64_t descriptors = 0, bytes = 0;
};
Footprint footprint() {
  Footprint f;
  const std::filesystem::directory_iterator open("/proc/self/fd");
  f.descriptors = static_cast<std::uint64_t>(std::distance(begin(open), end(open)));
  f.bytes = ::mallinfo2().uordblks;
  return f;
}

void say(int fd, const std::string& line) {
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t n = ::write(fd, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) ::_exit(3);  // nobody listens any more
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
}

/// The life of a worker: groups come as a line of seeds, and go as a line each of what happened.
[[noreturn]] void work(const SwarmJob& job, const WorkerOptions& options, int in, int out) {
  std::signal(SIGINT, SIG_IGN);  // the whole foreground group gets it; the first process decides
  std::FILE* const orders = ::fdopen(in, "r");
  char* line = nullptr;
  std::size_t size = 0;
  Footprint warm;
  for (int group = 0; ::getline(&line, &size, orders) > 0; ++group) {
    const Seeds seeds = Json::parse(line).get<Seeds>();
    const auto folder = options.folder / fmt::format("seeds-{}-{}", seeds.front(), seeds.back());
    try {
      const auto began = [&](std::uint64_t seed) { say(out, fmt::format("B {}\n", seed)); };
      const auto results =
          run_group(job, seeds, folder,
                    {.began = began, .kept = options.keep, .waveforms_in_memory = options.waveforms_in_memory});
      for (const SeedResult& r : results) say(out, "R " + to_json(r).dump() + "\n");
    } catch (const std::exception& e) {
      say(out, fmt::format("E {}\n", Json(e.what()).dump()));
      ::_exit(1);
    }
    std::error_code ignored;
    if (!options.keep) std::filesystem::remove_all(folder, ignored);
    const Footprint now = footprint();
    if (group == kWarmGroups) warm = now;
    std::string leak;
    if (group > kWarmGroups && now.descriptors > warm.descriptors)
      leak = fmt::format("{} descriptors, {} after the first groups", now.descriptors, warm.descriptors);
    if (group > kWarmGroups && now.bytes > warm.bytes + kMemoryMayGrowBytes)
      leak = fmt::format("{} bytes in use, {} after the first groups", now.bytes, warm.bytes);
    if (!leak.empty()) warm = now;  // said once
    say(out, fmt::format("D {}\n", Json(leak).dump()));
  }
  ::_exit(0);
}

/// A process, and what it is at.
struct Worker {
  pid_t pid = -1;
  FileDescriptor to, from;
  Seeds group;                         ///< empty: idle
  std::optional<std::uint64_t> began;  ///< the seed that it is at
  std::string unread;
  unsigned silent_s = 0;
};

class Team {
 public:
  Team(const SwarmJob& job, const WorkerOptions& options, const std::function<void(const SeedResult&)>& told)
      : job_(job), options_(options), told_(told), next_(options.first), next_told_(options.first) {}
  ~Team() {
    for (Worker& w : workers_) kill_and_wait(w);
  }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  Result<void> run(const std::function<bool()>& stopped) {
    workers_.resize(std::max(1U, options_.jobs));
    while (true) {
      const bool no_more = stopped();
      bool busy = false;
      for (Worker& w : workers_) {
        if (w.group.empty() && !no_more) {
          Result<void> given = give(w);
          if (!given) return given;
        }
        busy = busy || !w.group.empty();
      }
      if (!busy) {
        for (const auto& [seed, result] : waiting_) told_(result);  // behind those that were never given out
        return {};
      }
      Result<void> heard = listen();
      if (!heard) return heard;
    }
  }

 private:
  Seeds next_group() {
    if (!again_.empty()) {
      Seeds seeds = std::move(again_.front());
      again_.pop_front();
      return seeds;
    }
    Seeds seeds;
    while (!all_given_ && seeds.size() < options_.group) {
      seeds.push_back(next_);
      all_given_ = next_ >= options_.last;
      ++next_;
    }
    return seeds;
  }

  Result<void> give(Worker& w) {
    Seeds seeds = next_group();
    if (seeds.empty()) return {};
    if (w.pid < 0) {
      Result<void> started = start(w);
      if (!started) return started;
    }
    w.group = std::move(seeds);
    w.began.reset();
    w.silent_s = 0;
    const std::string order = Json(w.group).dump() + "\n";
    // A worker that is gone is noticed where it is listened to; an order fits into a pipe.
    if (::write(w.to.get(), order.data(), order.size()) != static_cast<ssize_t>(order.size()))
      w.began = w.group.front();
    return {};
  }

  Result<void> start(Worker& w) {
    int in[2], out[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0)
      return fail(Errc::io, fmt::format("no pipe to a worker: {}", std::generic_category().message(errno)));
    w.to = FileDescriptor(in[1]);
    w.from = FileDescriptor(out[0]);
    const FileDescriptor theirs_in(in[0]), theirs_out(out[1]);
    std::fflush(nullptr);
    w.pid = ::fork();
    if (w.pid < 0) return fail(Errc::io, fmt::format("no process: {}", std::generic_category().message(errno)));
    if (w.pid == 0) {
      // The others' pipes must end with their own workers.
      for (Worker& other : workers_) {
        other.to.reset();
        other.from.reset();
      }
      work(job_, options_, theirs_in.get(), theirs_out.get());
    }
    w.unread.clear();
    return {};
  }

  static int kill_and_wait(Worker& w) {
    if (w.pid < 0) return 0;
    ::kill(w.pid, SIGKILL);
    int status = 0;
    while (::waitpid(w.pid, &status, 0) < 0 && errno == EINTR) {
    }
    w.pid = -1;
    return status;
  }

  Result<void> listen() {
    std::vector<pollfd> fds;
    std::vector<Worker*> at;
    for (Worker& w : workers_) {
      if (w.group.empty()) continue;
      fds.push_back({w.from.get(), POLLIN, 0});
      at.push_back(&w);
    }
    constexpr int kLookMs = 1000;
    const int ready = ::poll(fds.data(), fds.size(), kLookMs);
    if (ready < 0 && errno != EINTR)
      return fail(Errc::io, fmt::format("workers cannot be heard: {}", std::generic_category().message(errno)));
    for (std::size_t i = 0; i < fds.size(); ++i) {
      if ((fds[i].revents & (POLLIN | POLLHUP)) != 0) {
        Result<void> heard = hear(*at[i]);
        if (!heard) return heard;
      } else if (ready == 0 && ++at[i]->silent_s > options_.hang_s) {
        lose(*at[i], "hang", fmt::format("no word for {} s of real time", options_.hang_s));
      }
    }
    return {};
  }

  Result<void> hear(Worker& w) {
    char buffer[65536];
    const ssize_t n = ::read(w.from.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) return {};
    if (n <= 0) {
      const int status = end_of(w);
      w.pid = -1;
      lose(w, "crash",
           WIFSIGNALED(status) ? fmt::format("signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)))
                               : fmt::format("the process ended with code {}", WEXITSTATUS(status)));
      return {};
    }
    w.silent_s = 0;
    w.unread.append(buffer, static_cast<std::size_t>(n));
    std::size_t end = 0;
    while ((end = w.unread.find('\n')) != std::string::npos) {
      const std::string line = w.unread.substr(0, end);
      w.unread.erase(0, end + 1);
      Result<void> understood = understand(w, line);
      if (!understood) return understood;
    }
    return {};
  }

  static int end_of(const Worker& w) {
    int status = 0;
    while (::waitpid(w.pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }

  Result<void> understand(Worker& w, const std::string& line) {
    const std::string rest = line.size() > 2 ? line.substr(2) : "";
    switch (line.empty() ? ' ' : line[0]) {
      case 'B':
        w.began = std::stoull(rest);
        break;
      case 'R':
        done_.push_back(seed_of_json(Json::parse(rest)));
        break;
      case 'E':
        return fail(Errc::io, Json::parse(rest).get<std::string>());
      case 'D': {
        const std::string leak = Json::parse(rest).get<std::string>();
        // By group: a leak cannot be told from one seed.
        for (SeedResult& r : done_of(w)) {
          if (!leak.empty()) r.broken.push_back({"leak", "the worker has " + leak});
          tell(std::move(r));
        }
        w.group.clear();
        w.began.reset();
        break;
      }
      default:
        break;
    }
    return {};
  }

  /// In the order of the seeds: sums and examples are then the same however many workers there are.
  void tell(SeedResult result) {
    waiting_.emplace(result.seed, std::move(result));
    for (auto at = waiting_.begin(); at != waiting_.end() && at->first == next_told_; at = waiting_.erase(at)) {
      told_(at->second);
      ++next_told_;
    }
  }

  /// The results of this worker's group, taken out.
  std::vector<SeedResult> done_of(const Worker& w) {
    std::vector<SeedResult> mine;
    for (SeedResult& r : done_) {
      if (std::find(w.group.begin(), w.group.end(), r.seed) != w.group.end()) mine.push_back(std::move(r));
    }
    std::erase_if(
        done_, [&](const SeedResult& r) { return std::find(w.group.begin(), w.group.end(), r.seed) != w.group.end(); });
    return mine;
  }

  /// The worker is lost at one seed; the others of its group are given out again.
  void lose(Worker& w, const char* invariant, std::string what) {
    done_of(w);
    kill_and_wait(w);
    w.to.reset();
    w.from.reset();
    const std::uint64_t at = w.began.value_or(w.group.front());
    SeedResult lost;
    lost.seed = at;
    const DrawnPen pen = draw_pen(at, job_.defects, job_.plant);
    lost.defect = pen.defect;
    lost.unit = pen.unit;
    lost.size = pen.size;
    lost.reason = what;
    lost.faults_drawn = script_of(job_, at).faults.size();
    lost.broken.push_back({invariant, std::move(what)});
    tell(std::move(lost));
    Seeds rest = w.group;
    std::erase(rest, at);
    if (!rest.empty()) again_.push_back(std::move(rest));
    w.group.clear();
    w.began.reset();
  }

  const SwarmJob& job_;
  const WorkerOptions& options_;
  const std::function<void(const SeedResult&)>& told_;
  std::uint64_t next_, next_told_;
  std::map<std::uint64_t, SeedResult> waiting_;  ///< for a seed before them
  bool all_given_ = false;
  std::deque<Seeds> again_;
  std::vector<SeedResult> done_;
  std::vector<Worker> workers_;
};

}  // namespace

Result<void> run_on_workers(const SwarmJob& job, const WorkerOptions& options,
                            const std::function<void(const SeedResult&)>& told, const std::function<bool()>& stopped) {
  Team team(job, options, told);
  return team.run(stopped);
}

}  // namespace penrig::swarm
