#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rig/base/file_descriptor.hpp"
#include "rig/base/result.hpp"
#include "rig/base/timeline.hpp"

namespace penrig::ble {

class Bus;

struct AdapterInfo {
  std::string path, name, address;  ///< name: hci0
  bool powered = false;
  unsigned pulled_out = 0;  ///< how often it was, since this program listens: one that is back is another
};

inline constexpr int kRssiUnknown = 127;

struct DeviceInfo {
  std::string path, adapter_path, address, name;
  std::optional<int> rssi_dbm;  ///< while it is being heard in a scan; kRssiUnknown where the controller cannot tell
  std::vector<std::string> services;
  bool connected = false, paired = false, resolved = false;
  std::optional<std::uint8_t> battery_percent;  ///< bluetoothd keeps the Battery service for itself, and shows this
};

struct CharacteristicInfo {
  std::string path, uuid;
  std::vector<std::string> flags;
  std::optional<std::uint16_t> mtu;
  bool acquired = false;  ///< somebody holds its descriptor
};

/// bluetoothd, as it says it is: a picture of its adapters, devices and characteristics that its signals keep current,
/// and its methods. Each of these has a deadline of its own; errors name what was asked for, and say what to do where a
/// person can do something: ::port_missing (bluetoothd gone), ::io (no permission), ::timeout, ::link_lost, ::refused.
class Bluez {
 public:
  /// Errc::port_missing if there is no bus or no bluetoothd, ::io if it does not let this program in. Within 2 s.
  static Awaitable<Result<std::shared_ptr<Bluez>>> connect(Timeline& timeline);

  Bluez() = default;
  virtual ~Bluez() = default;
  Bluez(const Bluez&) = delete;
  Bluez& operator=(const Bluez&) = delete;

  virtual Bus& bus() = 0;
  /// Notified at every change of the picture.
  virtual Event& changed() = 0;
  /// Why bluetoothd is gone, if it is. It stays gone for this object, also when it runs again.
  virtual std::optional<Error> gone() const = 0;
  virtual std::vector<AdapterInfo> adapters() const = 0;
  virtual std::vector<DeviceInfo> devices() const = 0;
  virtual std::optional<DeviceInfo> device(const std::string& path) const = 0;
  virtual std::vector<CharacteristicInfo> characteristics_of(const std::string& device_path) const = 0;
  /// Asks for all of it again: the signals tell a device that is resolved before its characteristics.
  virtual Awaitable<Result<void>> look_again() = 0;
  /// From here on only of an adapter or a device, and what is below it, is told; of a device's adapter too. Else every
  /// link would wake for what happens to all of them.
  virtual Awaitable<Result<void>> narrow_to(std::string path) = 0;

  /// LE, and every advertisement is told, not only the first.
  virtual Awaitable<Result<void>> start_discovery(std::string adapter_path) = 0;
  /// A connection that is asked for before a scan has ended is often aborted. A scan also ends with this object.
  virtual Awaitable<void> stop_discovery(std::string adapter_path) = 0;

  virtual Awaitable<Result<void>> connect_device(std::string path, TimePoint deadline) = 0;
  virtual Awaitable<Result<void>> pair_device(std::string path, TimePoint deadline) = 0;
  /// Sent, not waited for: bluetoothd takes 2 s for it.
  virtual void disconnect_device(const std::string& path) = 0;

  virtual Awaitable<Result<std::vector<std::byte>>> read_value(std::string path) = 0;
  /// Without response.
  virtual Awaitable<Result<void>> write_value(std::string path, std::vector<std::byte> value) = 0;
  struct Acquired {
    FileDescriptor descriptor;  ///< a message a packet; non-blocking
    std::uint16_t mtu = 0;
  };
  /// None: bluetoothd or the characteristic cannot do this; use write_value() or start_notify().
  virtual Awaitable<Result<std::optional<Acquired>>> acquire_write(std::string path) = 0;
  virtual Awaitable<Result<std::optional<Acquired>>> acquire_notify(std::string path) = 0;
  /// Whether bluetoothd has not noticed yet that the descriptor of acquire_notify() was closed. False, too, where it
  /// does not know the characteristic any more, or does not answer.
  virtual Awaitable<bool> holds_notify(std::string path) = 0;
  /// Every notified value is handed over in order; an empty handler ends that.
  virtual Awaitable<Result<void>> start_notify(std::string path) = 0;
  virtual void on_value(const std::string& path, std::function<void(std::vector<std::byte>)> handler) = 0;
};

}  // namespace penrig::ble
