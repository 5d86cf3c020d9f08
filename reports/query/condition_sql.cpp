#include "reports/query/condition_sql.hpp"

#include <cmath>

#include <fmt/format.h>

namespace penrig {
namespace {

const char* sql_of(ValueCondition::Sign sign) {
  switch (sign) {
    case ValueCondition::Sign::less:
      return "<";
    case ValueCondition::Sign::less_or_equal:
      return "<=";
    case ValueCondition::Sign::greater:
      return ">";
    case ValueCondition::Sign::greater_or_equal:
      return ">=";
    case ValueCondition::Sign::equal:
      return "=";
    case ValueCondition::Sign::not_equal:
      break;
  }
  return "<>";
}

bool holds(double a, ValueCondition::Sign sign, double b) {
  switch (sign) {
    case ValueCondition::Sign::less:
      return a < b;
    case ValueCondition::Sign::less_or_equal:
      return a <= b;
    case ValueCondition::Sign::greater:
      return a > b;
    case ValueCondition::Sign::greater_or_equal:
      return a >= b;
    case ValueCondition::Sign::equal:
      return a == b;
    case ValueCondition::Sign::not_equal:
      break;
  }
  return a != b;
}

void add(SqlPiece& sql, const ValueCondition& c) {
  sql.values.emplace_back(std::string(c.measurand->id));
  if (c.measurand->text) {
    sql.sql += fmt::format("runs.id IN (SELECT run FROM measurements WHERE measurand = ? AND text_value {} ?)",
                           sql_of(c.sign));
    sql.values.emplace_back(c.text);
    return;
  }
  const char* const value = c.absolute ? "abs(value)" : "value";
  sql.sql +=
      fmt::format("(runs.id IN (SELECT run FROM measurements WHERE measurand = ? AND {} {} ?)", value, sql_of(c.sign));
  sql.values.emplace_back(c.value);
  // A negative zero stands in not_real (sqlite_rows.cpp), with nothing in the column itself.
  if (holds(0, c.sign, c.value)) {
    sql.sql +=
        " OR runs.id IN (SELECT run FROM measurements WHERE measurand = ? AND value IS NULL AND not_real IS NOT NULL"
        " AND CASE WHEN json_valid(not_real) THEN json_extract(not_real, '$.value') END = '8000000000000000')";
    sql.values.emplace_back(std::string(c.measurand->id));
  }
  sql.sql += ')';
}

void add(SqlPiece& sql, const Condition& condition) {
  if (condition.kind == Condition::Kind::comparison) return add(sql, condition.comparison);
  sql.sql += condition.kind == Condition::Kind::none ? "NOT (" : "(";
  const char* between = "";
  for (const Condition& part : condition.parts) {
    sql.sql += between;
    add(sql, part);
    between = condition.kind == Condition::Kind::any ? " OR " : " AND ";
  }
  sql.sql += ')';
}

}  // namespace

SqlPiece sql_of(const Condition& condition) {
  SqlPiece sql;
  add(sql, condition);
  return sql;
}

}  // namespace penrig
