#include "tools/penrig/doctor_ports.hpp"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocols/ble/ble_link.hpp"
#include "protocols/port_holder.hpp"
#include "rig/spec/pen_link.hpp"

namespace penrig::cli {
namespace {

std::string group_name(gid_t id) {
  const struct group* group = ::getgrgid(id);
  return group == nullptr ? std::to_string(id) : group->gr_name;
}

std::string user_name() {
  const struct passwd* user = ::getpwuid(::getuid());
  return user == nullptr ? std::to_string(::getuid()) : user->pw_name;
}

/// A file that is there, and that a program could open.
Finding device_finding(const std::string& what, const std::string& name, const std::string& device) {
  struct stat node {};
  if (::stat(device.c_str(), &node) != 0) {
    return {Standing::wrong, what, fmt::format("{}: {}", name, std::generic_category().message(errno)),
            "penrig ports lists what is there"};
  }
  if (!S_ISCHR(node.st_mode))
    return {Standing::wrong, what, fmt::format("{}: is no serial port", name), "penrig ports lists what is there"};
  if (::access(device.c_str(), R_OK | W_OK) != 0) {
    constexpr mode_t kOpens = S_IRGRP | S_IWGRP;
    const bool joining_helps = (node.st_mode & kOpens) == kOpens && node.st_gid != 0;
    return barred_finding(what, name, user_name(), group_name(node.st_gid), joining_helps);
  }
  const bool pty = device.starts_with("/dev/pts/");
  if (const auto holder = pty ? locker_of_port(device) : holder_of_port(device))
    return {Standing::wrong, what, fmt::format("{}: held by {}", name, *holder), "end that program"};
  return {Standing::fine, what, name == device ? name : fmt::format("{}, now {}", name, device), ""};
}

}  // namespace

Finding barred_finding(const std::string& what, const std::string& name, const std::string& user,
                       const std::string& group, bool joining_helps) {
  if (joining_helps) {
    return {Standing::wrong, what, fmt::format("{}: {} may not open it, members of group {} may", name, user, group),
            fmt::format("sudo usermod -aG {} {}, then sign in anew", group, user)};
  }
  return {
      Standing::wrong, what, fmt::format("{}: {} may not open it, and joining group {} is no help", name, user, group),
      "let a rule of udev give it to a group of its own, such as dialout (GROUP=\"dialout\", MODE=\"0660\"), and join "
      "that"};
}

Finding link_finding(const std::string& whose, const std::string& link) {
  constexpr const char* kMendIt = "mend it in the rig's description";
  if (pen_link_of(link) == PenLink::ble) {
    const Result<BleUri> uri = parse_ble_uri(link);
    if (!uri) return {Standing::wrong, whose, uri.error().message, kMendIt};
    return {Standing::fine, whose, link, ""};
  }
  const Result<SerialUri> uri = parse_serial_uri(link);
  if (!uri) return {Standing::wrong, whose, uri.error().message, kMendIt};
  const Result<std::string> device = find_port(*uri, link);
  if (!device) return {Standing::wrong, whose, device.error().message, "plug it in, or mend the rig's description"};
  return device_finding(whose, link, *device);
}

Finding port_finding(const PortInfo& port) { return device_finding("port", port.name, port.name); }

}  // namespace penrig::cli
