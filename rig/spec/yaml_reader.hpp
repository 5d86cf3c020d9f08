#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rig/spec/load.hpp"
#include "rig/spec/yaml_tree.hpp"

namespace penrig {

/// What a number may be, both ends allowed unless said otherwise. Infinite ends do not bound.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool above_low = false;  ///< low itself is refused
};
inline constexpr Range kAnyNumber{};
inline constexpr Range kPositive{.low = 0, .above_low = true};
inline constexpr Range kNotNegative{.low = 0};
/// What is no number lies in no range.
bool lies_in(const Range& range, double value);
/// "from 0 to 200 g", "above 0 N": in the unit of the key.
std::string range_text(std::string_view key, const Range& range);

class YamlMapping;

/// A YAML text that is being read into typed values. Mistakes are collected, never thrown, so that all of them are
/// reported at once; reading goes on with defaults, and the value counts only if there was none.
///
///     Loaded<Plant> load_plant(std::string_view text, const std::string& file) {
///       YamlText yaml(text, file);
///       Plant plant;
///       YamlMapping root = yaml.root();
///       plant.name = root.text("name");
///       plant.gap_mm = root.number_or("gap_mm", 0.5, {.low = 0, .high = 3});
///       YamlMapping motor = root.mapping_or_none("motor");
///       plant.tau_ms = motor.number_or("tau_ms", plant.tau_ms, kPositive);
///       motor.done();  // unknown keys are found here
///       root.done();
///       return {plant, yaml.mistakes()};
///     }
///
/// The unit stands in the key (`gap_mm`), and messages derive from it.
class YamlText {
 public:
  YamlText(std::string_view text, const std::string& file);
  YamlText(const YamlText&) = delete;
  YamlText& operator=(const YamlText&) = delete;

  /// The document; valid as long as this lives. After a syntax error it is a mapping that is not there.
  YamlMapping root();
  /// Adds a mistake of meaning at a place of this text; line 0 = the file as a whole.
  void mistake(const TextPlace& at, std::string message);
  /// All so far, by place.
  std::vector<Mistake> mistakes() const;

 private:
  std::string file_;
  std::string text_;
  TextLines lines_;
  YamlTree tree_;
};

/// One mapping of the document. Ask for every key that may stand there, then call done(). A mapping that is not there
/// gives defaults and no further mistakes.
class YamlMapping {
 public:
  YamlMapping(YamlText& text, const YamlNode* node, TextPlace place);

  bool present() const { return node_ != nullptr; }
  /// Whether the key stands there (with or without a value). Counts as asking for it.
  bool has(std::string_view key);

  /// A required number; 0 if it is missing or wrong.
  double number(std::string_view key, const Range& range = kAnyNumber);
  double number_or(std::string_view key, double otherwise, const Range& range = kAnyNumber);
  /// Nothing if the key is not there or its value is wrong.
  std::optional<double> optional_number(std::string_view key, const Range& range = kAnyNumber);
  /// A required list of at least one number; a single number is a list of one.
  std::vector<double> numbers(std::string_view key, const Range& range = kAnyNumber);
  /// A required whole number from low to high.
  std::uint32_t count(std::string_view key, std::uint32_t low, std::uint32_t high);
  std::uint32_t count_or(std::string_view key, std::uint32_t otherwise, std::uint32_t low, std::uint32_t high);
  /// A required whole number that may be negative.
  std::int64_t whole(std::string_view key, std::int64_t low, std::int64_t high);
  /// A required text that is not empty.
  std::string text(std::string_view key);
  std::string text_or(std::string_view key, std::string otherwise);
  /// A required list of at least one text; a single text is a list of one.
  std::vector<std::string> texts(std::string_view key);
  bool flag_or(std::string_view key, bool otherwise);  ///< true or false
  YamlMapping mapping(std::string_view key);           ///< required
  YamlMapping mapping_or_none(std::string_view key);
  std::vector<YamlMapping> mappings(std::string_view key);  ///< a required list of at least one mapping

  /// Where the value of a key stands, or item `index` of its list; the mapping itself if the key is not there.
  TextPlace place(std::string_view key) const;
  TextPlace place(std::string_view key, std::size_t index) const;
  TextPlace key_place(std::string_view key) const;
  TextPlace place() const { return place_; }
  /// A mistake of meaning at the value of that key, or at the mapping.
  void mistake(std::string_view key, std::string message);
  void mistake(std::string message);
  void mistake_at(const TextPlace& at, std::string message) { text_->mistake(at, std::move(message)); }
  /// Whether these keys were asked for and no mistake was found in their values, so that they can be held against each
  /// other. False if the mapping is not there.
  bool sound(std::initializer_list<std::string_view> keys) const;
  /// The keys as written, in order.
  std::vector<std::string> keys() const;

  /// Reports keys that nobody asked for, with what was meant, and required ones that are missing.
  void done();

 private:
  struct Missing {
    std::string key, expected;
  };
  /// A mistake in the value of a key.
  void refuse(std::string_view key, const TextPlace& at, std::string message);
  const YamlNode* ask(std::string_view key);
  /// The value of a required key; nullptr after noting that it is missing.
  const YamlNode* require(std::string_view key, std::string expected);
  std::optional<double> read_number(std::string_view key, const YamlNode& node, const Range& range, bool in_list);
  std::optional<std::int64_t> read_whole(std::string_view key, const YamlNode& node, std::int64_t low,
                                         std::int64_t high);
  std::optional<std::string> read_text(std::string_view key, const YamlNode& node);
  void refuse_number(std::string_view key, const YamlNode& node, bool in_list, bool whole);
  /// What to write instead of an unknown key, in brackets; names the key in `meant`.
  ///
  /// @param absent  those of the keys asked for that are not there.
  std::string advice(const std::string& unknown, std::span<const std::string_view> absent, std::string& meant) const;

  YamlText* text_;
  const YamlNode* node_;
  TextPlace place_;
  std::vector<std::string> asked_, unsound_;
  std::vector<Missing> missing_;
};

}  // namespace penrig
