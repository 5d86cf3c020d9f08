#pragma once

#include <memory>
#include <string>
#include <utility>

#include "reports/station/server.hpp"
#include "tests/station/socket_client.hpp"
#include "tests/station/station_bench.hpp"

namespace penrig::station {

/// A station behind its server, at a free port of this computer, in real time; what a test does is a coroutine.
class SocketTest : public StationTest {
 public:
  SocketTest() : StationTest(make_real_timeline()) { serve(); }

  void serve(ConnectionBounds bounds = {}) {
    ServerOptions options;
    options.port = 0;
    options.bounds = bounds;
    server_.reset();
    auto opened = Server::open(*timeline_, *station_, options);
    server_ = std::move(*opened);
  }
  /// The station anew, and with it its server.
  void serve_with(SessionRules rules) {
    server_.reset();
    open_station(false, rules);
    serve();
  }
  penrig::testing::SocketClient client() { return {*timeline_, server_->port()}; }
  void run(Awaitable<void> test) { timeline_->run(to_end(std::move(test))); }

  static penrig::testing::SocketClient::Headers as_page(const penrig::testing::SocketClient& client) {
    return {{"Cookie", client.cookie}, {"Origin", "http://127.0.0.1:" + std::to_string(client.port())}};
  }

  std::unique_ptr<Server> server_;

 private:
  Awaitable<int> to_end(Awaitable<void> test) {
    co_await std::move(test);
    co_await server_->close();
    co_return 0;
  }
};

}  // namespace penrig::station
