#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "reports/store/archive_entry.hpp"
#include "reports/store/verify_store.hpp"

namespace penrig {

/// What a store says of archives, held against its audit trail, and against those of them that are here. In this order:
/// entered() for the whole trail, check_rows(), has().
class ArchivesInStore {
 public:
  ArchivesInStore(RecordStore& store, Verification& out) : store_(store), out_(out) {}

  /// One entry of the trail, in order. @param vouched_for  signed, or of a time when the log had no key.
  void entered(const AuditEntry& entry, bool vouched_for);
  /// Every archive must be the trail's, and every one of the trail's must be there.
  void check_rows();
  /// Whether a waveform was moved into one. That one is then opened, if it is here; what is wrong with it is a fault.
  bool has(const std::string& waveform_sha256);

 private:
  struct Entered {
    AuditEntry entry;
    bool vouched_for = false, has_row = false;
  };
  struct Archive {
    FiledArchive rows;
    std::string entry{};  ///< of the trail, without a contradiction; empty: there is none, which was said
    bool vouched_for = false, opened = false;
  };
  void fault(const std::string& file, std::string what);
  void check_row(Archive& archive);
  void open(const Archive& archive);
  /// Whether it holds what it should.
  void look_into(const Archive& archive);

  RecordStore& store_;
  Verification& out_;
  std::vector<Entered> entered_;
  std::vector<Archive> archives_;
  std::map<std::string, std::size_t> newest_of_;  // by waveform: place among archives_
};

}  // namespace penrig
