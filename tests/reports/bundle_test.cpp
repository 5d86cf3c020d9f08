#include "reports/export/bundle.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include <gtest/gtest.h>

#include "reports/evidence/ssh_key.hpp"
#include "reports/export/bundle_parts.hpp"
#include "reports/record_json.hpp"
#include "tests/reports/bundle_sample.hpp"
#include "tests/reports/output_of.hpp"

namespace penrig {
namespace {

using testing::BundleSample;
using testing::output_of;
using testing::write_bytes;

/// Positions that are tried: `PENRIG_BUNDLE_FLIPS=all` takes each byte, a number that many; the seed is printed, and
/// PENRIG_SEED takes it back. `PENRIG_BUNDLE_PART=1/2` takes the first half of all bytes, for a process a core.
std::size_t flips(std::size_t on_commit, std::size_t bytes) {
  const char* const wanted = std::getenv("PENRIG_BUNDLE_FLIPS");
  if (wanted == nullptr) return std::min(on_commit, bytes);
  return std::string_view(wanted) == "all" ? bytes : std::min<std::size_t>(std::strtoul(wanted, nullptr, 10), bytes);
}

std::vector<std::size_t> positions(std::size_t on_commit, std::size_t bytes) {
  const std::size_t n = flips(on_commit, bytes);
  std::vector<std::size_t> at(bytes);
  for (std::size_t i = 0; i < bytes; ++i) at[i] = i;
  if (n == bytes) {
    std::size_t part = 1, parts = 1;
    if (const char* const which = std::getenv("PENRIG_BUNDLE_PART")) {
      if (std::sscanf(which, "%zu/%zu", &part, &parts) != 2 || part < 1 || part > parts)
        throw std::runtime_error("PENRIG_BUNDLE_PART: 1/2 is expected");
    }
    const auto edge = [&](std::size_t i) { return at.begin() + static_cast<std::ptrdiff_t>(bytes * i / parts); };
    return {edge(part - 1), edge(part)};
  }
  const char* const given = std::getenv("PENRIG_SEED");
  std::uint64_t state = given != nullptr ? std::strtoull(given, nullptr, 10) : 20'261'126;
  std::printf("seed %llu, %zu of %zu bytes\n", static_cast<unsigned long long>(state), n, bytes);
  for (std::size_t i = 0; i < n; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    std::swap(at[i], at[i + (state >> 20U) % (bytes - i)]);
  }
  at.resize(n);
  return at;
}

std::string flipped(std::string bytes, std::size_t at, unsigned bit) {
  bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << (bit % 8)));
  return bytes;
}

std::string script(const std::filesystem::path& zip, const std::string& rest = "") {
  return "bash " PENRIG_SOURCE_DIR "/tests/reports/verify_bundle.sh '" + zip.string() + "' " + rest;
}

std::string all(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

/// The bundle again with one file changed, packed as penrig packs, with a list of files that fits: what somebody does
/// who knows the format and has no key.
std::string forged(const std::string& zip, const std::string& name, const std::function<void(std::string&)>& change) {
  std::vector<ArchiveEntry> entries = entries_of_zip(zip).value(), files;
  std::string folder;
  for (ArchiveEntry& e : entries) {
    const std::size_t slash = e.name.find('/');
    folder = e.name.substr(0, slash + 1);
    e.name.erase(0, slash + 1);
    if (e.name == "SHA256SUMS") continue;
    if (e.name == name) change(e.bytes);
    files.push_back(std::move(e));
  }
  std::vector<ArchiveEntry> listed;
  std::ranges::copy_if(files, std::back_inserter(listed),
                       [](const ArchiveEntry& e) { return e.name != "SHA256SUMS.sig"; });
  files.push_back({"SHA256SUMS", bundle::sums_of(listed)});
  std::ranges::sort(files, {}, &ArchiveEntry::name);
  for (ArchiveEntry& e : files) e.name.insert(0, folder);
  return zip_of(files).value();
}

/// The record is signed, the list of files is not.
std::string packed_by_nobody(BundleSample& sample) {
  return bundle_of(sample.store(), sample.passed(), {.exporter = "penrig test"}).value();
}

TEST(Bundle, HoldsTogetherAndHasTheSameBytesForTheSameRun) {
  BundleSample sample;
  for (const std::string& id : {sample.passed(), sample.failed()}) {
    const std::string zip = sample.bundle(id);
    EXPECT_TRUE(zip == sample.bundle(id));
    const BundleCheck check = check_bundle(zip);
    EXPECT_EQ(all(check.faults), "");
    EXPECT_EQ(check.run_id, id);
    EXPECT_EQ(check.signer_fingerprint, fingerprint(sample.keys()->current().key.public_key()));
    EXPECT_EQ(check.exporter_fingerprint, check.signer_fingerprint);
    EXPECT_EQ(check.waveforms, 1U);
    EXPECT_EQ(check.void_mark, "SIMULATED");
  }
}

TEST(Bundle, VerifiesWithStockToolsAlone) {
  BundleSample sample;
  const auto file = sample.scratch() / "b.zip";
  const std::string key = fingerprint(sample.keys()->current().key.public_key());
  for (const std::string& id : {sample.failed(), sample.passed(), sample.all().back()}) {
    write_bytes(file, sample.bundle(id));
    const testing::Output said = output_of(script(file, key));
    EXPECT_EQ(said.status, 0) << said.text;
    EXPECT_EQ(said.text, "verified\n");
  }
  EXPECT_EQ(output_of(script(file, fingerprint(SigningKey::from_seed({}).public_key()))).status, 1) << "another's key";
}

TEST(Bundle, OfAStoreWithoutKeysSaysThatNobodySignedIt) {
  BundleSample sample(false);
  const std::string zip = sample.bundle(sample.passed());
  const BundleCheck check = check_bundle(zip);
  EXPECT_EQ(all(check.faults), "");
  EXPECT_EQ(check.signer_fingerprint, "");
  EXPECT_NE(all(check.notes).find("nobody signed the record"), std::string::npos);
  const auto file = sample.scratch() / "b.zip";
  write_bytes(file, zip);
  EXPECT_EQ(output_of(script(file)).text, "verified\n");
  EXPECT_EQ(output_of(script(file, "SHA256:abc")).status, 1) << "a signature was asked for";
}

TEST(Bundle, TheCommandsOfItsPageDoWhatThePageSays) {
  BundleSample sample;
  // The first leaf and the last take other ways through the tree.
  for (const std::string& id : {sample.failed(), sample.passed(), sample.all().back()}) {
    const auto out = sample.scratch() / "out";
    write_bytes(sample.scratch() / "b.zip", sample.bundle(id));
    ASSERT_EQ(output_of("unzip -q '" + (sample.scratch() / "b.zip").string() + "' -d '" + out.string() + "'").status,
              0);
    // What is indented are commands; those of penrig itself are left out.
    const std::string run = "cd '" + (out / id).string() +
                            "' && sed -n 's/^    //p' VERIFY.txt | grep -v '^penrig ' > ../steps.sh && sh ../steps.sh";
    const testing::Output said = output_of(run);
    for (const char* answer :
         {"record.json: OK", "Good \"penrig-record\" signature for M._Okafor", "Good \"penrig-bundle\" signature",
          "included\n", "Signature Verified Successfully", "named: documents/plan", "ok\n1\n", "well-formed"}) {
      EXPECT_NE(said.text.find(answer), std::string::npos) << answer << "\n" << said.text;
    }
    EXPECT_EQ(said.text.find("not found"), std::string::npos) << said.text;
    EXPECT_EQ(said.text.find("FAILED"), std::string::npos) << said.text;
    if (id != sample.passed()) continue;
    EXPECT_NE(said.text.find("whole\n"), std::string::npos) << said.text;
    EXPECT_NE(said.text.find("named: waveforms/"), std::string::npos) << said.text;
    // And they say so when something is another.
    std::string record = testing::bytes_in(out / id / "record.json");
    record[record.size() / 2] = static_cast<char>(record[record.size() / 2] ^ 1);
    write_bytes(out / id / "record.json", record);
    const testing::Output wrong = output_of(run);
    for (const char* answer : {"record.json: OK", "Good \"penrig-record\"", "included\n"})
      EXPECT_EQ(wrong.text.find(answer), std::string::npos) << wrong.text;
  }
}

TEST(Bundle, UnpackedIsAFolderOfRecords) {
  BundleSample sample;
  const auto out = sample.scratch() / "out";
  write_bytes(sample.scratch() / "b.zip", sample.bundle(sample.passed()));
  ASSERT_EQ(output_of("unzip -q '" + (sample.scratch() / "b.zip").string() + "' -d '" + out.string() + "'").status, 0);
  const auto store = RecordStore::open_existing(out / sample.passed()).value();
  EXPECT_EQ(store->list_runs().value().size(), 1U);
  const RunRecord run = store->load_run(sample.passed()).value(),
                  there = sample.store().load_run(sample.passed()).value();
  EXPECT_EQ(record_json_text(run), record_json_text(there));
  EXPECT_TRUE(std::filesystem::exists(out / sample.passed() / waveform_path(there.phases[2].waveforms[0])));
  EXPECT_EQ(all(store->check_database().value()), "");
}

TEST(Bundle, NoByteOfItCanBeFlipped) {
  BundleSample sample;
  // PENRIG_BUNDLE_FILE: another bundle, of a real run.
  const char* const given = std::getenv("PENRIG_BUNDLE_FILE");
  const std::string zip = given != nullptr ? testing::bytes_in(given) : sample.bundle(sample.passed());
  ASSERT_EQ(all(check_bundle(zip).faults), "");
  for (const std::size_t at : positions(2000, zip.size())) {
    const BundleCheck check = check_bundle(flipped(zip, at, static_cast<unsigned>(at)));
    ASSERT_FALSE(check.faults.empty()) << "byte " << at;
  }
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, zip.size() / 2, zip.size() - 1})
    EXPECT_FALSE(check_bundle(zip.substr(0, length)).faults.empty());
  EXPECT_FALSE(check_bundle(zip + "x").faults.empty());
}

TEST(Bundle, WhatStockToolsLetPassCannotBeSeen) {
  BundleSample sample;
  const std::string zip = sample.bundle(sample.passed());
  const auto file = sample.scratch() / "b.zip", whole = sample.scratch() / "whole", other = sample.scratch() / "other";
  const auto keep = [](const std::filesystem::path& folder) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
    return "KEEP='" + folder.string() + "' ";
  };
  write_bytes(file, zip);
  ASSERT_EQ(output_of(keep(whole) + script(file)).status, 0);
  // Half of them where a flip is least likely to be seen: the ZIP file's own bytes at its end.
  std::vector<std::size_t> at = positions(12, zip.size());
  for (std::size_t i = 0; i < 12; ++i) at.push_back(zip.size() - 1 - i * 61);
  for (const std::size_t i : at) {
    write_bytes(file, flipped(zip, i, static_cast<unsigned>(i)));
    if (output_of(keep(other) + script(file)).status != 0) continue;
    const testing::Output difference = output_of("diff -r '" + whole.string() + "' '" + other.string() + "'");
    EXPECT_EQ(difference.text, "") << "byte " << i;
  }
}

TEST(Bundle, AFileThatWasChangedAndListedAnewIsFoundAndNamed) {
  BundleSample sample;
  const std::string zip = packed_by_nobody(sample);
  ASSERT_EQ(all(check_bundle(forged(zip, "", [](std::string&) {})).faults), "") << "packed anew, nothing changed";
  std::size_t tried = 0;
  for (const ArchiveEntry& e : entries_of_zip(zip).value()) {
    const std::string name = e.name.substr(e.name.find('/') + 1);
    // What is not made of the record: the packer's own words, which only its signature can hold; see below.
    if (name.starts_with("SHA256SUMS") || name == "exporter" || name == "packed.json") continue;
    const std::size_t at = e.bytes.size() / 2;
    // A page of the database that holds nothing: what flips there nobody can see.
    const std::string changed = forged(zip, name, [&](std::string& bytes) {
      if (name == "records.db") {
        bytes.replace(bytes.find("J. Marsh"), 8, "J. Harsh");
      } else {
        bytes = flipped(bytes, at, 0);
      }
    });
    const BundleCheck check = check_bundle(changed);
    EXPECT_FALSE(check.faults.empty()) << name;
    const bool named = name == "records.db"     ? all(check.faults).find("records.db") != std::string::npos
                       : name.ends_with(".sig") ? true
                                                : all(check.faults).find(name) != std::string::npos ||
                                                      all(check.faults).find("evidence") != std::string::npos;
    EXPECT_TRUE(named) << name << ": " << all(check.faults);
    ++tried;
  }
  EXPECT_GE(tried, 20U);
}

TEST(Bundle, TheListOfFilesIsHeldByTheExportersKey) {
  BundleSample sample;
  const auto claim = [](std::string& bytes) {
    bundle::Packed packed = bundle::packed_of(bytes).value();
    packed.standing.signature_fault = "all is well";
    bytes = packed_text(packed);
  };
  const BundleCheck check = check_bundle(forged(sample.bundle(sample.passed()), "packed.json", claim));
  EXPECT_NE(all(check.faults).find("SHA256SUMS.sig"), std::string::npos) << all(check.faults);
  // Where nobody signed it, that is said.
  const BundleCheck open = check_bundle(packed_by_nobody(sample));
  EXPECT_EQ(open.exporter_fingerprint, "");
  EXPECT_NE(all(open.notes).find("nobody signed the list of files"), std::string::npos);
}

TEST(Bundle, ASignatureOfAnotherRecordFails) {
  BundleSample sample;
  const std::string other = sample.store().evidence_of(sample.failed()).value().signature;
  const std::string changed =
      forged(packed_by_nobody(sample), "record.sig", [&](std::string& bytes) { bytes = other; });
  const BundleCheck check = check_bundle(changed);
  EXPECT_NE(all(check.faults).find("signature"), std::string::npos) << all(check.faults);
  const auto file = sample.scratch() / "b.zip";
  write_bytes(file, changed);
  const testing::Output said = output_of(script(file));
  EXPECT_EQ(said.status, 1);
  EXPECT_NE(said.text.find("ssh-keygen"), std::string::npos) << said.text;
}

TEST(Bundle, EachStockToolFindsWhatIsItsOwn) {
  BundleSample sample, unsigned_one(false);
  const std::string zip = packed_by_nobody(sample), bare = packed_by_nobody(unsigned_one);
  const auto file = sample.scratch() / "b.zip";
  const auto name_of = [&](const std::string& what) {
    for (const ArchiveEntry& e : entries_of_zip(zip).value()) {
      if (e.name.find(what) != std::string::npos) return e.name.substr(e.name.find('/') + 1);
    }
    return std::string();
  };
  const auto flip_middle = [](std::string& bytes) { bytes = flipped(bytes, bytes.size() / 2, 0); };
  const auto other_root = [](std::string& bytes) {
    const std::size_t at = bytes.find('\n', bytes.find('\n') + 1) + 3;  // in the third line
    bytes[at] = bytes[at] == 'A' ? 'B' : 'A';
  };
  const auto other_signature = [](std::string& bytes) {
    const std::size_t at = bytes.size() - 20;
    bytes[at] = bytes[at] == 'A' ? 'B' : 'A';
  };
  struct Case {
    const std::string& bundle;
    std::string name;
    std::function<void(std::string&)> change;
    const char* said;
  };
  for (const Case& c : std::vector<Case>{
           {zip, "record.json", flip_middle, "ssh-keygen"},
           {bare, "record.json", flip_middle, "no leaf of the log"},
           {zip, "inclusion.txt", [](std::string& bytes) { bytes.erase(0, bytes.find('\n') + 1); },
            "no leaf of the log"},
           {zip, "checkpoint", other_root, "no leaf of the log"},
           {zip, "checkpoint", other_signature, "openssl"},
           {zip, name_of("documents/plan"), flip_middle, "not named by the record"},
           {zip, name_of(".flac"), flip_middle, "not named by the record"},
           {zip, "records.db", [](std::string& bytes) { bytes.replace(4096, 64, 64, 'x'); }, "sqlite3"},
           {zip, "junit.xml", [](std::string& bytes) { bytes.erase(bytes.find("</testsuites>")); }, "xmllint"}}) {
    write_bytes(file, forged(c.bundle, c.name, c.change));
    const testing::Output said = output_of(script(file));
    EXPECT_EQ(said.status, 1) << c.name;
    EXPECT_NE(said.text.find(c.said), std::string::npos) << c.name << ": " << said.text;
  }
}

TEST(Bundle, AVoidedRunSaysSoInEveryViewAndBringsTheEntry) {
  BundleSample sample;
  const AuditEntry entry{"",
                         1'795'170'000'000'000'000,
                         "M. Okafor",
                         audit::kRunVoided,
                         sample.passed(),
                         "wrong cartridge",
                         nullptr,
                         nullptr,
                         ""};
  const std::string id = sample.store().add_audit(entry).value();
  const std::string zip = sample.bundle(sample.passed());
  const BundleCheck check = check_bundle(zip);
  EXPECT_EQ(all(check.faults), "");
  EXPECT_EQ(check.void_mark, "VOID");
  std::size_t views = 0;
  for (const ArchiveEntry& e : entries_of_zip(zip).value()) {
    if (e.name.ends_with("/audit/" + id + ".json")) {
      EXPECT_NE(e.bytes.find("wrong cartridge"), std::string::npos);
    }
    if (!e.name.ends_with(".html") && !e.name.ends_with("VERIFY.txt") && !e.name.ends_with(".csv") &&
        !e.name.ends_with("junit.xml"))
      continue;
    EXPECT_NE(e.bytes.find("VOID"), std::string::npos) << e.name;
    ++views;
  }
  EXPECT_EQ(views, 8U);
}

TEST(Bundle, IsRefusedWhereAWaveformIsNotThereAndNamesIt) {
  BundleSample sample;
  const RunRecord run = sample.store().load_run(sample.passed()).value();
  const auto file = sample.records() / waveform_path(run.phases[2].waveforms[0]);
  const std::string bytes = testing::bytes_in(file);
  write_bytes(file, flipped(bytes, bytes.size() / 2, 3));
  const auto damaged = bundle_of(sample.store(), sample.passed(), {.exporter = "penrig test"});
  ASSERT_FALSE(damaged.has_value());
  EXPECT_NE(damaged.error().message.find("does not match its SHA-256"), std::string::npos);
  std::filesystem::remove(file);
  const auto missing = bundle_of(sample.store(), sample.passed(), {.exporter = "penrig test"});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, Errc::bad_data);
  EXPECT_NE(missing.error().message.find(file.filename().string()), std::string::npos);
}

TEST(Bundle, OfARunThatHasNotEndedIsRefused) {
  BundleSample sample;
  RunRecord open = testing::sample_record(
      {.end = testing::SampleEnd::interrupted, .depths_mm = {0.5}, .rates_per_min = {9000}, .strokes = 12});
  const auto made = bundle_of(sample.store(), testing::stored(sample.store(), open), {.exporter = "penrig test"});
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, Errc::usage);
  EXPECT_NE(made.error().message.find("recover"), std::string::npos);
}

TEST(Bundle, WhatIsNoBundleIsRefusedWithoutUnpackingIt) {
  EXPECT_NE(all(check_bundle("").faults).find("the file is empty"), std::string::npos);
  EXPECT_FALSE(check_bundle("PK nonsense").faults.empty());
  for (const char* name : {"../evil", "R-000001/../../evil", "/etc/evil", "R-000001//a", "R-000001/a b"}) {
    const BundleCheck check = check_bundle(zip_of({{name, "x"}}).value());
    ASSERT_FALSE(check.faults.empty()) << name;
    EXPECT_NE(all(check.faults).find("does not belong into a bundle"), std::string::npos) << all(check.faults);
  }
}

}  // namespace
}  // namespace penrig
