#include "tests/vm/ftdi_bench.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <poll.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig/base/file_descriptor.hpp"
#include "rig/spec/load.hpp"

namespace penrig::test {
namespace {

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  if (!(file << text << std::flush)) throw std::runtime_error(path + ": cannot be written");
}

/// The rig's description with its ptys replaced by what `ports` shows of the adapters.
std::string behind_adapters(std::string description, const SlotDescription& slot) {
  for (const auto& [link, serial] :
       {std::pair{slot.pen_link, "PEN-1?baud=921600"}, {slot.daq_link, "DAQ-1?baud=3000000"}})
    description.replace(description.find(link), link.size(), std::string("serial:usb=0403:6001/") + serial);
  return description;
}

}  // namespace

UsbPlug::UsbPlug(const std::string& serial_number) {
  for (const auto& entry : std::filesystem::directory_iterator("/sys/bus/usb/devices")) {
    std::string serial;
    if (std::ifstream(entry.path() / "serial") >> serial && serial == serial_number) device_ = entry.path();
  }
  if (device_.empty()) throw std::runtime_error("no USB device has the serial number " + serial_number);
  plug_in();
}

void UsbPlug::pull() const { write_text(device_ + "/authorized", "0"); }
void UsbPlug::plug_in() const { write_text(device_ + "/authorized", "1"); }

std::string UsbPlug::tty() const {
  std::error_code gone;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(device_, gone)) {
    const std::string name = entry.path().filename();
    if (name.starts_with("ttyUSB")) return "/dev/" + name;
  }
  return "";
}

bool UsbPlug::wait_for_tty() const {
  // A watch before the look: what comes in between is not missed.
  const FileDescriptor watch(::inotify_init1(IN_CLOEXEC));
  if (!watch || ::inotify_add_watch(watch.get(), "/dev", IN_CREATE) < 0) throw std::runtime_error("no watch of /dev");
  constexpr int kAtMostMs = 10'000;
  for (;;) {
    if (!tty().empty() && std::filesystem::exists(tty())) return true;
    pollfd news{watch.get(), POLLIN, 0};
    char seen[4096];
    if (::poll(&news, 1, kAtMostMs) <= 0 || ::read(watch.get(), seen, sizeof seen) <= 0) return false;
  }
}

OverFtdi::~OverFtdi() {
  for (const pid_t relay : relays_) {
    ::kill(relay, SIGKILL);
    ::waitpid(relay, nullptr, 0);
  }
}

void OverFtdi::relay(const std::string& pty, const std::string& far_end) {
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("no process");
  if (pid == 0) {
    ::execlp("socat", "socat", (pty + ",raw,echo=0").c_str(), far_end.c_str(), nullptr);
    ::_exit(127);
  }
  relays_.push_back(pid);
}

void OverFtdi::start_bench(const std::vector<std::string>& more) {
  start_rig(more);
  const std::string description = read_text(rig());
  const Loaded<RigDescription> written = load_rig(description, rig());
  ASSERT_TRUE(written.ok());
  const SlotDescription& slot = written.value.slots.at(0);
  const auto pty_of = [](const std::string& link) { return link.substr(link.find(':') + 1); };
  relay(pty_of(slot.pen_link), "/dev/virtio-ports/pen");
  relay(pty_of(slot.daq_link), "/dev/virtio-ports/daq");
  write_text(folder() + "/bench.yaml", behind_adapters(description, slot));
  ASSERT_TRUE(pen_.wait_for_tty());
  ASSERT_TRUE(daq_.wait_for_tty());
}

std::vector<std::string> OverFtdi::run_on_bench(const std::string& plan) const {
  return {"run",
          kSource + "/rig/plans/" + plan,
          "--rig",
          folder() + "/bench.yaml",
          "--serial-number",
          "PRO-0001",
          "--json",
          "--no-report"};
}

}  // namespace penrig::test
