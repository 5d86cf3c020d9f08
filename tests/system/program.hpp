#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace penrig::test {

/// The checkout that the tests were built from.
inline const std::string kSource = PENRIG_SOURCE_DIR;
/// The quick plan.
inline const std::string kSmokePlan = kSource + "/rig/plans/smoke.yaml";

/// The built `penrig` as a child process, its output taken. Killed with its test.
class Program {
 public:
  /// Starts it in `folder` with these arguments, no colour, no terminal, and `input` on its standard input, which then
  /// ends; some kB at most.
  Program(const std::vector<std::string>& arguments, const std::string& folder, const std::string& input = "");
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// Reads until `text` stands in the standard output; false when it ended or the time was up first.
  bool wait_for_output(const std::string& text, int at_most_ms);
  /// Waits for the end. The exit code, or -1 when the time was up, or 128 + signal.
  int wait_for_exit(int at_most_ms);
  /// The same for its standard error.
  bool wait_for_error(const std::string& text, int at_most_ms);
  pid_t pid() const { return pid_; }
  void signal(int number) const;
  /// Nobody reads any more what it says there.
  void leave_output();
  void leave_error();
  /// Its standard output takes nothing more until somebody reads; what fills it are dots.
  void clog_output() const;

  const std::string& out() const { return out_; }
  const std::string& err() const { return err_; }

 private:
  bool read_more(int at_most_ms);  ///< false at the end of both streams or when nothing came in time

  pid_t pid_ = -1;
  int out_fd_ = -1, err_fd_ = -1;
  std::string out_, err_;
};

struct Finished {
  int exit_code;
  std::string out, err;
};
/// Runs it to its end; 120 s at most.
Finished run_program(const std::vector<std::string>& arguments, const std::string& folder,
                     const std::string& input = "");

}  // namespace penrig::test
