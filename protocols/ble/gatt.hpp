#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// The GATT profile of a pen, as protocols/GATT.md has it: what a firmware and this program must agree on.
namespace penrig::ble {

/// The service, and what it has in it.
inline constexpr std::string_view kPenService = "7b1e0001-5c3a-4d6b-9a41-70656e726967";
inline constexpr std::string_view kToPen = "7b1e0002-5c3a-4d6b-9a41-70656e726967";       ///< write without response
inline constexpr std::string_view kFromPen = "7b1e0003-5c3a-4d6b-9a41-70656e726967";     ///< notify
inline constexpr std::string_view kStreamInfo = "7b1e0004-5c3a-4d6b-9a41-70656e726967";  ///< read

/// Standard services that a pen has beside it.
inline constexpr std::string_view kDeviceInformation = "0000180a-0000-1000-8000-00805f9b34fb";
inline constexpr std::string_view kBattery = "0000180f-0000-1000-8000-00805f9b34fb";
/// And what they hold. The manufacturer is for people; nothing here reads it.
inline constexpr std::string_view kManufacturer = "00002a29-0000-1000-8000-00805f9b34fb";
inline constexpr std::string_view kModel = "00002a24-0000-1000-8000-00805f9b34fb";
inline constexpr std::string_view kSerialNumber = "00002a25-0000-1000-8000-00805f9b34fb";
inline constexpr std::string_view kFirmware = "00002a26-0000-1000-8000-00805f9b34fb";
inline constexpr std::string_view kHardware = "00002a27-0000-1000-8000-00805f9b34fb";
inline constexpr std::string_view kBatteryLevel = "00002a19-0000-1000-8000-00805f9b34fb";

inline constexpr std::uint8_t kProfileVersion = 1;

/// Stream info: version, flags, largest chunk that the pen takes (little endian).
inline constexpr std::size_t kStreamInfoBytes = 4;
inline constexpr std::uint8_t kNeedsPairing = 0x01;  ///< flag

/// Sizes in bytes, header included.
inline constexpr std::size_t kChunkHeader = 4;
inline constexpr std::size_t kChunkMax = 509;  ///< longer write commands vanish, longer notifications are cut
inline constexpr std::size_t kChunkMin = 20;   ///< what the smallest MTU carries
inline constexpr std::size_t kMtuMin = 23;
inline constexpr std::size_t kAttHeader = 3;

/// The largest chunk that an MTU carries.
constexpr std::size_t chunk_for_mtu(std::size_t mtu) {
  return mtu < kMtuMin ? kChunkMin : (mtu - kAttHeader < kChunkMax ? mtu - kAttHeader : kChunkMax);
}

inline constexpr unsigned kWindowMax = 64;  ///< chunks

inline constexpr std::chrono::milliseconds kOpenAgain{200};        ///< an OPEN that is not answered is sent again
inline constexpr std::chrono::milliseconds kOpenWithin{2000};      ///< from the first OPEN
inline constexpr std::chrono::milliseconds kAcknowledge{20};       ///< how long an acknowledgement may wait for data
inline constexpr std::chrono::milliseconds kKeepAlive{100};        ///< whoever has sent nothing for so long says STATUS
inline constexpr std::chrono::milliseconds kSilent{1000};          ///< whoever was not heard for so long is gone
inline constexpr std::chrono::milliseconds kUnacknowledged{2000};  ///< so is who does not acknowledge a chunk
inline constexpr std::chrono::milliseconds kReorder{200};          ///< how long a missing chunk may come late

}  // namespace penrig::ble
