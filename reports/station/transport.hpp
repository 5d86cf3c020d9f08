#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "rig/base/result.hpp"

namespace penrig::station {

/// The bytes of a connection, plain or over TLS. Virtual, so that what is made of Beast is compiled once.
class Transport {
 public:
  using Done = boost::asio::any_completion_handler<void(boost::system::error_code, std::size_t)>;
  virtual ~Transport() = default;
  virtual boost::asio::any_io_executor executor() = 0;
  /// Whatever has to be agreed on before the first byte.
  virtual boost::asio::awaitable<boost::system::error_code> begin() = 0;
  virtual void read_some(boost::asio::mutable_buffer into, Done done) = 0;
  virtual void write_some(boost::asio::const_buffer from, Done done) = 0;
  /// Ends it at once; what waits for it comes back with an error.
  virtual void close() = 0;
};
std::unique_ptr<Transport> make_plain_transport(boost::asio::ip::tcp::socket socket);
std::unique_ptr<Transport> make_tls_transport(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& tls);
/// The other end of TLS: its server has to be this host, by a certificate that the context trusts.
std::unique_ptr<Transport> make_tls_client_transport(boost::asio::ip::tcp::socket socket,
                                                     boost::asio::ssl::context& tls, const std::string& host);

/// A context for TLS 1.2 and later. Errc::usage: the files cannot be read, or do not belong together.
Result<std::unique_ptr<boost::asio::ssl::context>> make_tls(const std::string& certificate, const std::string& key);
/// For a client: trusts what this machine trusts (SSL_CERT_FILE, SSL_CERT_DIR). Errc::io: it cannot be set up.
Result<std::unique_ptr<boost::asio::ssl::context>> make_client_tls();

/// A transport as Beast wants it. The transport outlives it.
class Stream {
 public:
  using executor_type = boost::asio::any_io_executor;
  explicit Stream(Transport& transport) : transport_(&transport) {}
  executor_type get_executor() { return transport_->executor(); }
  Transport& transport() { return *transport_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    auto initiate = [](auto handler, Transport* transport, boost::asio::mutable_buffer into) {
      transport->read_some(into, std::move(handler));
    };
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        initiate, token, transport_, first_of<boost::asio::mutable_buffer>(buffers));
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    auto initiate = [](auto handler, Transport* transport, boost::asio::const_buffer from) {
      transport->write_some(from, std::move(handler));
    };
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        initiate, token, transport_, first_of<boost::asio::const_buffer>(buffers));
  }

 private:
  /// Of several buffers the first with anything in it: whoever wants more asks again.
  template <class Buffer, class Buffers>
  static Buffer first_of(const Buffers& buffers) {
    const auto end = boost::asio::buffer_sequence_end(buffers);
    for (auto it = boost::asio::buffer_sequence_begin(buffers); it != end; ++it) {
      const Buffer buffer(*it);
      if (buffer.size() > 0) return buffer;
    }
    return Buffer();
  }

  Transport* transport_;
};

}  // namespace penrig::station
