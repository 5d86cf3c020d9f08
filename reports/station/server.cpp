#include "reports/station/server.hpp"

#include <exception>
#include <list>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace penrig::station {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

}  // namespace

struct Server::Impl {
  Impl(Timeline& line, Station& whose, ServerOptions wanted)
      : timeline(line), station(whose), options(std::move(wanted)), acceptor(line.io()), ended(line) {}

  static Awaitable<void> accept(std::shared_ptr<Impl> self) {
    while (!self->closing) {
      error_code error;
      tcp::socket socket(self->timeline.io());
      co_await self->acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
      if (self->closing) co_return;
      if (error) {  // no descriptor is left, or somebody was gone before he was taken
        co_await self->timeline.sleep_for(std::chrono::milliseconds{50});
        continue;
      }
      if (self->open.size() >= self->options.connections) continue;  // closed with the socket
      const auto end = socket.remote_endpoint(error);
      if (error) continue;
      socket.set_option(tcp::no_delay(true), error);
      self->timeline.spawn(serve(self, std::move(socket), end.address().to_string()));
    }
  }
  /// Whatever goes wrong in a connection ends that one, and not the rig's loop.
  static Awaitable<void> serve(std::shared_ptr<Impl> self, tcp::socket socket, std::string from) {
    const auto place = self->open.insert(self->open.end(), nullptr);
    try {
      *place = self->tls ? make_tls_transport(std::move(socket), *self->tls) : make_plain_transport(std::move(socket));
      co_await serve_connection(self->timeline, self->station, *place, from, self->options.bounds);
    } catch (const std::exception& e) {
      spdlog::error("a connection from {} ended by something unexpected: {}", from, e.what());
    }
    if (*place) (*place)->close();
    self->open.erase(place);
    self->ended.notify_all();
  }

  void close_all() {
    for (const auto& transport : open) {
      if (transport) transport->close();
    }
  }

  Timeline& timeline;
  Station& station;
  ServerOptions options;
  std::unique_ptr<asio::ssl::context> tls;
  tcp::acceptor acceptor;
  std::list<std::shared_ptr<Transport>> open;
  bool closing = false;
  Event ended;
};

Result<bool> is_loopback(const std::string& address) {
  error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error) return fail(Errc::usage, fmt::format("'{}' is no address (write one, as 127.0.0.1)", address));
  return parsed.is_loopback();
}

Result<std::unique_ptr<Server>> Server::open(Timeline& timeline, Station& station, ServerOptions options) {
  const auto loopback = is_loopback(options.address);
  if (!loopback) return loopback.error();
  const bool has_tls = !options.certificate.empty() && !options.key.empty();
  if (!*loopback && !has_tls) {
    return fail(Errc::usage, fmt::format("{} can be reached from elsewhere: that takes TLS (--certificate FILE --key "
                                         "FILE, both PEM)",
                                         options.address));
  }
  auto impl = std::make_shared<Impl>(timeline, station, std::move(options));
  if (has_tls) {
    auto tls = make_tls(impl->options.certificate, impl->options.key);
    if (!tls) return tls.error();
    impl->tls = std::move(*tls);
  }
  error_code error;
  const tcp::endpoint at(asio::ip::make_address(impl->options.address), impl->options.port);
  const auto failed = [&] {
    const Errc code = error == asio::error::address_in_use ? Errc::port_busy : Errc::io;
    return fail(code, fmt::format("{} port {} cannot be listened at: {} (choose another with --port)",
                                  impl->options.address, impl->options.port, error.message()));
  };
  impl->acceptor.open(at.protocol(), error);
  if (!error) impl->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) impl->acceptor.bind(at, error);
  if (!error) impl->acceptor.listen(64, error);
  if (error) return failed();
  timeline.spawn(Impl::accept(impl));
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  impl_->closing = true;
  error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->close_all();
}

std::uint16_t Server::port() const { return impl_->acceptor.local_endpoint().port(); }

std::size_t Server::connections() const { return impl_->open.size(); }

Awaitable<void> Server::close() {
  const std::shared_ptr<Impl> impl = impl_;
  impl->closing = true;
  error_code ignored;
  impl->acceptor.close(ignored);
  impl->station.close_all();
  const TimePoint deadline = impl->timeline.now() + std::chrono::seconds{3};
  impl->close_all();
  while (!impl->open.empty() && impl->timeline.now() < deadline) co_await impl->ended.wait_until(deadline);
}

}  // namespace penrig::station
