// penrig on real serial ports: the kernel's ftdi_sio, through libserialport, with its plugs pulled.

#include <fcntl.h>
#include <unistd.h>

#include "tests/tools/json_lines.hpp"
#include "tests/vm/ftdi_bench.hpp"

namespace penrig::test {
namespace {

/// A port that is held open keeps its name when its plug is pulled, so that the next plug gets another.
class HeldPort {
 public:
  explicit HeldPort(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {}
  ~HeldPort() { ::close(fd_); }
  HeldPort(const HeldPort&) = delete;
  HeldPort& operator=(const HeldPort&) = delete;

 private:
  int fd_;
};

TEST_F(OverFtdi, PortsAreListedWithTheSerialNumbersOfTheirAdapters) {
  ASSERT_TRUE(pen_.wait_for_tty() && daq_.wait_for_tty());
  const Finished f = run_program({"ports", "--json"}, folder());
  ASSERT_EQ(f.exit_code, 0) << f.err;
  for (const auto* plug : {&pen_, &daq_}) {
    const std::string serial = plug == &pen_ ? "PEN-1" : "DAQ-1";
    bool found = false;
    for (const auto& port : cli::json_lines(f.out)) {
      if (port.value("usb_serial", "") != serial) continue;
      found = true;
      EXPECT_EQ(port.at("port"), plug->tty());
      EXPECT_EQ(port.at("usb_vid_pid"), "0403:6001");
    }
    EXPECT_TRUE(found) << serial << " in " << f.out;
  }
}

TEST_F(OverFtdi, AGoodPenPasses) {
  start_bench();
  const Finished f = run_program(run_on_bench("swarm.yaml"), folder());
  ASSERT_EQ(f.exit_code, 0) << f.out << f.err;
  EXPECT_EQ(cli::json_lines(f.out).back().at("verdict"), "PASS");
  const Finished again = run_program({"recompute", "R-000001"}, folder());
  EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
}

TEST_F(OverFtdi, APulledPlugIsAnErrorAndTheNextRunFindsItUnderAnotherName) {
  start_bench();
  for (const auto* plug : {&daq_, &pen_}) {
    const std::string name_before = plug->tty();
    Program run(run_on_bench("swarm.yaml"), folder());
    ASSERT_TRUE(run.wait_for_output("1.5 mm at", 60'000)) << run.out() << run.err();
    const HeldPort held(name_before);
    plug->pull();
    EXPECT_EQ(run.wait_for_exit(20'000), 3) << run.out() << run.err();
    const auto result = cli::json_lines(run.out()).back();
    EXPECT_EQ(result.at("verdict"), "ERROR");
    EXPECT_NE(result.at("reason").get<std::string>().find(plug == &daq_ ? "DAQ-1" : "PEN-1"), std::string::npos)
        << result.at("reason");
    EXPECT_EQ(result.at("record_durable"), true);

    plug->plug_in();
    ASSERT_TRUE(plug->wait_for_tty());
    EXPECT_NE(plug->tty(), name_before);
    // A rig whose safe state nobody could confirm is looked at first.
    const Finished next = run_program(run_on_bench("smoke.yaml"), folder());
    EXPECT_EQ(next.exit_code, 0) << next.out << next.err;
  }
}

TEST_F(OverFtdi, ARunWithoutItsPlugSaysWhichPortIsMissing) {
  start_bench();
  daq_.pull();
  const Finished f = run_program(run_on_bench("smoke.yaml"), folder());
  EXPECT_EQ(f.exit_code, 3) << f.out << f.err;
  EXPECT_NE((f.out + f.err).find("0403:6001/DAQ-1"), std::string::npos) << f.out << f.err;
}

}  // namespace
}  // namespace penrig::test
