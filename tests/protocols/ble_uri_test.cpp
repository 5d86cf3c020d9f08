#include <gmock/gmock.h>

#include "protocols/ble/ble_link.hpp"
#include "protocols/ble/find_pen.hpp"
#include "protocols/links.hpp"

namespace penrig {
namespace {

using ::testing::HasSubstr;

std::string message(std::string_view uri) {
  const auto parsed = parse_ble_uri(uri);
  if (parsed) return "it parses";
  EXPECT_EQ(parsed.error().code, Errc::usage);
  return parsed.error().message;
}

TEST(BleUri, NamesAPenByNameAddressOrService) {
  EXPECT_EQ(parse_ble_uri("ble:name=PRO-*")->name, "PRO-*");
  EXPECT_EQ(parse_ble_uri("ble:addr=c0:ff:ee:00:12:3f")->address, "C0:FF:EE:00:12:3F");
  const auto any = parse_ble_uri("ble:service");
  ASSERT_TRUE(any);
  EXPECT_EQ(any->name + any->address + any->adapter, "");
  EXPECT_EQ(any->scan, std::chrono::seconds{15});
  EXPECT_FALSE(any->pair);
}

TEST(BleUri, TakesAdapterPairingAndTheTimeToScan) {
  const auto uri = parse_ble_uri("ble:name=a b?adapter=hci1&pair=yes&scan_s=30");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->name, "a b");
  EXPECT_EQ(uri->adapter, "hci1");
  EXPECT_TRUE(uri->pair);
  EXPECT_EQ(uri->scan, std::chrono::seconds{30});
}

TEST(BleUri, SaysWhatIsWrongAndWhatToWrite) {
  EXPECT_THAT(message("ble:"), HasSubstr("link 'ble:': no pen is named; write ble:name=PRO-0001"));
  EXPECT_THAT(message("ble:PRO-1"), HasSubstr("'PRO-1' is neither name=, addr= nor service; write"));
  EXPECT_THAT(message("ble:name="), HasSubstr("the name is empty"));
  EXPECT_THAT(message("ble:addr=C0:FF:EE"), HasSubstr("'C0:FF:EE' is no address of six pairs of hex digits"));
  EXPECT_THAT(message("ble:addr=C0:FF:EE:00:12:3G"), HasSubstr("is no address"));
  EXPECT_THAT(message("ble:service?adapter=wlan0"), HasSubstr("adapter 'wlan0' is none; hci0 or hci1 are"));
  EXPECT_THAT(message("ble:service?pair=maybe"), HasSubstr("pair is yes or no, not 'maybe'"));
  EXPECT_THAT(message("ble:service?scan_s=0"), HasSubstr("scan_s '0' is no whole number from 1 to 120"));
  EXPECT_THAT(message("ble:service?baud=9600"),
              HasSubstr("unknown setting 'baud'; known are adapter, pair and scan_s"));
  EXPECT_THAT(message("serial:/dev/ttyUSB0"), HasSubstr("its scheme is not ble:"));
}

TEST(BleUri, IsOneOfTheLinksThatCanBeOpened) {
  EXPECT_TRUE(check_link_uri("ble:service").has_value());
  EXPECT_TRUE(check_link_uri("serial:/dev/ttyUSB0").has_value());
  EXPECT_FALSE(check_link_uri("ble:").has_value());
  EXPECT_FALSE(check_link_uri("telnet:x").has_value());
}

TEST(BleUri, PatternsFitAsAShellHasThem) {
  EXPECT_TRUE(ble::name_fits("PRO-*", "PRO-0001"));
  EXPECT_TRUE(ble::name_fits("*0001", "PRO-0001"));
  EXPECT_TRUE(ble::name_fits("P*-*1", "PRO-0001"));
  EXPECT_TRUE(ble::name_fits("PRO-000?", "PRO-0001"));
  EXPECT_TRUE(ble::name_fits("*", ""));
  EXPECT_FALSE(ble::name_fits("PRO-000?", "PRO-000"));
  EXPECT_FALSE(ble::name_fits("PRO-*", "pro-0001"));
  EXPECT_FALSE(ble::name_fits("", "PRO-0001"));
  EXPECT_FALSE(ble::name_fits("****************************x", std::string(5'000, 'y')));
}

}  // namespace
}  // namespace penrig
