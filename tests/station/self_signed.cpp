#include "tests/station/self_signed.hpp"

#include <cstdio>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace penrig::testing {
namespace {

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("no certificate for a test: ") + what);
}

void extend(X509* certificate, int which, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, which, value.c_str()), X509_EXTENSION_free);
  must(extension && X509_add_ext(certificate, extension.get(), -1) == 1, value.c_str());
}

template <class Write>
void write(const std::filesystem::path& path, Write how) {
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen(path.c_str(), "w"), std::fclose);
  must(file && how(file.get()) == 1, path.c_str());
}

}  // namespace
}  // namespace penrig::testing

void penrig::testing::write_self_signed(const std::filesystem::path& folder, const std::string& name,
                                        const SelfSigned& what) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  must(key && certificate, "no key");
  X509* x = certificate.get();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
  X509_gmtime_adj(X509_getm_notBefore(x), what.from_s);
  X509_gmtime_adj(X509_getm_notAfter(x), what.until_s);
  X509_set_pubkey(x, key.get());
  X509_NAME* subject = X509_get_subject_name(x);
  const std::string common = "a station under test";
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common.c_str()), -1,
                             -1, 0);
  X509_set_issuer_name(x, subject);
  extend(x, NID_basic_constraints, "critical,CA:TRUE");
  extend(x, NID_subject_alt_name, what.subject);
  must(X509_sign(x, key.get(), EVP_sha256()) > 0, "not signed");
  write(folder / (name + ".pem"), [&](std::FILE* file) { return PEM_write_X509(file, x); });
  write(folder / (name + ".key"),
        [&](std::FILE* file) { return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}
