#pragma once

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <string>

#include "base/assert.hpp"
#include "edge/http/openssl_ptr.hpp"

namespace firebrand {

/// A certificate that signed itself, good for the hour before and behind now, and its key; both
/// PEM. For tests only.
struct TestCertificate {
  std::string certificate;
  std::string key;

  /// @param names  Whom it is for: "IP:127.0.0.1" or "DNS:shop.example".
  /// @param rsa_bits  0: a key on a curve.
  static TestCertificate make(const char* names, unsigned rsa_bits = 0) {
    const OpensslPtr<EVP_PKEY> key(rsa_bits == 0 ? EVP_EC_gen("P-256") : EVP_RSA_gen(rsa_bits));
    const OpensslPtr<X509> made(X509_new());
    (void)X509_set_version(made.get(), X509_VERSION_3);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(made.get()), -3'600);
    (void)X509_gmtime_adj(X509_getm_notAfter(made.get()), 3'600);
    (void)X509_set_pubkey(made.get(), key.get());
    X509_NAME* const name = X509_get_subject_name(made.get());
    const auto* const text = reinterpret_cast<const unsigned char*>("a test");
    (void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
    (void)X509_set_issuer_name(made.get(), name);
    const OpensslPtr<X509_EXTENSION> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names));
    (void)X509_add_ext(made.get(), extension.get(), -1);
    FB_ASSERT(X509_sign(made.get(), key.get(), EVP_sha256()) > 0);
    return {text_of([&](BIO* out) { return PEM_write_bio_X509(out, made.get()); }),
            text_of([&](BIO* out) {
              return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr,
                                              nullptr);
            })};
  }

 private:
  template <class Write>
  static std::string text_of(Write write) {
    const OpensslPtr<BIO> memory(BIO_new(BIO_s_mem()));
    FB_ASSERT(write(memory.get()) == 1);
    std::array<char, 4096> pem;
    const int bytes = BIO_read(memory.get(), pem.data(), static_cast<int>(pem.size()));
    return {pem.data(), static_cast<std::size_t>(bytes)};
  }
};

}  // namespace firebrand
