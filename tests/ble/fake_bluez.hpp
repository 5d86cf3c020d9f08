#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocols/ble/bus.hpp"
#include "protocols/ble/bus_call.hpp"
#include "tests/ble/fake_pen.hpp"

namespace penrig::ble::fake {

/// org.bluez, with adapters and pens that exist only here, on whatever is the system bus. Lives on a timeline in real
/// time, beside what it is a bluetoothd for or in another process.
class FakeBluez {
 public:
  /// @param adapters  their names; all are on.
  FakeBluez(Timeline& timeline, const std::vector<std::string>& adapters);
  ~FakeBluez();
  FakeBluez(const FakeBluez&) = delete;
  FakeBluez& operator=(const FakeBluez&) = delete;

  /// A pen in the air of an adapter. Lives as long as this.
  FakePen& add_pen(PenSettings settings, const std::string& adapter = "hci0");

  void power(const std::string& adapter, bool on);
  void unplug(const std::string& adapter);
  /// Out and in again, before anybody can look.
  void replug(const std::string& adapter);
  /// StartDiscovery fails with this D-Bus error.
  void refuse_to_scan(std::string error) { scan_error_ = std::move(error); }

  bool scans(const std::string& adapter) const;
  int agents() const { return static_cast<int>(agents_.size()); }

  Timeline& timeline() { return timeline_; }
  sdbus::IConnection& connection() { return bus_->connection(); }
  Bus& bus() { return *bus_; }

  /// Who answers for a program that pairs.
  struct AgentInfo {
    std::string owner, path, capability;
  };
  std::optional<AgentInfo> agent_of(const std::string& owner) const;

  /// What a program that plays a pen has registered with an adapter.
  struct Registered {
    std::string name;                          ///< that it advertises; empty: it does not
    std::vector<std::string> advertised;       ///< services
    std::map<std::string, std::string> paths;  ///< of its characteristics, by UUID; empty: it has none
    std::string alias;                         ///< of the adapter
  };
  const Registered& registered(const std::string& adapter) const;
  /// The pen that an adapter's program plays, in the air of another one.
  FakePen& add_played_pen(const std::string& by, const std::string& adapter = "hci0");

 private:
  struct Adapter;
  void add_adapter(const std::string& name);
  void add_managers(Adapter& adapter);
  Awaitable<void> register_application(Adapter& adapter, std::string path, std::string owner, sdbus::Result<> answer);
  Awaitable<void> register_advertisement(Adapter& adapter, std::string path, std::string owner, sdbus::Result<> answer);
  void add_agent_manager();
  Awaitable<void> advertise(FakePen& pen, std::shared_ptr<bool> alive);

  Timeline& timeline_;
  std::unique_ptr<Bus> bus_;
  std::map<std::string, std::unique_ptr<Adapter>> adapters_;
  std::map<std::string, AgentInfo> agents_;
  std::unique_ptr<sdbus::IObject> agent_manager_;
  std::vector<std::unique_ptr<FakePen>> pens_;
  std::string scan_error_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// PropertiesChanged, whatever the object has registered.
void tell_changed(sdbus::IObject& object, const std::string& interface, const Dict& values);

}  // namespace penrig::ble::fake
