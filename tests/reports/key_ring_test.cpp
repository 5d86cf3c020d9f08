#include <gtest/gtest.h>
#include <sys/stat.h>

#include "reports/evidence/ssh_key.hpp"
#include "tests/reports/evidence_store.hpp"

namespace penrig {
namespace {

using testing::faults_in;
using testing::kByTester;
using testing::opened;
using testing::small_record;
using testing::stored;
namespace fs = std::filesystem;

fs::perms mode_of(const fs::path& file) { return fs::status(file).permissions(); }

TEST(KeyRing, MakesAKeyThatNobodyElseCanReadAndStockToolsKnow) {
  const ScratchDirectory folder;
  const auto ring = KeyRing::create(folder.path() / "keys", "M. Okafor").value();
  EXPECT_EQ(mode_of(folder.path() / "keys" / "record-key"), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(mode_of(folder.path() / "keys"), fs::perms::owner_all);
  EXPECT_EQ(KeyRing::open(folder.path() / "keys").value()->current().key.public_key(),
            ring->current().key.public_key());
  EXPECT_EQ(ring->current().name, "M. Okafor");
  if (testing::shell(folder.path(), "command -v ssh-keygen") != 0) GTEST_SKIP() << "no ssh-keygen here";
  EXPECT_EQ(testing::shell(folder.path(),
                           "ssh-keygen -y -f keys/record-key | cut -d' ' -f1-2 > a && "
                           "cut -d' ' -f1-2 keys/record-key.pub | cmp a -"),
            0);
}

TEST(KeyRing, MayBeAFolderOfTheOneOneStandsIn) {
  const ScratchDirectory folder;
  const fs::path stood_in = fs::current_path();
  fs::current_path(folder.path());
  const auto ring = KeyRing::create("keys", "M. Okafor");
  fs::current_path(stood_in);
  ASSERT_TRUE(ring) << ring.error().message;
  EXPECT_TRUE(fs::exists(folder.path() / "keys" / "record-key"));
}
TEST(KeyRing, NeverOverwritesAKey) {
  const ScratchDirectory folder;
  const auto first = KeyRing::create(folder.path(), "a").value();
  const auto second = KeyRing::create(folder.path(), "b");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::usage);
  EXPECT_EQ(KeyRing::open(folder.path()).value()->current().key.public_key(), first->current().key.public_key());
}

TEST(KeyRing, RefusesAKeyThatOthersMayReadOrWrite) {
  const ScratchDirectory folder;
  KeyRing::create(folder.path(), "a").value();
  for (const fs::perms others : {fs::perms::group_read, fs::perms::group_write, fs::perms::others_read,
                                 fs::perms::others_write, fs::perms::others_exec}) {
    fs::permissions(folder.path() / "record-key", fs::perms::owner_read | fs::perms::owner_write | others);
    const auto ring = KeyRing::open(folder.path());
    ASSERT_FALSE(ring) << static_cast<unsigned>(others);
    EXPECT_EQ(ring.error().code, Errc::refused);
  }
  fs::permissions(folder.path() / "record-key", fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_TRUE(KeyRing::open(folder.path()));
}

TEST(KeyRing, RefusesAPipeWithoutWaitingForIt) {
  const ScratchDirectory folder;
  ASSERT_EQ(::mkfifo((folder.path() / "record-key").c_str(), 0600), 0);
  const auto ring = KeyRing::open(folder.path());
  ASSERT_FALSE(ring);
  EXPECT_NE(ring.error().message.find("record-key: it is no file but a directory, a pipe or a device"),
            std::string::npos)
      << ring.error().message;
}

TEST(KeyRing, HasNoKeyWhereNoneIsAndWantsAName) {
  const ScratchDirectory folder;
  EXPECT_EQ(KeyRing::open(folder.path() / "none").value(), nullptr);
  for (const char* name : {"", "two\nlines"}) EXPECT_FALSE(KeyRing::create(folder.path() / "k", name)) << name;
  EXPECT_FALSE(KeyRing::rotate(folder.path() / "none", "a"));
}

TEST(KeyRing, KeepsTheKeysThatItReplaced) {
  const ScratchDirectory folder;
  const auto first = KeyRing::create(folder.path(), "a").value();
  const auto second = KeyRing::rotate(folder.path(), "").value();
  const auto third = KeyRing::rotate(folder.path(), "c").value();
  EXPECT_NE(first->current().key.public_key(), second->current().key.public_key());
  EXPECT_EQ(second->current().name, "a");
  EXPECT_EQ(third->current().name, "c");
  for (const auto& ring : {first, second, third}) EXPECT_NE(third->find(ring->current().key.public_key()), nullptr);
  EXPECT_EQ(first->find(third->current().key.public_key()), nullptr);
  EXPECT_EQ(mode_of(folder.path() / "record-key-1"), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(KeyRotation, IsEnteredByTheOldKeyAndBothPeriodsVerify) {
  const ScratchDirectory folder;
  const auto records = folder.path() / "records", keys = folder.path() / "keys";
  auto ring = KeyRing::create(keys, "a").value();
  RunRecord run = small_record();
  {
    const auto store = opened(records);
    store->sign_with(ring, kByTester).value();
    stored(*store, run);
  }
  ring = KeyRing::rotate(keys, "b").value();
  const auto store = opened(records);
  store->sign_with(ring, kByTester).value();
  stored(*store, run);
  VerifyOptions options;
  options.keys = ring;
  EXPECT_EQ(faults_in(records, options), "");
  EXPECT_EQ(store->load_run("R-000001").value().standing.signatures.at(0).name, "a");
  EXPECT_EQ(store->load_run("R-000002").value().standing.signatures.at(0).name, "b");
  const auto trail = store->audit_trail().value();
  ASSERT_EQ(trail.size(), 2U);
  EXPECT_EQ(trail[1].entry.action, audit::kKeyRotated);
  EXPECT_EQ(trail[1].signed_by, "a");
  // Of the newest alone the keys before them are known all the same.
  const auto newest = store->audit_trail(1).value();
  ASSERT_EQ(newest.size(), 1U);
  EXPECT_EQ(newest[0].entry.id, trail[1].entry.id);
  EXPECT_EQ(newest[0].signed_by, "a");
  EXPECT_EQ(store->audit_trail(3).value().size(), 2U);
}

TEST(KeyRotation, AKeyThatTheLogsOwnDidNotEnterSignsNothing) {
  const ScratchDirectory folder, thief;
  const auto records = folder.path() / "records";
  const auto store = opened(records);
  store->sign_with(testing::new_ring(folder.path()), kByTester).value();
  const auto stolen = testing::new_ring(thief.path(), "M. Okafor");
  const auto refused = opened(records)->sign_with(stolen, kByTester);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::refused);
  EXPECT_NE(refused.error().message.find(fingerprint(stolen->current().key.public_key())), std::string::npos);
  VerifyOptions options;
  options.keys = stolen;
  EXPECT_NE(faults_in(records, options).find("is none of your keys"), std::string::npos);
}

/// Somebody who may write the store but has no key enters one of his own.
TEST(KeyRotation, AForgedEntryOfAKeyIsNamedAndNotFollowed) {
  const ScratchDirectory folder, thief;
  const auto records = folder.path() / "records";
  opened(records)->sign_with(testing::new_ring(folder.path()), kByTester).value();
  const auto theirs = testing::new_ring(thief.path(), "M. Okafor");
  {
    const auto store = opened(records);
    AuditEntry entry{.at_utc_ns = testing::kNow, .who = "thief", .action = audit::kKeyRotated, .subject = "x"};
    entry.new_value = {{"public_key", public_line(theirs->current().key.public_key(), "")}, {"name", "M. Okafor"}};
    store->add_audit(entry).value();  // unsigned: no key is set
    EXPECT_FALSE(store->sign_with(theirs, kByTester));
  }
  EXPECT_NE(faults_in(records).find("keys: A-000002: a key was entered without a signature"), std::string::npos)
      << faults_in(records);
}

/// The same, and he signs it himself.
TEST(KeyRotation, AKeyThatEntersItselfIsNamedAndNotFollowed) {
  const ScratchDirectory folder, thief;
  const auto records = folder.path() / "records";
  opened(records)->sign_with(testing::new_ring(folder.path()), kByTester).value();
  const auto theirs = testing::new_ring(thief.path(), "M. Okafor");
  AuditEntry entry{.at_utc_ns = testing::kNow, .who = "thief", .action = audit::kKeyRotated, .subject = "x"};
  entry.new_value = {{"public_key", public_line(theirs->current().key.public_key(), "")}, {"name", "M. Okafor"}};
  opened(records)->add_audit(entry).value();
  const std::string bytes = testing::Sqlite(records).first("SELECT bytes FROM audit_entries WHERE id = 2");
  testing::tamper(records, "UPDATE log_leaves SET signature = '" +
                               ssh_signature(theirs->current().key, kAuditSpace, bytes) + "' WHERE audit = 2");
  EXPECT_NE(faults_in(records).find("keys: A-000002: a key was entered by another"), std::string::npos)
      << faults_in(records);
  EXPECT_FALSE(opened(records)->sign_with(theirs, kByTester));
}

}  // namespace
}  // namespace penrig
