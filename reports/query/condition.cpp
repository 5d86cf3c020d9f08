#include "reports/query/condition.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "rig/spec/did_you_mean.hpp"
#include "rig/spec/key_unit.hpp"
#include "rig/spec/utf8.hpp"
#include "rig/spec/yaml_tree.hpp"

namespace penrig {
namespace {

constexpr std::string_view kExample = "penetration_error > 0.05";
constexpr int kDeepest = 32;
constexpr int kMostComparisons = 100;

struct Token {
  enum class Kind : std::uint8_t { end, word, number, sign, text, open, close, other } kind = Kind::end;
  std::string_view as_written;
  std::size_t begin = 0;
};

/// Thrown at the first mistake, caught where parsing began.
struct Stop {
  Mistake mistake;
};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Parser {
 public:
  Parser(std::string_view text, const std::string& name) : text_(text), name_(name), lines_(text) { step(); }

  Condition whole() {
    Condition condition = any(0);
    if (token_.kind == Token::Kind::close) stop(token_, "')' without its '(' (take it out)");
    if (token_.kind != Token::Kind::end)
      stop(token_,
           fmt::format("'{}' cannot follow here (join comparisons by 'and' or 'or')", shown(token_.as_written)));
    return condition;
  }

 private:
  [[noreturn]] void stop(const Token& at, std::string message) const {
    const std::size_t end = std::max(at.begin + at.as_written.size(), at.begin + 1);
    throw Stop{mistake_at(name_, lines_, lines_.place(at.begin, end), std::move(message))};
  }

  void step() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    const std::size_t begin = at_;
    const auto take = [&](Token::Kind kind, std::size_t length) {
      token_ = {kind, text_.substr(begin, length), begin};
      at_ = begin + length;
    };
    if (begin == text_.size()) return take(Token::Kind::end, 0);
    const char c = text_[begin];
    const char next = begin + 1 < text_.size() ? text_[begin + 1] : '\0';
    if (c == '(') return take(Token::Kind::open, 1);
    if (c == ')') return take(Token::Kind::close, 1);
    if (c == '<' || c == '>' || c == '=' || c == '!') return take(Token::Kind::sign, next == '=' ? 2 : 1);
    if (c == '\'' || c == '"') {
      const std::size_t end = text_.find(c, begin + 1);
      if (end == std::string_view::npos) {
        take(Token::Kind::other, text_.size() - begin);
        stop(token_, fmt::format("the text has no end (close it with {})", c));
      }
      return take(Token::Kind::text, end + 1 - begin);
    }
    const bool number = (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.';
    if (!number && !is_word(c))
      return take(Token::Kind::other, std::max<std::size_t>(utf8_length(text_.substr(begin)), 1));
    std::size_t end = begin + 1;
    const auto exponent = [&] {
      return number && (text_[end] == '-' || text_[end] == '+') && (text_[end - 1] == 'e' || text_[end - 1] == 'E');
    };
    // The number ends where its unit begins.
    while (end < text_.size() && (number ? digit_or_exponent(end) || exponent() : is_word(text_[end]))) ++end;
    take(number ? Token::Kind::number : Token::Kind::word, end - begin);
  }

  bool digit_or_exponent(std::size_t i) const {
    const char c = text_[i];
    if ((c >= '0' && c <= '9') || c == '.') return true;
    const auto follows = [&](std::size_t k) { return k < text_.size() && text_[k] >= '0' && text_[k] <= '9'; };
    const bool sign = i + 1 < text_.size() && (text_[i + 1] == '-' || text_[i + 1] == '+');
    return (c == 'e' || c == 'E') && follows(sign ? i + 2 : i + 1);
  }

  bool at_word(std::string_view word) const { return token_.kind == Token::Kind::word && token_.as_written == word; }

  Condition any(int depth) {
    Condition condition = all(depth);
    if (!at_word("or")) return condition;
    Condition several{Condition::Kind::any, {std::move(condition)}, {}};
    while (at_word("or")) {
      step();
      several.parts.push_back(all(depth));
    }
    return several;
  }

  Condition all(int depth) {
    Condition condition = one(depth);
    if (!at_word("and")) return condition;
    Condition several{Condition::Kind::all, {std::move(condition)}, {}};
    while (at_word("and")) {
      step();
      several.parts.push_back(one(depth));
    }
    return several;
  }

  Condition one(int depth) {
    if (depth > kDeepest) stop(token_, fmt::format("nested deeper than {} (ask in parts)", kDeepest));
    if (at_word("not")) {
      step();
      return {Condition::Kind::none, {one(depth + 1)}, {}};
    }
    if (token_.kind != Token::Kind::open) return {Condition::Kind::comparison, {}, comparison()};
    const Token opened = token_;
    step();
    Condition inside = any(depth + 1);
    if (token_.kind != Token::Kind::close) {
      if (token_.kind == Token::Kind::end) stop(opened, "'(' without its ')' (close it)");
      stop(token_, fmt::format("'{}' cannot follow here (join comparisons by 'and' or 'or', or close with ')')",
                               shown(token_.as_written)));
    }
    step();
    return inside;
  }

  ValueCondition comparison() {
    if (++comparisons_ > kMostComparisons)
      stop(token_, fmt::format("more than {} comparisons (ask in parts)", kMostComparisons));
    ValueCondition c;
    c.absolute = at_word("abs");
    if (c.absolute) {
      step();
      if (token_.kind != Token::Kind::open) stop(token_, "'abs' takes a measurand in brackets (write: abs(NAME))");
      step();
    }
    c.measurand = measurand();
    if (c.absolute) {
      if (c.measurand->text) stop(token_, fmt::format("{} is a text, and has no abs()", c.measurand->id));
      if (token_.kind != Token::Kind::close) stop(token_, "'abs(' without its ')' (close it)");
      step();
    }
    c.sign = sign(*c.measurand);
    if (c.measurand->text) {
      c.text = text_value(*c.measurand);
    } else {
      c.value = number_value(*c.measurand);
    }
    return c;
  }

  const MeasurandInfo* measurand() {
    if (token_.kind != Token::Kind::word) {
      const std::string found =
          token_.kind == Token::Kind::end ? "nothing" : fmt::format("'{}'", shown(token_.as_written));
      stop(token_, fmt::format("a measurand belongs here, and {} stands there (write a comparison, such as {})", found,
                               kExample));
    }
    const MeasurandInfo* found = find_measurand(token_.as_written);
    if (found == nullptr) {
      std::vector<std::string_view> known;
      for (const MeasurandInfo& info : measurands()) known.push_back(info.id);
      const auto meant = did_you_mean(token_.as_written, known);
      stop(token_, fmt::format("unknown measurand '{}' ({})", shown(token_.as_written),
                               meant ? fmt::format("did you mean '{}'?", *meant) : "rig/MEASURANDS.md lists them"));
    }
    step();
    return found;
  }

  ValueCondition::Sign sign(const MeasurandInfo& measurand) {
    using Sign = ValueCondition::Sign;
    struct Known {
      std::string_view written;
      Sign sign;
    };
    constexpr Known kKnown[] = {
        {"<", Sign::less},  {"<=", Sign::less_or_equal}, {">", Sign::greater},   {">=", Sign::greater_or_equal},
        {"=", Sign::equal}, {"==", Sign::equal},         {"!=", Sign::not_equal}};
    for (const Known& known : kKnown) {
      if (token_.kind != Token::Kind::sign || token_.as_written != known.written) continue;
      if (measurand.text && known.sign != Sign::equal && known.sign != Sign::not_equal)
        stop(token_, fmt::format("{} is a text (compare it by = or !=)", measurand.id));
      step();
      return known.sign;
    }
    stop(token_, fmt::format("one of < <= > >= = != belongs behind {}", measurand.id));
  }

  std::string text_value(const MeasurandInfo& measurand) {
    if (token_.kind != Token::Kind::text)
      stop(token_, fmt::format("{} is a text (write it in quotes: '2.4.1')", measurand.id));
    std::string_view inside = token_.as_written;
    inside.remove_prefix(1);
    inside.remove_suffix(1);
    step();
    return std::string(inside);
  }

  double number_value(const MeasurandInfo& measurand) {
    const Token number = token_;
    const std::optional<double> plain =
        number.kind == Token::Kind::number ? parse_number(number.as_written) : std::nullopt;
    if (!plain || !std::isfinite(*plain))
      stop(number, fmt::format("a number belongs here, in {}", unit_text(measurand)));
    const Token unit = unit_behind();
    step();
    if (unit.as_written.empty()) return *plain;
    const auto converted = converted_to_key_unit(fmt::format("{}{}", number.as_written, unit.as_written),
                                                 fmt::format("value_{}", measurand.suffix));
    if (measurand.suffix.empty() || !converted)
      stop(unit, fmt::format("'{}' is no unit of {} (write it in {}, or without a unit)", shown(unit.as_written),
                             measurand.id, unit_text(measurand)));
    return *converted;
  }

  static std::string unit_text(const MeasurandInfo& measurand) {
    return measurand.unit == "1" ? "no unit: it is a count" : std::string(measurand.unit);
  }

  /// What stands behind a number up to the next blank or bracket, and is neither `and` nor `or`; empty if nothing does.
  Token unit_behind() {
    std::size_t begin = at_;
    while (begin < text_.size() && is_blank(text_[begin])) ++begin;
    std::size_t end = begin;
    while (end < text_.size() && !is_blank(text_[end]) && text_[end] != '(' && text_[end] != ')') ++end;
    const std::string_view word = text_.substr(begin, end - begin);
    if (word.empty() || word == "and" || word == "or") return {Token::Kind::end, {}, begin};
    at_ = end;
    return {Token::Kind::word, word, begin};
  }

  std::string_view text_;
  const std::string& name_;
  TextLines lines_;
  std::size_t at_ = 0;
  Token token_;
  int comparisons_ = 0;
};

}  // namespace

Loaded<Condition> parse_condition(std::string_view text, const std::string& name) {
  Loaded<Condition> loaded;
  try {
    loaded.value = Parser(text, name).whole();
  } catch (Stop& stopped) {
    loaded.mistakes.push_back(std::move(stopped.mistake));
  }
  return loaded;
}

}  // namespace penrig
