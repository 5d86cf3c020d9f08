#pragma once

#include <string>
#include <vector>

#include "reports/evidence/audit_entry.hpp"
#include "reports/store/record_store.hpp"

namespace penrig {

/// The entry of the trail for waveforms that were moved into an archive: the archive by its path and SHA-256, how many
/// waveforms it took, and the SHA-256 of their list (each hash, hex, and a line feed), so that nobody can put another
/// waveform on it later. Entries of older versions have no list.
AuditEntry archive_entry(const ArchivedIn& archive, const std::vector<std::string>& waveforms);

/// In what the trail's entry contradicts these rows of the store; empty: in nothing.
std::string why_not_archived_so(const AuditEntry& entry, const FiledArchive& rows);

/// Whether the entry names that file with that SHA-256.
bool is_entry_of(const AuditEntry& entry, const ArchivedIn& archive);

}  // namespace penrig
