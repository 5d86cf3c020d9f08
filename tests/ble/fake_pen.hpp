#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "protocols/ble/bus_call.hpp"
#include "protocols/ble/pen_wire.hpp"
#include "protocols/byte_link.hpp"

namespace penrig::ble::fake {

class FakeBluez;

enum class Pairing { none, just_works, confirm, passkey, refused, only_claimed };

/// A program that plays a pen: whom bluetoothd asks, by characteristic.
struct PlayedBy {
  std::string owner;
  std::map<std::string, std::string> paths;  ///< by UUID
};

struct PenSettings {
  std::string address = "C0:FF:EE:00:00:01", name = "PRO-0001";
  std::int16_t rssi_dbm = -50;
  std::uint16_t mtu = 247;
  Nanoseconds advertises_every = std::chrono::milliseconds{50};
  bool known = false;       ///< to bluetoothd, before anybody scans
  bool connected = false;   ///< likewise, by somebody else
  bool is_pen = true;       ///< has the Pen service
  bool descriptors = true;  ///< AcquireWrite and AcquireNotify are there
  Pairing pairing = Pairing::none;
  std::uint32_t passkey = 123'456;
  std::uint8_t profile_version = 1;
  int refused_connects = 0;  ///< the first ones fail
  bool resolves = true;
  bool tells_that_it_connected = true;  ///< bluetoothd 5.66 sometimes does not
  Nanoseconds connect_takes = std::chrono::milliseconds{10};
  Nanoseconds disconnect_takes{0};  ///< when the host asks for it; 2 s in a real one
  Nanoseconds notices_after{0};     ///< so long it holds a notify descriptor that the host has closed
  std::size_t longest_chunk = 244;
  PlayedBy played_by{};  ///< nobody: the pen is all here
  /// Device Information: model, serial number, firmware and hardware revision; one that is empty is not there.
  std::array<std::string, 4> information{"pen-pro", "PRO-0001", "2.4.1", "C"};
  std::optional<std::uint8_t> battery_percent = 87;
  bool battery_kept = true;  ///< bluetoothd shows the battery in its own way, as it does by default
};

/// A peripheral: what bluetoothd shows of it, and what its firmware hears.
class FakePen {
 public:
  FakePen(FakeBluez& bluez, PenSettings settings, std::string adapter_path);
  ~FakePen();
  FakePen(const FakePen&) = delete;
  FakePen& operator=(const FakePen&) = delete;

  void run(PenFirmware firmware) { firmware_ = std::move(firmware); }

  /// The faces of link loss.
  void disconnect();              ///< as bluetoothd shows it when all goes well: Connected, descriptors, services
  void end_descriptors();         ///< end of file, and nothing else is said
  void say_disconnected();        ///< Connected = false, and the descriptors stay open
  void remove();                  ///< InterfacesRemoved of the device
  void change_services();         ///< InterfacesRemoved of its characteristics
  void fall_silent(bool silent);  ///< everything is taken, nothing comes

  PenWire& wire() { return *wire_; }
  PenSettings& settings() { return settings_; }
  const std::string& adapter_path() const { return adapter_path_; }
  bool connected() const { return connected_; }
  bool paired() const { return paired_; }
  bool visible() const { return device_ != nullptr; }
  int connections = 0, streams = 0;
  std::string subscriber;  ///< on the bus: who acquired the notifications last
  /// That the subscriber's descriptor is not known to be closed.
  bool holds_notify();

  void advertise();  ///< one advertisement is heard

 private:
  std::string path() const;
  void show_device(bool with_rssi);
  void show_services();
  void hide_services();
  void set_connected(bool connected, bool resolved);
  void add_characteristic(std::string_view uuid, const std::vector<std::string>& flags, int number);
  void add_played(sdbus::IObject& object, const std::string& uuid);
  void add_information();
  /// One that is only read.
  void add_value(std::string_view uuid, std::vector<std::uint8_t> value, int number);
  Awaitable<void> disconnect_later();
  Awaitable<void> connect(sdbus::Result<> answer);
  Awaitable<void> pair(sdbus::Result<> answer, std::string owner);
  void serve();
  std::vector<std::uint8_t> stream_info() const;
  static sdbus::UnixFd acquire(boost::asio::posix::stream_descriptor& own_end);

  FakeBluez& bluez_;
  PenSettings settings_;
  std::string adapter_path_;
  PenFirmware firmware_;
  std::unique_ptr<sdbus::IObject> device_, service_;
  std::vector<std::unique_ptr<sdbus::IObject>> characteristics_;
  sdbus::IObject* from_pen_ = nullptr;
  PenWirePtr wire_;
  std::optional<TimePoint> hung_up_;
  bool connected_ = false, resolved_ = false, paired_ = false, serving_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace penrig::ble::fake
