#include "rig/spec/yaml_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "rig/spec/did_you_mean.hpp"
#include "rig/spec/key_unit.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig {
namespace {

/// Past 2^53 a double no longer tells whole numbers apart; no count here comes near.
constexpr double kMostWhole = 9e15;

std::string_view without_mark(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return text;
}

std::string kind_text(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::sequence:
      return "a list";
    case YamlNode::Kind::mapping:
      return "a mapping";
    case YamlNode::Kind::empty:
      return "nothing";
    case YamlNode::Kind::scalar:
      break;
  }
  return fmt::format("'{}'", shown(node.text));
}

std::string expected_number(std::string_view key, bool whole) {
  const KeyUnit unit = unit_of_key(key);
  return fmt::format("a {}number{}", whole ? "whole " : "", unit.unit.empty() ? "" : fmt::format(", in {}", unit.unit));
}

std::string with_unit(double value, std::string_view key) {
  const KeyUnit unit = unit_of_key(key);
  if (unit.unit.empty()) return number_text(value);
  if (unit.unit == "1/min" || unit.unit == "1/s") return number_text(value) + std::string(unit.unit.substr(1));
  return number_text(value) + " " + std::string(unit.unit);
}

}  // namespace

bool lies_in(const Range& range, double value) {
  return std::isfinite(value) && value >= range.low && value <= range.high && !(range.above_low && value == range.low);
}

std::string range_text(std::string_view key, const Range& range) {
  const bool low = std::isfinite(range.low), high = std::isfinite(range.high);
  if (low && high && !range.above_low) {
    return fmt::format("from {} to {}", number_text(range.low), with_unit(range.high, key));
  }
  if (low && high) return fmt::format("above {} and at most {}", number_text(range.low), with_unit(range.high, key));
  if (low) return fmt::format("{} {}", range.above_low ? "above" : "at least", with_unit(range.low, key));
  return fmt::format("at most {}", with_unit(range.high, key));
}

YamlText::YamlText(std::string_view text, const std::string& file)
    : file_(file), text_(without_mark(text)), lines_(text_), tree_(parse_yaml(text_, file_)) {}

YamlMapping YamlText::root() {
  const TextPlace whole_file{0, 0, 1};
  if (!tree_.whole) return {*this, nullptr, whole_file};
  if (tree_.root.kind != YamlNode::Kind::mapping) {
    mistake(tree_.root.place, fmt::format("keys and values were expected, not {}", kind_text(tree_.root)));
    return {*this, nullptr, whole_file};
  }
  // It is shown by its first key, as an item of a list is.
  return {*this, &tree_.root, tree_.root.keys.empty() ? tree_.root.place : tree_.root.keys.front().place};
}

void YamlText::mistake(const TextPlace& at, std::string message) {
  tree_.mistakes.push_back(mistake_at(file_, lines_, at, std::move(message)));
}

std::vector<Mistake> YamlText::mistakes() const {
  std::vector<Mistake> sorted = tree_.mistakes;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Mistake& a, const Mistake& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return sorted;
}

YamlMapping::YamlMapping(YamlText& text, const YamlNode* node, TextPlace place)
    : text_(&text), node_(node), place_(place) {}

const YamlNode* YamlMapping::ask(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.emplace_back(key);
  return node_ ? node_->find(key) : nullptr;
}

void YamlMapping::refuse(std::string_view key, const TextPlace& at, std::string message) {
  if (std::find(unsound_.begin(), unsound_.end(), key) == unsound_.end()) unsound_.emplace_back(key);
  text_->mistake(at, std::move(message));
}

bool YamlMapping::sound(std::initializer_list<std::string_view> keys) const {
  return node_ && std::all_of(keys.begin(), keys.end(), [&](std::string_view key) {
           const bool missing =
               std::any_of(missing_.begin(), missing_.end(), [&](const Missing& m) { return m.key == key; });
           return !missing && std::find(unsound_.begin(), unsound_.end(), key) == unsound_.end();
         });
}

bool YamlMapping::has(std::string_view key) { return ask(key) != nullptr; }

const YamlNode* YamlMapping::require(std::string_view key, std::string expected) {
  const YamlNode* node = ask(key);
  if (!node_) return nullptr;
  if (!node) {
    missing_.push_back({std::string(key), std::move(expected)});
  } else if (node->kind == YamlNode::Kind::empty) {
    refuse(key, key_place(key), fmt::format("'{}' has no value ({})", key, expected));
    return nullptr;
  }
  return node;
}

void YamlMapping::refuse_number(std::string_view key, const YamlNode& node, bool in_list, bool whole) {
  const KeyUnit unit = unit_of_key(key);
  std::string expected = fmt::format("a {}number was expected", whole ? "whole " : "");
  if (!unit.unit.empty()) expected += fmt::format(", in {} (the key says so)", unit.unit);
  const std::string key_text = in_list ? "" : fmt::format("{}: ", key);
  std::string advice;
  if (node.kind == YamlNode::Kind::scalar) {
    std::string with_point = node.text;
    std::replace(with_point.begin(), with_point.end(), ',', '.');
    auto meant = converted_to_key_unit(node.text, key);
    if (!meant) meant = parse_number(with_point);
    const bool fits =
        meant && std::isfinite(*meant) && (!whole || (*meant == std::trunc(*meant) && std::abs(*meant) <= kMostWhole));
    if (fits) advice = number_text(*meant);
  }
  if (!advice.empty()) advice = fmt::format(" (write: {}{})", key_text, advice);
  refuse(key, node.place, fmt::format("{}, not {}{}", expected, kind_text(node), advice));
}

std::optional<double> YamlMapping::read_number(std::string_view key, const YamlNode& node, const Range& range,
                                               bool in_list) {
  const auto value = node.kind == YamlNode::Kind::scalar && node.plain ? parse_number(node.text) : std::nullopt;
  if (!value) {
    refuse_number(key, node, in_list, false);
    return std::nullopt;
  }
  if (!std::isfinite(*value)) {
    refuse(key, node.place, fmt::format("a finite number was expected, not '{}'", shown(node.text)));
    return std::nullopt;
  }
  if (!lies_in(range, *value)) {
    refuse(key, node.place, fmt::format("'{}' must be {}, not {}", key, range_text(key, range), number_text(*value)));
    return std::nullopt;
  }
  return *value == 0 ? 0.0 : *value;  // no negative zero
}

std::optional<std::int64_t> YamlMapping::read_whole(std::string_view key, const YamlNode& node, std::int64_t low,
                                                    std::int64_t high) {
  const auto number = node.kind == YamlNode::Kind::scalar && node.plain ? parse_number(node.text) : std::nullopt;
  if (!number || (std::isfinite(*number) && *number != std::trunc(*number))) {
    refuse_number(key, node, false, true);
    return std::nullopt;
  }
  const Range range{.low = std::max(static_cast<double>(low), -kMostWhole),
                    .high = std::min(static_cast<double>(high), kMostWhole)};
  const auto value = read_number(key, node, range, false);
  if (!value) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

double YamlMapping::number(std::string_view key, const Range& range) {
  const YamlNode* node = require(key, expected_number(key, false));
  return node ? read_number(key, *node, range, false).value_or(0) : 0;
}

std::optional<double> YamlMapping::optional_number(std::string_view key, const Range& range) {
  if (!has(key)) return std::nullopt;
  const YamlNode* node = require(key, expected_number(key, false));
  return node ? read_number(key, *node, range, false) : std::nullopt;
}

double YamlMapping::number_or(std::string_view key, double otherwise, const Range& range) {
  return optional_number(key, range).value_or(otherwise);
}

std::vector<double> YamlMapping::numbers(std::string_view key, const Range& range) {
  const YamlNode* node = require(key, fmt::format("a list of numbers, as in {}: [1, 2]", key));
  std::vector<double> values;
  if (!node) return values;
  if (node->kind != YamlNode::Kind::sequence) {
    if (const auto value = read_number(key, *node, range, false)) values.push_back(*value);
    return values;
  }
  if (node->items.empty())
    refuse(key, node->place, fmt::format("'{}' is empty (at least one number was expected)", key));
  for (const YamlNode& item : node->items) values.push_back(read_number(key, item, range, true).value_or(0));
  return values;
}

std::int64_t YamlMapping::whole(std::string_view key, std::int64_t low, std::int64_t high) {
  const YamlNode* node = require(key, expected_number(key, true));
  return node ? read_whole(key, *node, low, high).value_or(low) : low;
}

std::uint32_t YamlMapping::count(std::string_view key, std::uint32_t low, std::uint32_t high) {
  return static_cast<std::uint32_t>(whole(key, low, high));
}

std::uint32_t YamlMapping::count_or(std::string_view key, std::uint32_t otherwise, std::uint32_t low,
                                    std::uint32_t high) {
  return has(key) ? count(key, low, high) : otherwise;
}

std::optional<std::string> YamlMapping::read_text(std::string_view key, const YamlNode& node) {
  if (node.kind != YamlNode::Kind::scalar) {
    refuse(key, node.place, fmt::format("a text was expected, not {}", kind_text(node)));
    return std::nullopt;
  }
  if (node.text.empty()) {
    refuse(key, node.place, "a text was expected, not an empty one");
    return std::nullopt;
  }
  return node.text;
}

std::string YamlMapping::text(std::string_view key) {
  const YamlNode* node = require(key, "a text");
  return node ? read_text(key, *node).value_or("") : "";
}

std::string YamlMapping::text_or(std::string_view key, std::string otherwise) {
  return has(key) ? text(key) : std::move(otherwise);
}

std::vector<std::string> YamlMapping::texts(std::string_view key) {
  const YamlNode* node = require(key, fmt::format("a list of texts, as in {}: [a, b]", key));
  std::vector<std::string> values;
  if (!node) return values;
  if (node->kind == YamlNode::Kind::sequence && node->items.empty()) {
    refuse(key, node->place, fmt::format("'{}' is empty (at least one text was expected)", key));
  } else if (node->kind == YamlNode::Kind::sequence) {
    for (const YamlNode& item : node->items) values.push_back(read_text(key, item).value_or(""));
  } else if (const auto value = read_text(key, *node)) {
    values.push_back(*value);
  }
  return values;
}

bool YamlMapping::flag_or(std::string_view key, bool otherwise) {
  if (!has(key)) return otherwise;
  const YamlNode* node = require(key, "true or false");
  if (!node) return otherwise;
  if (node->kind == YamlNode::Kind::scalar && node->plain && (node->text == "true" || node->text == "false")) {
    return node->text == "true";
  }
  refuse(key, node->place, fmt::format("true or false was expected, not {}", kind_text(*node)));
  return otherwise;
}

YamlMapping YamlMapping::mapping(std::string_view key) {
  const YamlNode* node = require(key, "keys and values, indented below it");
  if (node && node->kind != YamlNode::Kind::mapping) {
    refuse(key, node->place, fmt::format("keys and values were expected below '{}', not {}", key, kind_text(*node)));
    node = nullptr;
  }
  return {*text_, node, key_place(key)};
}

YamlMapping YamlMapping::mapping_or_none(std::string_view key) {
  return has(key) ? mapping(key) : YamlMapping{*text_, nullptr, place_};
}

std::vector<YamlMapping> YamlMapping::mappings(std::string_view key) {
  const YamlNode* node = require(key, "a list, each item after '- '");
  std::vector<YamlMapping> values;
  if (!node) return values;
  if (node->kind != YamlNode::Kind::sequence) {
    refuse(key, node->place,
           fmt::format("a list was expected below '{}' (begin each item with '- '), not {}", key, kind_text(*node)));
    return values;
  }
  if (node->items.empty()) refuse(key, node->place, fmt::format("'{}' is empty (at least one item was expected)", key));
  for (const YamlNode& item : node->items) {
    const bool fits = item.kind == YamlNode::Kind::mapping;
    if (!fits) text_->mistake(item.place, fmt::format("keys and values were expected, not {}", kind_text(item)));
    const bool has_key = fits && !item.keys.empty();
    values.emplace_back(*text_, fits ? &item : nullptr, has_key ? item.keys.front().place : item.place);
  }
  return values;
}

TextPlace YamlMapping::place(std::string_view key) const {
  const YamlNode* node = node_ ? node_->find(key) : nullptr;
  return node ? node->place : place_;
}

TextPlace YamlMapping::place(std::string_view key, std::size_t index) const {
  const YamlNode* node = node_ ? node_->find(key) : nullptr;
  const bool in_list = node && node->kind == YamlNode::Kind::sequence && index < node->items.size();
  return in_list ? node->items[index].place : place(key);
}

TextPlace YamlMapping::key_place(std::string_view key) const {
  if (!node_) return place_;
  const auto found = node_->index_of.find(key);
  return found == node_->index_of.end() ? place_ : node_->keys[found->second].place;
}

void YamlMapping::mistake(std::string_view key, std::string message) { text_->mistake(place(key), std::move(message)); }

void YamlMapping::mistake(std::string message) { text_->mistake(place_, std::move(message)); }

std::vector<std::string> YamlMapping::keys() const {
  std::vector<std::string> keys;
  if (node_) {
    for (const YamlNode& key : node_->keys) keys.push_back(key.text);
  }
  return keys;
}

std::string YamlMapping::advice(const std::string& unknown, std::span<const std::string_view> absent,
                                std::string& meant) const {
  const KeyUnit unit = unit_of_key(unknown);
  for (const std::string& known : asked_) {
    const KeyUnit takes = unit_of_key(known);
    if (takes.unit.empty() || takes.suffix == unit.suffix || stem_of_key(known) != stem_of_key(unknown)) continue;
    meant = known;
    if (unit.unit.empty()) return fmt::format(" (the unit belongs to the key: write {})", known);
    return fmt::format(" (this takes {}: write {})", takes.unit, known);
  }
  for (const std::string& known : asked_) {
    if (unit.unit.empty() || known != stem_of_key(unknown)) continue;
    meant = known;
    return fmt::format(" (this takes no unit: write {})", known);
  }
  const std::vector<std::string_view> all{asked_.begin(), asked_.end()};
  auto near = did_you_mean(unknown, absent);
  if (!near) near = did_you_mean(unknown, all);
  if (!near) return "";
  meant = *near;
  return fmt::format(" (did you mean '{}'?)", *near);
}

void YamlMapping::done() {
  if (!node_) return;
  std::vector<std::string> explained;
  std::vector<std::string_view> absent;
  std::copy_if(asked_.begin(), asked_.end(), std::back_inserter(absent), [&](auto& key) { return !node_->find(key); });
  for (const YamlNode& key : node_->keys) {
    if (std::find(asked_.begin(), asked_.end(), key.text) != asked_.end()) continue;
    std::string meant;
    const std::string what = advice(key.text, absent, meant);
    if (!meant.empty()) explained.push_back(meant);
    text_->mistake(key.place, fmt::format("unknown key '{}'{}", shown(key.text), what));
  }
  for (const Missing& missing : missing_) {
    // A misspelt key says it already.
    if (std::find(explained.begin(), explained.end(), missing.key) != explained.end()) continue;
    text_->mistake(place_, fmt::format("missing key '{}' ({})", missing.key, missing.expected));
  }
  missing_.clear();
}

}  // namespace penrig
