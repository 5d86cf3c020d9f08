#pragma once

#include <string>
#include <variant>
#include <vector>

#include "reports/query/condition.hpp"

namespace penrig {

/// What takes the place of one '?' in a piece of SQL.
using SqlValue = std::variant<std::int64_t, double, std::string>;

/// A piece of SQL and what its '?' stand for, in order.
struct SqlPiece {
  std::string sql;
  std::vector<SqlValue> values;
};

/// The condition on `runs.id`. Each comparison is looked up in measurements_by_value alone (store version 7).
SqlPiece sql_of(const Condition& condition);

}  // namespace penrig
