#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "rig/base/timeline.hpp"

namespace penrig::testing {

/// Another system on this computer, as a factory has one: takes HTTP requests on a socket, and answers as it is told.
class OtherSystem {
 public:
  struct Asked {
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string target, body;
  };
  /// Bytes to send; "" closes without a word, "hang" never answers.
  using Answer = std::function<std::string(const Asked&)>;

  explicit OtherSystem(Timeline& timeline);
  /// Goes on until close().
  Awaitable<void> serve();
  void close();
  std::string url() const;

  static std::string reply(unsigned status, const std::string& body);

  std::vector<Asked> asked;
  Answer answer = [](const Asked&) { return reply(200, "{}"); };
  Event arrived;

 private:
  Awaitable<void> serve_one(boost::asio::ip::tcp::socket socket);

  Timeline& timeline_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::vector<boost::asio::ip::tcp::socket> hanging_;
  bool closed_ = false;
};

}  // namespace penrig::testing
