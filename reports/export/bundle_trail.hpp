#pragma once

#include <optional>

#include "reports/export/bundle_contents.hpp"
#include "reports/store/run_evidence.hpp"

namespace penrig::bundle {

/// Holds how the run stood when it was packed against what lies in the bundle for it: the signature under the record,
/// and the entries of the audit trail, each of which must be signed by the key that it names.
void check_standing(Contents& files, BundleCheck& check, const Packed& packed,
                    const std::optional<RunEvidence>& evidence);

}  // namespace penrig::bundle
