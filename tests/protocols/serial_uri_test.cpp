#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocols/links.hpp"

namespace penrig {
namespace {

using ::testing::HasSubstr;

TEST(SerialUri, TakesAPathAndABaudRate) {
  const auto uri = parse_serial_uri("serial:/dev/ttyUSB0?baud=921600");
  ASSERT_TRUE(uri.has_value()) << uri.error().message;
  EXPECT_EQ(uri->device, "/dev/ttyUSB0");
  EXPECT_EQ(uri->baud, 921600U);
  EXPECT_EQ(parse_serial_uri("serial:/dev/pts/7")->baud, 3'000'000U);
}

TEST(SerialUri, TakesAUsbIdentityWithAndWithoutASerialNumber) {
  const auto uri = parse_serial_uri("serial:usb=0403:6A01/FT-12 A?baud=115200");
  ASSERT_TRUE(uri.has_value()) << uri.error().message;
  EXPECT_TRUE(uri->device.empty());
  EXPECT_EQ(uri->usb_vid_pid, "0403:6a01");
  EXPECT_EQ(uri->usb_serial, "FT-12 A");
  EXPECT_EQ(uri->baud, 115200U);
  EXPECT_EQ(parse_serial_uri("serial:usb=0403:6001")->usb_serial, "");
}

TEST(SerialUri, SaysWhatIsWrong) {
  const auto message = [](std::string_view uri) {
    const auto parsed = parse_serial_uri(uri);
    EXPECT_TRUE(parsed.has_error()) << uri;
    if (parsed) return std::string{};
    EXPECT_EQ(parsed.error().code, Errc::usage);
    EXPECT_THAT(parsed.error().message, HasSubstr(std::string(uri)));
    return parsed.error().message;
  };
  EXPECT_EQ(message("serail:/dev/ttyUSB0"),
            "link 'serail:/dev/ttyUSB0': unknown scheme 'serail:'; known are serial: and ble: for a link and sim: for "
            "a whole rig "
            "(--rig sim:seed=7)");
  EXPECT_THAT(message("/dev/ttyUSB0"), HasSubstr("no scheme"));
  EXPECT_THAT(message("sim:seed=7"), HasSubstr("--rig sim:seed=7"));
  EXPECT_THAT(message("serial:"), HasSubstr("no port is named"));
  EXPECT_THAT(message("serial:ttyUSB0"), HasSubstr("'ttyUSB0' is no absolute path"));
  EXPECT_THAT(message("serial:/dev/ttyUSB0?baud=fast"), HasSubstr("baud 'fast' is no whole number from 1200"));
  EXPECT_THAT(message("serial:/dev/ttyUSB0?baud=300"), HasSubstr("baud '300'"));
  EXPECT_THAT(message("serial:/dev/ttyUSB0?baud"), HasSubstr("baud ''"));
  EXPECT_THAT(message("serial:/dev/ttyUSB0?parity=odd"), HasSubstr("unknown setting 'parity'; known is baud"));
  EXPECT_THAT(message("serial:usb=403:6001"), HasSubstr("'403:6001' is no USB identity"));
}

}  // namespace
}  // namespace penrig
