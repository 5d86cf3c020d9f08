// Keys, signatures, checkpoints, proofs and audit entries as any bytes; the first byte says which. Refused with words,
// or written again as it was; and no signature but the one that was made counts.
#include <cstdint>
#include <string>
#include <string_view>

#include "reports/evidence/audit_entry.hpp"
#include "reports/evidence/base64.hpp"
#include "reports/evidence/checkpoint.hpp"
#include "reports/evidence/ssh_key.hpp"
#include "reports/store/run_evidence.hpp"
#include "tests/fuzz/demand.hpp"

namespace {

using namespace penrig;
using fuzz::demand;

constexpr std::string_view kSigned = "what was signed\n";

const SigningKey& key() {
  static const SigningKey signer = SigningKey::from_seed({1, 2, 3});
  return signer;
}

/// The text with bytes of the input in places of the input: three bytes a change.
std::string patched(std::string text, std::string_view changes) {
  for (; changes.size() >= 3; changes.remove_prefix(3)) {
    const auto at =
        static_cast<std::size_t>(static_cast<std::uint8_t>(changes[0])) << 8U | static_cast<std::uint8_t>(changes[1]);
    text[at % text.size()] = changes[2];
  }
  return text;
}

/// The same for what stands in an armour, beneath its base64.
std::string patched_inside(const std::string& armoured, std::string_view changes) {
  const std::size_t begin = armoured.find('\n') + 1, end = armoured.rfind("\n-----END") + 1;
  std::string lines;
  for (const char c : armoured.substr(begin, end - begin)) {
    if (c != '\n') lines += c;
  }
  const std::string inside = base64_of(patched(bytes_of_base64(lines).value(), changes));
  std::string text = armoured.substr(0, begin);
  constexpr std::size_t kColumns = 70;
  for (std::size_t at = 0; at < inside.size(); at += kColumns) text += inside.substr(at, kColumns) + "\n";
  return text + armoured.substr(end);
}

/// The input as it is, or as changes of something good.
std::string raw_or_patched(std::string_view text, const std::string& good, bool armoured) {
  if (text.empty() || text.front() == '-') return std::string(text);
  const bool inside = armoured && text.front() != '/';
  return inside ? patched_inside(good, text.substr(1)) : patched(good, text.substr(1));
}

template <class T>
bool read(const Result<T>& result) {
  demand(result || !result.error().message.empty(), "a refusal has words");
  return result.has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 7) {
    case 0:
      if (const auto parsed = parse_public_line(text); read(parsed)) {
        const auto again = parse_public_line(public_line(*parsed, "comment"));
        demand(again && *again == *parsed, "a public key is written as it was read");
      }
      break;
    case 1:
      if (const auto parsed = parse_private_key_file(raw_or_patched(text, private_key_file(key(), "fuzz"), true));
          read(parsed)) {
        const auto again = parse_private_key_file(private_key_file(*parsed, "comment"));
        demand(again && again->public_key() == parsed->public_key(), "a key is written as it was read");
        const auto by = signer_of(ssh_signature(*parsed, "space", "bytes"), "space", "bytes");
        demand(by && *by == parsed->public_key(), "and signs");
      }
      break;
    case 2:
      if (const auto by =
              signer_of(raw_or_patched(text, ssh_signature(key(), kRecordSpace, kSigned), true), kRecordSpace, kSigned);
          read(by))
        demand(*by == key().public_key(), "nobody else has signed");
      break;
    case 3:
      if (const auto note = unverified_checkpoint(text); read(note))
        demand(text.starts_with(checkpoint_text(*note)), "a checkpoint begins with its own text");
      break;
    case 4: {
      const std::string name = "penrig.example/fuzz";
      const std::string good = signed_checkpoint({name, 7, leaf_hash("root")}, key(), name);
      const std::string note = raw_or_patched(text, good, false);
      const auto verified = verified_checkpoint(note, key().public_key(), name);
      if (read(verified))
        demand(note.substr(0, note.find("\n\n")) == good.substr(0, good.find("\n\n")), "nobody else has signed");
      break;
    }
    case 5:
      if (const auto proof = proof_of(text); read(proof)) demand(proof_text(*proof) == text, "a proof is as it was");
      if (const auto bytes = bytes_of_base64(text)) demand(base64_of(*bytes) == text, "base64 has one form");
      break;
    default:
      if (const auto entry = audit_entry_of(text); read(entry))
        demand(audit_json_text(*entry) == text, "an entry is as it was");
  }
  return 0;
}
