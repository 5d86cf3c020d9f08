#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "protocols/ble/bus_call.hpp"
#include "protocols/ble/gatt_pen.hpp"

namespace penrig::ble {

/// What bluetoothd does with the stream's characteristics when a host does.
class PenStreamSide {
 public:
  virtual ~PenStreamSide() = default;
  /// Subscribed: the descriptor that bluetoothd gets, or none. @param device  the host, as bluetoothd calls it.
  virtual std::optional<FileDescriptor> acquire_notify(const std::string& device, std::uint16_t mtu) = 0;
  virtual std::optional<FileDescriptor> acquire_write(const std::string& device, std::uint16_t mtu) = 0;
  virtual void start_notify() = 0;
  virtual void stop_notify() = 0;
  virtual void wrote(const std::string& device, std::uint16_t mtu, std::vector<std::byte> chunk) = 0;
  virtual void advertising_released() = 0;
};

/// The D-Bus objects of a pen, which bluetoothd reads and calls: services, characteristics and the advertisement.
class PenObjects {
 public:
  /// @param side  outlives this.
  PenObjects(sdbus::IConnection& connection, const PenProfile& profile, PenStreamSide& side);

  const std::string& application_path() const { return root_path_; }
  const std::string& advertisement_path() const { return advertisement_path_; }
  /// A value for whoever subscribed without a descriptor.
  void notify(const std::vector<std::byte>& chunk);

 private:
  using Value = std::vector<std::uint8_t>;
  std::string add_service(std::string_view uuid);
  sdbus::IObject& add_characteristic(const std::string& service, std::string_view uuid,
                                     const std::vector<std::string>& flags);
  void add_value(const std::string& service, std::string_view uuid, const std::vector<std::string>& flags, Value value);
  void add_text(const std::string& service, std::string_view uuid, const std::string& text);
  void add_stream(const std::string& service, const PenProfile& profile, PenStreamSide& side);
  void add_advertisement(sdbus::IConnection& connection, const PenProfile& profile, PenStreamSide& side);

  sdbus::IConnection& connection_;
  std::string root_path_ = "/penrig/pen", advertisement_path_ = "/penrig/advertisement";
  std::unique_ptr<sdbus::IObject> root_, advertisement_;
  std::vector<std::unique_ptr<sdbus::IObject>> objects_;  ///< services and characteristics; gone before the root
  sdbus::IObject* from_pen_ = nullptr;
  Value notified_;
  int services_ = 0;
};

}  // namespace penrig::ble
