#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rig/record/run_record.hpp"
#include "rig/spec/plan.hpp"
#include "rig/spec/product.hpp"

namespace penrig {

/// One decision as it was made, and as another product's limits would have it.
struct RejudgedDecision {
  std::string requirement, title;
  std::string where;                ///< "2.5 mm at 9000/min"; empty: of the run
  std::string limit_was, limit_is;  ///< in the measurement's unit
  std::optional<Verdict> was, is;   ///< none: the product knows no such requirement
  std::string reason;               ///< why, for any new verdict but PASS
  bool overturned() const { return was != is; }
};

struct Rejudgement {
  std::string run_id, serial_number;
  Verdict was = Verdict::error, is = Verdict::error;
  std::vector<RejudgedDecision> decisions;  ///< in the order of the new product, then those that it does not know
  bool overturned() const;                  ///< the run's verdict, or any decision's
};

/// What the measurements of a record are worth under another product's limits; samples are not asked. The record stays
/// as it is. A run that ended early keeps its verdict.
Rejudgement rejudge(const RunRecord& record, const Plan& plan, const Product& product);

}  // namespace penrig
