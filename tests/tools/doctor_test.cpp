#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include "protocols/links.hpp"
#include "reports/day_length.hpp"
#include "reports/evidence/key_ring.hpp"
#include "reports/scratch_directory.hpp"
#include "reports/store/record_store.hpp"
#include "rig/spec/civil_date.hpp"
#include "tests/system/variable.hpp"
#include "tools/penrig/doctor_bluetooth.hpp"
#include "tools/penrig/doctor_machine.hpp"
#include "tools/penrig/doctor_ports.hpp"
#include "tools/penrig/doctor_records.hpp"

namespace penrig::cli {
namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Doctor, SaysHowWellTheClockIsKept) {
  const Finding good = clock_finding({true, 0.0125});
  EXPECT_EQ(good.standing, Standing::fine);
  EXPECT_TRUE(contains(good.found, "0.0125 s")) << good.found;
  const Finding bad = clock_finding({false, 16});
  EXPECT_EQ(bad.standing, Standing::note);
  EXPECT_FALSE(bad.to_do.empty());
}

TEST(Doctor, NamesProgramsThatTakePorts) {
  const ScratchDirectory proc;
  for (const auto& [pid, name] :
       {std::pair{"17", "bash"}, {"4711", "ModemManager"}, {"812", "brltty"}, {"self", "brltty"}}) {
    std::filesystem::create_directory(proc.path() / pid);
    std::ofstream(proc.path() / pid / "comm") << name << "\n";
  }
  const Findings found = port_takers(proc.path());
  ASSERT_EQ(found.size(), 2U);
  for (const Finding& one : found) {
    EXPECT_EQ(one.standing, Standing::note);
    EXPECT_TRUE(contains(one.found, "ModemManager (pid 4711)") || contains(one.found, "brltty (pid 812)")) << one.found;
    EXPECT_FALSE(one.to_do.empty());
  }
  EXPECT_TRUE(port_takers(proc.path() / "nowhere").empty());
}

TEST(Doctor, LooksAtAPortWithoutOpeningIt) {
  const auto timeline = make_real_timeline();
  const auto pty = open_pty(*timeline).value();
  const Finding free = link_finding("pen", "serial:" + pty.second);
  EXPECT_EQ(free.standing, Standing::fine) << free.found;

  const int fd = ::open(pty.second.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_EQ(::flock(fd, LOCK_EX), 0);
  const Finding held = link_finding("pen", "serial:" + pty.second);
  EXPECT_EQ(held.standing, Standing::wrong);
  EXPECT_TRUE(contains(held.found, "pid " + std::to_string(::getpid()))) << held.found;
  ::close(fd);
}

TEST(Doctor, SaysWhatIsWrongWithALink) {
  for (const auto& [link, part] : {std::pair{"serial:/dev/nowhere-1", "/dev/nowhere-1"},
                                   {"serial:usb=0403:6001/NOBODY", "NOBODY"},
                                   {"serial:/etc/passwd", "no serial port"},
                                   {"serial:ttyUSB0", "absolute path"},
                                   {"modem:1", "scheme"}}) {
    const Finding found = link_finding("DAQ", link);
    EXPECT_EQ(found.standing, Standing::wrong) << link;
    EXPECT_EQ(found.what, "DAQ");
    EXPECT_TRUE(contains(found.found, part)) << found.found;
    EXPECT_FALSE(found.to_do.empty());
  }
}

// It told people to join root's group where a port was root's.
TEST(Doctor, SendsNobodyIntoAGroupThatDoesNotHelp) {
  EXPECT_EQ(barred_finding("pen", "/dev/ttyUSB0", "ada", "dialout", true).to_do,
            "sudo usermod -aG dialout ada, then sign in anew");
  const Finding closed = barred_finding("pen", "/dev/ttyS0", "ada", "root", false);
  EXPECT_EQ(closed.standing, Standing::wrong);
  EXPECT_TRUE(contains(closed.to_do, "udev")) << closed.to_do;
  EXPECT_FALSE(contains(closed.to_do, "usermod")) << closed.to_do;
}

TEST(Doctor, SaysThatRecordsAreLostAndThatTheClockLiesBeforeThem) {
  const ScratchDirectory folder;
  EXPECT_TRUE(record_findings(folder.path() / "none", 0).empty());
  EXPECT_TRUE(record_findings(folder.path(), 0).empty()) << "an empty folder is where records may be made";
  RunHeader header;
  header.started_utc_ns = 100 * kDayNs;
  RecordStore::open(folder.path()).value()->open_run(header).value();
  EXPECT_TRUE(record_findings(folder.path(), 101 * kDayNs).empty());
  EXPECT_TRUE(record_findings(folder.path(), std::nullopt).empty());
  const Findings early = record_findings(folder.path(), 99 * kDayNs);
  ASSERT_EQ(early.size(), 1U);
  EXPECT_EQ(early[0].standing, Standing::note);
  EXPECT_TRUE(contains(early[0].found, "R-000001 is of 1970-04-11")) << early[0].found;
  std::filesystem::create_directory(folder.path() / "R-000001");
  std::filesystem::remove(folder.path() / "records.db");
  const Findings lost = record_findings(folder.path(), 101 * kDayNs);
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(lost[0].standing, Standing::wrong);
  EXPECT_TRUE(contains(lost[0].found, "it is gone")) << lost[0].found;
}

TEST(Doctor, SaysWhyBluetoothDoesNotWork) {
  const test::Variable nowhere("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus");
  const auto timeline = make_real_timeline();
  const Finding none = bluetooth_finding(*timeline, "ble:name=PRO-*");
  EXPECT_EQ(none.standing, Standing::wrong);
  EXPECT_FALSE(none.found.empty());
  EXPECT_EQ(bluetooth_finding(*timeline, "ble:shoe=3").standing, Standing::wrong);
}

TEST(Doctor, NamesRadiosThatAreOff) {
  const ScratchDirectory switches;
  const auto add = [&](const char* name, const char* type, const char* soft, const char* hard) {
    const std::filesystem::path at = switches.path() / name;
    std::filesystem::create_directory(at);
    std::ofstream(at / "name") << name << "\n";
    std::ofstream(at / "type") << type << "\n";
    std::ofstream(at / "soft") << soft << "\n";
    std::ofstream(at / "hard") << hard << "\n";
  };
  add("wlan0", "wlan", "1", "1");
  add("hci0", "bluetooth", "0", "0");
  EXPECT_TRUE(blocked_radios(switches.path()).empty());
  add("hci1", "bluetooth", "1", "0");
  ASSERT_EQ(blocked_radios(switches.path()).size(), 1U);
  EXPECT_EQ(blocked_radios(switches.path()).front().to_do, "rfkill unblock bluetooth");
  add("hci2", "bluetooth", "1", "1");
  EXPECT_EQ(blocked_radios(switches.path()).size(), 2U);
}

TEST(Doctor, ReadsHowManyChannelsAConnectionHas) {
  const ScratchDirectory folder;
  const auto standing = [&](const char* text) {
    std::ofstream(folder.path() / "main.conf") << text;
    return eatt_finding(folder.path() / "main.conf").standing;
  };
  EXPECT_EQ(standing("[General]\nChannels = 1\n"), Standing::note);
  EXPECT_EQ(standing("[GATT]\n#Channels = 1\n"), Standing::note);
  EXPECT_EQ(standing("[GATT]\nChannels = 3\n"), Standing::note);
  EXPECT_EQ(standing("[General]\nName = x\n[GATT]\n  Channels=1 \n"), Standing::fine);
  EXPECT_EQ(eatt_finding(folder.path() / "none").standing, Standing::note);
}

TEST(Doctor, SaysHowMuchRoomThereIsForRecords) {
  EXPECT_EQ(room_finding("records", 50'000'000'000).standing, Standing::fine);
  EXPECT_EQ(room_finding("records", 500'000'000).standing, Standing::note);
  EXPECT_EQ(room_finding("records", 40'000'000).standing, Standing::note) << "the shortest runs find room";
  EXPECT_EQ(room_finding("records", 15'000'000).standing, Standing::wrong);
  const ScratchDirectory folder;
  EXPECT_NE(disk_finding(folder.path() / "not" / "made" / "yet").standing, Standing::wrong);
  EXPECT_EQ(disk_finding("/proc/records").standing, Standing::wrong);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "not"));
}

TEST(Doctor, SaysWhetherThereIsAKeyThatCanSign) {
  const ScratchDirectory folder;
  EXPECT_EQ(key_finding(folder.path() / "none").standing, Standing::note);
  ASSERT_TRUE(KeyRing::create(folder.path() / "keys", "M. Okafor"));
  const Finding good = key_finding(folder.path() / "keys");
  EXPECT_EQ(good.standing, Standing::fine);
  EXPECT_EQ(good.found, "M. Okafor");
  std::filesystem::permissions(folder.path() / "keys" / "record-key", std::filesystem::perms(0644));
  EXPECT_EQ(key_finding(folder.path() / "keys").standing, Standing::wrong);
}

TEST(Doctor, SaysWhenTheCertificateEnds) {
  RigDescription rig;
  rig.name = "bench";
  rig.calibrations.head.id = "CAL-1";
  rig.calibrations.head.date = date_of_utc(100 * kDayNs);
  rig.calibrations.head.due = date_of_utc(465 * kDayNs);
  const ScratchDirectory folder;
  const auto standing_on_day = [&](std::int64_t day) {
    const Findings found = rig_record_findings(rig, folder.path() / "none", day * kDayNs);
    EXPECT_EQ(found.size(), 1U);
    return found.front().standing;
  };
  EXPECT_EQ(standing_on_day(99), Standing::wrong);
  EXPECT_EQ(standing_on_day(100), Standing::fine);
  EXPECT_EQ(standing_on_day(434), Standing::fine);
  EXPECT_EQ(standing_on_day(435), Standing::note);
  EXPECT_EQ(standing_on_day(464), Standing::note);
  EXPECT_EQ(standing_on_day(465), Standing::wrong);
}

}  // namespace
}  // namespace penrig::cli
