#include "reports/station/transport.hpp"

#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace penrig::station {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

void shut(tcp::socket& socket) {
  error_code ignored;
  socket.shutdown(tcp::socket::shutdown_both, ignored);
  socket.close(ignored);
}

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(tcp::socket socket) : socket_(std::move(socket)) {}
  asio::any_io_executor executor() override { return socket_.get_executor(); }
  asio::awaitable<error_code> begin() override { co_return error_code{}; }
  void read_some(asio::mutable_buffer into, Done done) override { socket_.async_read_some(into, std::move(done)); }
  void write_some(asio::const_buffer from, Done done) override { socket_.async_write_some(from, std::move(done)); }
  void close() override { shut(socket_); }

 private:
  tcp::socket socket_;
};

class TlsTransport final : public Transport {
 public:
  TlsTransport(tcp::socket socket, asio::ssl::context& tls, asio::ssl::stream_base::handshake_type role)
      : stream_(std::move(socket), tls), role_(role) {}
  asio::any_io_executor executor() override { return stream_.get_executor(); }
  asio::awaitable<error_code> begin() override {
    error_code error;
    co_await stream_.async_handshake(role_, asio::redirect_error(asio::use_awaitable, error));
    co_return error;
  }
  void read_some(asio::mutable_buffer into, Done done) override { stream_.async_read_some(into, std::move(done)); }
  void write_some(asio::const_buffer from, Done done) override { stream_.async_write_some(from, std::move(done)); }
  void close() override { shut(stream_.next_layer()); }
  /// Before begin(): false if the library refused.
  bool expect(const std::string& host) {
    error_code error;
    stream_.set_verify_mode(asio::ssl::verify_peer, error);
    if (!error) stream_.set_verify_callback(asio::ssl::host_name_verification(host), error);
    if (error) return false;
    error_code is_name;
    (void)asio::ip::make_address(host, is_name);
    if (!is_name) return true;  // an address is not told as a name (RFC 6066)
    std::string name = host;
    return SSL_ctrl(stream_.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
  }

 private:
  asio::ssl::stream<tcp::socket> stream_;
  asio::ssl::stream_base::handshake_type role_;
};

}  // namespace

std::unique_ptr<Transport> make_plain_transport(tcp::socket socket) {
  return std::make_unique<PlainTransport>(std::move(socket));
}

std::unique_ptr<Transport> make_tls_transport(tcp::socket socket, asio::ssl::context& tls) {
  return std::make_unique<TlsTransport>(std::move(socket), tls, asio::ssl::stream_base::server);
}

std::unique_ptr<Transport> make_tls_client_transport(tcp::socket socket, asio::ssl::context& tls,
                                                     const std::string& host) {
  auto transport = std::make_unique<TlsTransport>(std::move(socket), tls, asio::ssl::stream_base::client);
  if (!transport->expect(host)) return nullptr;
  return transport;
}

namespace {

error_code only_new_tls(asio::ssl::context& tls) {
  error_code error;
  tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                      asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1,
                  error);
  return error;
}

}  // namespace

Result<std::unique_ptr<asio::ssl::context>> make_client_tls() {
  auto tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  error_code error = only_new_tls(*tls);
  if (!error) tls->set_default_verify_paths(error);
  if (!error) tls->set_verify_mode(asio::ssl::verify_peer, error);
  if (error) return fail(Errc::io, "TLS cannot be set up: " + error.message());
  return tls;
}

Result<std::unique_ptr<asio::ssl::context>> make_tls(const std::string& certificate, const std::string& key) {
  auto tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  error_code error = only_new_tls(*tls);
  const auto wrong = [&](const std::string& file, const char* what) {
    return fail(Errc::usage, fmt::format("{}: {}: {}", file, what, error.message()));
  };
  if (error) return wrong(certificate, "TLS cannot be set up");
  tls->use_certificate_chain_file(certificate, error);
  if (error) return wrong(certificate, "no certificate (PEM) can be read there");
  tls->use_private_key_file(key, asio::ssl::context::pem, error);
  if (error) return wrong(key, "no private key (PEM) of this certificate can be read there");
  return tls;
}

}  // namespace penrig::station
