#include <fstream>

#include <gtest/gtest.h>

#include "reports/evidence/base64.hpp"
#include "reports/evidence/checkpoint.hpp"
#include "reports/evidence/ssh_key.hpp"
#include "tests/reports/evidence_store.hpp"
#include "tests/reports/hex_digits.hpp"

namespace penrig {
namespace {

using testing::hex_digits;
using testing::shell;

Seed seed_of(std::uint8_t first) {
  Seed seed{};
  for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<std::uint8_t>(first + 7 * i);
  return seed;
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

// RFC 8032 7.1, test 1.
TEST(Ed25519, SignsAsTheStandardsFirstVector) {
  Seed seed{};
  const std::string text = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
  for (std::size_t i = 0; i < seed.size(); ++i) {
    seed[i] = static_cast<std::uint8_t>(std::stoi(text.substr(2 * i, 2), nullptr, 16));
  }
  const SigningKey key = SigningKey::from_seed(seed);
  EXPECT_EQ(hex_digits(key.public_key()), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(
      hex_digits(key.sign("")),
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe"
      "24655141438e7a100b");
  EXPECT_EQ(key.seed(), seed);
}

TEST(Base64, RefusesAllTextsButTheOneThatItWrites) {
  for (const std::string bytes : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    EXPECT_EQ(bytes_of_base64(base64_of(bytes)), bytes);
  }
  for (const char* text : {"Zg", "Zh==", "Zg= =", " Zg==", "Zg==\n", "Z===", "====", "Zm9v!A==", "Zm9vYg="}) {
    EXPECT_EQ(bytes_of_base64(text), std::nullopt) << text;
  }
}

class SshFormats : public ::testing::Test {
 protected:
  const SigningKey key_ = SigningKey::from_seed(seed_of(3)), other_ = SigningKey::from_seed(seed_of(4));
  const std::string record_ = "{\"run\": \"R-000391\"}\n";
  const ScratchDirectory folder_;
};

TEST_F(SshFormats, AKeyFileIsReadBackAndByTheStockTool) {
  const std::string file = private_key_file(key_, "penrig test");
  const Result<SigningKey> back = parse_private_key_file(file);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->public_key(), key_.public_key());
  write(folder_.path() / "key", file);
  write(folder_.path() / "key.pub", public_line(key_.public_key(), "penrig test") + "\n");
  EXPECT_EQ(shell(folder_.path(),
                  "ssh-keygen -y -P '' -f key > derived.pub && cut -d' ' -f1,2 derived.pub > a && "
                  "cut -d' ' -f1,2 key.pub > b && cmp a b"),
            0);
  EXPECT_EQ(shell(folder_.path(), "ssh-keygen -l -f key.pub | grep -qF '" + fingerprint(key_.public_key()) + "'"), 0);
}

TEST_F(SshFormats, AKeyOfTheStockToolIsReadAndOneWithAPassphraseRefused) {
  ASSERT_EQ(shell(folder_.path(),
                  "ssh-keygen -q -t ed25519 -N '' -C stock -f plain && ssh-keygen -q -t ed25519 -N "
                  "secret -f locked && ssh-keygen -q -t ecdsa -N '' -f other"),
            0);
  const auto read = [&](const char* name) {
    std::ifstream file(folder_.path() / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const Result<SigningKey> plain = parse_private_key_file(read("plain"));
  ASSERT_TRUE(plain) << plain.error().message;
  const Result<PublicKey> published = parse_public_line(read("plain.pub"));
  ASSERT_TRUE(published) << published.error().message;
  EXPECT_EQ(plain->public_key(), *published);
  const Result<SigningKey> locked = parse_private_key_file(read("locked")),
                           ecdsa = parse_private_key_file(read("other"));
  ASSERT_FALSE(locked);
  EXPECT_NE(locked.error().message.find("encrypted"), std::string::npos) << locked.error().message;
  ASSERT_FALSE(ecdsa);
  EXPECT_NE(ecdsa.error().message.find("another algorithm"), std::string::npos) << ecdsa.error().message;
}

TEST_F(SshFormats, TheStockToolVerifiesASignatureAndNoOther) {
  write(folder_.path() / "record", record_);
  write(folder_.path() / "record.sig", ssh_signature(key_, "penrig-record", record_));
  write(folder_.path() / "allowed", "rig-1 " + public_line(key_.public_key(), "") + "\n");
  const std::string verify = "ssh-keygen -Y verify -f allowed -I rig-1 -s record.sig ";
  EXPECT_EQ(shell(folder_.path(), verify + "-n penrig-record < record"), 0);
  EXPECT_NE(shell(folder_.path(), verify + "-n other < record"), 0);
  write(folder_.path() / "altered", "{\"run\": \"R-000392\"}\n");
  EXPECT_NE(shell(folder_.path(), verify + "-n penrig-record < altered"), 0);
}

TEST_F(SshFormats, ASignatureOfTheStockToolIsVerified) {
  write(folder_.path() / "key", private_key_file(key_, "x"));
  write(folder_.path() / "record", record_);
  ASSERT_EQ(shell(folder_.path(), "ssh-keygen -q -Y sign -f key -n penrig-record record"), 0);
  std::ifstream file(folder_.path() / "record.sig", std::ios::binary);
  const std::string signature(std::istreambuf_iterator<char>(file), {});
  const Result<PublicKey> signer = signer_of(signature, "penrig-record", record_);
  ASSERT_TRUE(signer) << signer.error().message;
  EXPECT_EQ(*signer, key_.public_key());
}

TEST_F(SshFormats, EveryAlteredByteOfASignatureIsFound) {
  const std::string good = ssh_signature(key_, "penrig-record", record_);
  ASSERT_TRUE(signer_of(good, "penrig-record", record_));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    const Result<PublicKey> signer = signer_of(bad, "penrig-record", record_);
    EXPECT_FALSE(signer) << "byte " << i;
  }
  EXPECT_FALSE(signer_of(good, "penrig-record", record_ + " "));
  EXPECT_FALSE(signer_of(good, "penrig-approval", record_));
  for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(signer_of(good.substr(0, n), "penrig-record", record_));
}

TEST_F(SshFormats, EveryAlteredByteOfAKeyFileIsFoundOrChangesNothing) {
  const std::string good = private_key_file(key_, "c");
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    const Result<SigningKey> key = parse_private_key_file(bad);
    EXPECT_TRUE(!key || key->public_key() == key_.public_key()) << "byte " << i;
  }
}

class Checkpoints : public SshFormats {
 protected:
  Checkpoint at_ = {"penrig/bench-2", 391, leaf_hash("x")};
};

TEST_F(Checkpoints, AreReadBackWithTheKeyThatSignedThem) {
  const std::string note = signed_checkpoint(at_, key_, "bench-2");
  const Result<Checkpoint> back = verified_checkpoint(note, key_.public_key(), "bench-2");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->origin, at_.origin);
  EXPECT_EQ(back->size, at_.size);
  EXPECT_EQ(back->root, at_.root);
  EXPECT_FALSE(verified_checkpoint(note, other_.public_key(), "bench-2"));
  EXPECT_FALSE(verified_checkpoint(note, key_.public_key(), "bench-3"));
}

TEST_F(Checkpoints, EveryAlteredByteIsFound) {
  const std::string good = signed_checkpoint(at_, key_, "bench-2");
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(verified_checkpoint(bad, key_.public_key(), "bench-2")) << "byte " << i;
  }
}

TEST_F(Checkpoints, MayBeSignedByOthersBeside) {
  const std::string mine = signed_checkpoint(at_, key_, "bench-2"), theirs = signed_checkpoint(at_, other_, "witness");
  const std::string both = mine + theirs.substr(theirs.rfind("\n\n") + 2);
  EXPECT_TRUE(verified_checkpoint(both, key_.public_key(), "bench-2"));
  EXPECT_TRUE(verified_checkpoint(both, other_.public_key(), "witness"));
}

TEST_F(Checkpoints, HasNothingBehindItsSignatures) {
  const std::string good = signed_checkpoint(at_, key_, "bench-2");
  for (const char* tail : {"x", "x\n", "\n", "\xE2\x80\x94"})
    EXPECT_FALSE(verified_checkpoint(good + tail, key_.public_key(), "bench-2")) << tail;
  EXPECT_EQ(unverified_checkpoint(good).value().size, at_.size);
  EXPECT_EQ(unverified_checkpoint(checkpoint_text(at_)).value().root, at_.root);
}

}  // namespace
}  // namespace penrig
