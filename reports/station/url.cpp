#include "reports/station/url.hpp"

#include <algorithm>
#include <cctype>

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include "rig/spec/utf8.hpp"

namespace penrig::station {
namespace {

constexpr std::size_t kLongestUrl = 2000;

/// Characters that a host's name, or an address, is made of.
bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':';
  });
}

bool is_port(std::string_view port) {
  return !port.empty() && port.size() <= 5 &&
         std::ranges::all_of(port, [](unsigned char c) { return std::isdigit(c) != 0; }) &&
         std::stoul(std::string(port)) - 1 < 65535;
}

bool on_this_machine(const std::string& host) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return error ? host == "localhost" : address.is_loopback();
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  const auto wrong = [&](const std::string& why) {
    return fail(Errc::usage, fmt::format("'{}': {} (write it as https://mes.example/penrig)", shown(text), why));
  };
  if (text.size() > kLongestUrl) return wrong("is longer than 2000 characters");
  if (std::ranges::any_of(text, [](unsigned char c) { return c <= 0x20 || c >= 0x7f || c == '\\'; }))
    return wrong("has characters that no address has");
  Url url;
  url.text = text;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
    url.port = "443";
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    url.secure = false;
    url.port = "80";
  } else {
    return wrong("is no http or https address");
  }
  const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, slash);
  rest.remove_prefix(slash);
  if (rest.find('#') != std::string_view::npos) return wrong("has a fragment, which is never sent");
  if (!rest.empty()) url.target = (rest.front() == '?' ? "/" : "") + std::string(rest);
  if (authority.find('@') != std::string_view::npos) return wrong("has a name or a password in it");
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    url.port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority.remove_prefix(1);
    authority.remove_suffix(1);
  }
  url.host = authority;
  if (!is_host(url.host)) return wrong("names no host");
  if (!is_port(url.port)) return wrong(fmt::format("'{}' is no port", url.port));
  if (!url.secure && !on_this_machine(url.host)) return wrong("another machine is only asked over https");
  return url;
}

}  // namespace penrig::station
