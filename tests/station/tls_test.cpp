#include <cstdlib>

#include "reports/station/http_client.hpp"
#include "tests/station/self_signed.hpp"
#include "tests/station/server_bench.hpp"

namespace penrig::station {
namespace {

using penrig::testing::SelfSigned;
using penrig::testing::write_self_signed;

/// A station over TLS at a port of this computer, and a client that trusts one certificate.
class TlsOverSockets : public SocketTest {
 protected:
  std::filesystem::path file(const std::string& name) const { return folder_.path() / name; }

  /// @return why it does not listen.
  Result<void> serve_over_tls(const std::string& certificate, const std::string& key) {
    server_.reset();
    open_station(true);
    ServerOptions options;
    options.port = 0;
    options.certificate = file(certificate);
    options.key = file(key);
    auto opened = Server::open(*timeline_, *station_, options);
    if (!opened) return opened.error();
    server_ = std::move(*opened);
    return {};
  }
  /// Signs in, as a client that trusts this certificate; the reply, or why there is none.
  Awaitable<Result<HttpReply>> sign_in_trusting(std::string trusted) {
    ::setenv("SSL_CERT_FILE", file(trusted).c_str(), 1);
    const auto client = std::move(*HttpClient::open(*timeline_));
    ::unsetenv("SSL_CERT_FILE");
    const std::string own = "https://127.0.0.1:" + std::to_string(server_->port());
    const std::string body = Json{{"name", "admin"}, {"password", kPassword}}.dump();
    auto asking = client->post(*parse_url(own + "/api/session"), {{"Origin", own}}, body, std::chrono::seconds{20});
    co_return co_await std::move(asking);
  }
  /// What comes of it: the status, or the error's message.
  std::string came_of(const SelfSigned& what, const std::string& trusted) {
    write_self_signed(folder_.path(), "own", what);
    write_self_signed(folder_.path(), "other");
    const auto served = serve_over_tls("own.pem", "own.key");
    if (!served) return served.error().message;
    std::string came;
    run(keep(trusted, came));
    return came;
  }

 private:
  Awaitable<void> keep(std::string trusted, std::string& came) {
    auto signing_in = sign_in_trusting(std::move(trusted));
    const Result<HttpReply> reply = co_await std::move(signing_in);
    came = reply ? std::to_string(reply->status) + " " + reply->body : reply.error().message;
  }
};

TEST_F(TlsOverSockets, WhoTrustsItsCertificateSignsIn) {
  const std::string came = came_of({}, "own.pem");
  EXPECT_EQ(came.substr(0, 4), "200 ") << came;
  EXPECT_NE(came.find("\"admin\""), std::string::npos) << came;
}

TEST_F(TlsOverSockets, ACertificateOfAnotherHostOrTimeOrThatNobodyTrustsEndsIt) {
  const std::string refused = "TLS did not come about";
  EXPECT_NE(came_of({}, "other.pem").find(refused), std::string::npos);
  EXPECT_NE(came_of({"IP:192.0.2.7"}, "own.pem").find(refused), std::string::npos);
  EXPECT_NE(came_of({"DNS:station.example"}, "own.pem").find(refused), std::string::npos);
  EXPECT_NE(came_of({"IP:127.0.0.1", -7200, -3600}, "own.pem").find(refused), std::string::npos);
  EXPECT_NE(came_of({"IP:127.0.0.1", 3600, 7200}, "own.pem").find(refused), std::string::npos);
}

TEST_F(TlsOverSockets, WhatDoesNotSpeakTlsIsNotAnswered) {
  write_self_signed(folder_.path(), "own");
  ASSERT_TRUE(serve_over_tls("own.pem", "own.key"));
  std::string answered;
  const auto speak = [&]() -> Awaitable<void> {
    auto speaker = client();
    auto plain = speaker.raw("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    answered = co_await std::move(plain);
  };
  run(speak());
  EXPECT_EQ(answered.find("HTTP/"), std::string::npos) << answered;
}

TEST_F(TlsOverSockets, FilesThatAreMissingOrDoNotBelongTogetherAreNamed) {
  write_self_signed(folder_.path(), "own");
  write_self_signed(folder_.path(), "other");
  for (const auto& [certificate, key, named] :
       std::vector<std::array<std::string, 3>>{{"none.pem", "own.key", "none.pem"},
                                               {"own.pem", "none.key", "none.key"},
                                               {"own.pem", "other.key", "other.key"}}) {
    const auto served = serve_over_tls(certificate, key);
    ASSERT_FALSE(served) << certificate << " " << key;
    EXPECT_EQ(served.error().code, Errc::usage);
    EXPECT_NE(served.error().message.find(named), std::string::npos) << served.error().message;
  }
  serve();
}

}  // namespace
}  // namespace penrig::station
