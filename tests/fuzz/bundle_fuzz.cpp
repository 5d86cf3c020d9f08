// A good bundle whose files are changed as the input says, and packed again, with another list of files or without:
// `penrig verify --bundle` finds it, whatever was changed; a change of records.db with a new list alone may leave
// nothing that a reader sees. Nothing crashes, above all not where the database is read. The first byte says how; it
// may also ask for the rest to be read as a packed.json.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reports/export/bundle.hpp"
#include "reports/export/bundle_parts.hpp"
#include "tests/fuzz/demand.hpp"
#include "tests/reports/bundle_sample.hpp"

namespace {

using namespace penrig;
using fuzz::demand;

struct Good {
  Good() {
    // Record and log are signed, the list of files is not: whoever changes a file can write a list that fits.
    testing::BundleSample sample;
    zip = bundle_of(sample.store(), sample.passed(), {.exporter = "penrig test"}).value();
    folder = sample.passed() + "/";
    entries = entries_of_zip(zip).value();
  }
  std::string zip, folder;
  std::vector<ArchiveEntry> entries;
};

const Good& good() {
  static const Good one;
  return one;
}

class Input {
 public:
  explicit Input(std::string_view bytes) : left_(bytes) {}
  bool empty() const { return left_.empty(); }
  std::uint8_t byte() {
    if (left_.empty()) return 0;
    const auto b = static_cast<std::uint8_t>(left_.front());
    left_.remove_prefix(1);
    return b;
  }
  std::size_t place(std::size_t beyond) {
    const std::size_t n = byte() * std::size_t{65536} + byte() * std::size_t{256} + byte();
    return beyond == 0 ? 0 : n % beyond;
  }
  std::string text(std::size_t most) {
    const std::string taken(left_.substr(0, most));
    left_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view left_;
};

void change(std::vector<ArchiveEntry>& entries, Input& input) {
  ArchiveEntry& entry = entries[input.byte() % entries.size()];
  switch (input.byte() % 6) {
    case 0: {
      const std::size_t at = input.place(entry.bytes.size());
      for (const char c : input.text(8)) {
        if (at < entry.bytes.size()) entry.bytes[at] = c;
      }
      break;
    }
    case 1:
      entry.bytes.resize(input.place(entry.bytes.size() + 1));
      break;
    case 2:
      entry.bytes.insert(input.place(entry.bytes.size() + 1), input.text(16));
      break;
    case 3:
      entries.erase(entries.begin() + (&entry - entries.data()));
      break;
    case 4:
      entry.name += input.text(4).c_str();  // a ZIP file cannot hold a zero in a name
      break;
    default: {
      const std::string other = entries[input.byte() % entries.size()].bytes;
      entry.bytes = other;
    }
  }
}

/// Whether the files differ, and whether in more than the database and the list.
struct Difference {
  bool any = false, beside_database = false;
};

Difference difference(const std::vector<ArchiveEntry>& entries) {
  Difference d;
  const auto& before = good().entries;
  for (std::size_t i = 0; i < std::max(entries.size(), before.size()); ++i) {
    const bool same = i < entries.size() && i < before.size() && entries[i].name == before[i].name &&
                      entries[i].bytes == before[i].bytes;
    const std::string name = i < entries.size() ? entries[i].name : before[i].name;
    d.any = d.any || !same;
    d.beside_database =
        d.beside_database || (!same && name != good().folder + "records.db" && name != good().folder + "SHA256SUMS");
  }
  return d;
}

void list_anew(std::vector<ArchiveEntry>& entries) {
  const auto list = std::ranges::find(entries, good().folder + "SHA256SUMS", &ArchiveEntry::name);
  if (list == entries.end()) return;
  std::vector<ArchiveEntry> listed;
  for (const ArchiveEntry& e : entries) {
    if (&e != &*list) listed.push_back({e.name.substr(std::min(good().folder.size(), e.name.size())), e.bytes});
  }
  list->bytes = bundle::sums_of(listed);
}

void read_packed(const std::string& text) {
  const Result<bundle::Packed> packed = bundle::packed_of(text);
  demand(packed || !packed.error().message.empty(), "a refusal has words");
  if (packed) demand(bundle::packed_text(*packed) == text, "packed.json is as it was");
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  demand(check_bundle(good().zip).faults.empty(), "a good bundle has no faults");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(std::string_view(reinterpret_cast<const char*>(data), size));
  std::vector<ArchiveEntry> entries = good().entries;
  const int how = input.byte() % 3;
  if (how == 2) {
    read_packed(std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
    return 0;
  }
  const bool anew = how == 1;
  for (int i = 0; i < 4 && !input.empty() && !entries.empty(); ++i) change(entries, input);
  if (anew) list_anew(entries);
  const Difference changed = difference(entries);
  if (!changed.any) return 0;
  const Result<std::string> zip = zip_of(entries);
  if (!zip) return 0;  // two of one name
  const BundleCheck check = check_bundle(*zip);
  for (const std::string& fault : check.faults) demand(!fault.empty(), "a fault has words");
  demand(!check.faults.empty() || (anew && !changed.beside_database), "a changed bundle has faults");
  return 0;
}
