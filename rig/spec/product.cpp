#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "rig/spec/did_you_mean.hpp"
#include "rig/spec/key_unit.hpp"
#include "rig/spec/load.hpp"
#include "rig/spec/serial_number.hpp"
#include "rig/spec/settings_grid.hpp"
#include "rig/spec/utf8.hpp"
#include "rig/spec/yaml_reader.hpp"

namespace penrig {
namespace {

/// The key of a limit with the unit of its measurand: "max" and "us" give "max_us".
std::string limit_key(std::string_view form, const MeasurandInfo& measurand) {
  return measurand.suffix.empty() ? std::string(form) : fmt::format("{}_{}", form, measurand.suffix);
}

std::string limit_keys_text(const MeasurandInfo& measurand) {
  if (measurand.text) return "allowed: [a text]";
  std::string text = fmt::format("{} or {}", limit_key("max", measurand), limit_key("min", measurand));
  if (measurand.reference != SettingReference::none) {
    text = fmt::format("{}, tolerance_percent, {}", limit_key("tolerance", measurand), text);
  }
  return text;
}

const MeasurandInfo* read_measurand(YamlMapping& item) {
  const std::string id = item.text("measurand");
  const MeasurandInfo* info = find_measurand(id);
  if (info || id.empty()) return info;
  std::vector<std::string_view> known;
  for (const MeasurandInfo& m : measurands()) known.push_back(m.id);
  const auto near = did_you_mean(id, known);
  item.mistake("measurand", fmt::format("unknown measurand '{}'{}", shown(id),
                                        near ? fmt::format(" (did you mean '{}'?)", *near) : ""));
  return nullptr;
}

bool looks_numeric(std::string_view key) {
  const std::string_view stem = stem_of_key(key);
  return stem == "min" || stem == "max" || stem == "tolerance";
}

/// A text cannot have a least value, nor a number a list of allowed ones.
void refuse_limits_of_other_kind(YamlMapping& item, const MeasurandInfo& measurand) {
  for (const std::string& key : item.keys()) {
    if (measurand.text ? !looks_numeric(key) : key != "allowed") continue;
    item.has(key);
    item.mistake_at(item.key_place(key),
                    fmt::format("'{}' does not fit {}, which is a {} (write: {})", shown(key), measurand.id,
                                measurand.text ? "text" : "number", limit_keys_text(measurand)));
  }
}

/// Without a measurand the unit of the limits is not known: whatever looks like one is taken, so that one mistake
/// does not draw others after it.
void pass_over_limits(YamlMapping& item) {
  for (const std::string& key : item.keys()) {
    if (looks_numeric(key) || key == "allowed") item.has(key);
  }
}

/// Forces and works are those of needles that go into something, and a count is of what is there; of a difference of
/// counts either may be more.
bool can_be_negative(const MeasurandInfo& measurand) {
  constexpr std::array kOfNeedles{"peak_force", "puncture_force", "insertion_work", "dissipated_work"};
  if (measurand.exact_count) return measurand.id == "count_report_error";
  return !measurand.not_negative && std::ranges::find(kOfNeedles, measurand.id) == kOfNeedles.end();
}

/// A text that every firmware fits.
void refuse_any_text(YamlMapping& item, const std::vector<std::string>& allowed) {
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    if (allowed[i] != "*") continue;
    item.mistake_at(
        item.place("allowed", i),
        "allowed '*' limits nothing: any text fits, so nothing can fail (write how it begins, as in 2.4.*)");
  }
}

/// Limits that every pen keeps: a pen that does nothing at all would pass.
void refuse_idle_limits(YamlMapping& item, const MeasurandInfo& measurand, const Limit& limit, const Product& product) {
  const std::string min_key = limit_key("min", measurand), max_key = limit_key("max", measurand);
  const bool idle_min = limit.min && !can_be_negative(measurand) && *limit.min <= 0;
  const bool idle_max = limit.max && measurand.suffix == "percent" && *limit.max >= 100;
  if ((idle_min && !limit.max) || (idle_min && idle_max)) {
    item.mistake(min_key, fmt::format("{} {} limits nothing: {} is never below 0, so nothing can fail (write: {}?)",
                                      min_key, number_text(*limit.min), measurand.id, max_key));
  } else if (idle_max && !limit.min) {
    item.mistake(max_key, fmt::format("{} {} limits nothing: {} is a share, so nothing can fail (write less than 100)",
                                      max_key, number_text(*limit.max), measurand.id));
  }
  if (limit.tolerance_percent && *limit.tolerance_percent >= 100) {
    item.mistake("tolerance_percent", fmt::format("tolerance_percent {} is as much as the setting itself: a pen that "
                                                  "does nothing would pass (write less than 100)",
                                                  number_text(*limit.tolerance_percent)));
  }
  const bool of_depth = measurand.reference == SettingReference::depth_mm;
  const double smallest = of_depth ? product.depth_from_mm : product.rate_from_per_min;
  if (!limit.tolerance || !(smallest > 0) || *limit.tolerance < smallest) return;
  const std::string key = limit_key("tolerance", measurand);
  item.mistake(key, fmt::format("{} {} is as much as the smallest setting, {} {}: a pen that does nothing would pass "
                                "(write less than {}; is its unit right?)",
                                key, number_text(*limit.tolerance), number_text(smallest), measurand.unit,
                                number_text(smallest)));
}

void read_numeric_limit(YamlMapping& item, const MeasurandInfo& measurand, Limit& limit) {
  const std::string min_key = limit_key("min", measurand), max_key = limit_key("max", measurand);
  limit.min = item.optional_number(min_key);
  limit.max = item.optional_number(max_key);
  if (measurand.reference != SettingReference::none) {
    limit.tolerance = item.optional_number(limit_key("tolerance", measurand), kPositive);
    limit.tolerance_percent = item.optional_number("tolerance_percent", kPositive);
  } else {
    for (const std::string& key : item.keys()) {
      if (!key.starts_with("tolerance")) continue;
      item.has(key);
      item.mistake(
          key, fmt::format("{} has no setting to be held against (write: {} or {})", measurand.id, min_key, max_key));
      return;
    }
  }
  if (limit.min && limit.max && *limit.min > *limit.max) {
    item.mistake(min_key, fmt::format("{} {} lies above {} {}: nothing can pass (swap them?)", min_key,
                                      number_text(*limit.min), max_key, number_text(*limit.max)));
  }
  const int forms = (limit.min || limit.max ? 1 : 0) + (limit.tolerance ? 1 : 0) + (limit.tolerance_percent ? 1 : 0);
  if (forms > 1) {
    item.mistake("id",
                 "a limit has one form: limits, or a tolerance, or a tolerance in percent (leave the others out)");
  }
  if (measurand.exact_count) {
    for (const auto& [key, value] : {std::pair{min_key, limit.min}, std::pair{max_key, limit.max}}) {
      if (value && *value != std::trunc(*value)) {
        item.mistake(
            key, fmt::format("{} is a count: a whole number was expected, not {}", measurand.id, number_text(*value)));
      }
    }
  }
}

bool limits_anything(const YamlMapping& item) {
  const std::vector<std::string> keys = item.keys();
  return std::any_of(keys.begin(), keys.end(), [](const auto& key) { return looks_numeric(key) || key == "allowed"; });
}

void read_link(YamlMapping& item, Requirement& requirement) {
  if (!item.has("link")) return;
  const std::string text = item.text("link");
  if (requirement.measurand != nullptr && !requirement.measurand->per_link) {
    item.mistake("link", fmt::format("{} is the same over every link (leave link out)", requirement.measurand->id));
    return;
  }
  requirement.link = pen_link_named(text);
  if (!requirement.link && !text.empty())
    item.mistake("link", fmt::format("'{}' is no link of a pen (write: serial or ble)", shown(text)));
}

/// @param product  of which the settings are read.
Requirement read_requirement(YamlMapping& item, const Product& product) {
  Requirement requirement;
  requirement.id = item.text("id");
  requirement.measurand = read_measurand(item);
  const MeasurandInfo* measurand = requirement.measurand;
  requirement.title = item.text_or("title", measurand ? std::string(measurand->title) : "");
  read_link(item, requirement);
  Limit& limit = requirement.limit;
  if (!measurand) {
    pass_over_limits(item);
  } else if (measurand->text) {
    refuse_limits_of_other_kind(item, *measurand);
    if (item.has("allowed")) limit.allowed = item.texts("allowed");
    refuse_any_text(item, limit.allowed);
  } else {
    refuse_limits_of_other_kind(item, *measurand);
    read_numeric_limit(item, *measurand, limit);
    refuse_idle_limits(item, *measurand, limit, product);
  }
  if (measurand && !limits_anything(item)) {
    item.mistake("id", fmt::format("requirement '{}' limits nothing (write: {})", shown(requirement.id),
                                   limit_keys_text(*measurand)));
  }
  limit.guard_band_r = item.number_or("guard_band_r", 1, kNotNegative);
  const std::string decision = item.text_or("decision", "guarded");
  if (decision != "guarded" && decision != "simple") {
    item.mistake("decision", fmt::format("unknown decision '{}' (write: guarded or simple)", shown(decision)));
  }
  limit.simple_acceptance = decision == "simple";
  if (limit.simple_acceptance && item.has("guard_band_r")) {
    item.mistake("guard_band_r", "a simple decision has no guard band (leave one of the two out)");
  }
  item.done();
  return requirement;
}

void read_depths(YamlMapping& root, Product& product) {
  YamlMapping depth = root.mapping("depth");
  product.depth_from_mm = depth.number("from_mm", kPositive);
  product.depth_to_mm = depth.number("to_mm", kPositive);
  product.depth_step_mm = depth.number("step_mm", {.low = 0.001, .high = 10});
  depth.done();
  if (!depth.sound({"from_mm", "to_mm", "step_mm"})) return;
  if (product.depth_to_mm < product.depth_from_mm) {
    depth.mistake("to_mm", fmt::format("to_mm {} lies below from_mm {} (swap them?)", number_text(product.depth_to_mm),
                                       number_text(product.depth_from_mm)));
  } else if (!is_depth_setting(product, product.depth_to_mm)) {
    depth.mistake("to_mm",
                  fmt::format("to_mm {} cannot be reached from {} in steps of {}", number_text(product.depth_to_mm),
                              number_text(product.depth_from_mm), number_text(product.depth_step_mm)));
  }
}

void read_rates(YamlMapping& root, Product& product) {
  constexpr Range kRates{.low = 60, .high = 60'000};
  YamlMapping rate = root.mapping("rate");
  product.rate_from_per_min = rate.number("from_per_min", kRates);
  product.rate_to_per_min = rate.number("to_per_min", kRates);
  rate.done();
  if (rate.sound({"from_per_min", "to_per_min"}) && product.rate_to_per_min < product.rate_from_per_min) {
    rate.mistake("to_per_min",
                 fmt::format("to_per_min {} lies below from_per_min {} (swap them?)",
                             number_text(product.rate_to_per_min), number_text(product.rate_from_per_min)));
  }
}

void check_serial_pattern(YamlMapping& root, const std::string& pattern) {
  if (pattern.empty()) return;
  if (const std::string why = why_no_serial_pattern(pattern); !why.empty()) root.mistake("serial_pattern", why);
}

/// As on a label: 14 digits, of which the last follows from the others.
void check_gtin(YamlMapping& root, const std::string& gtin) {
  if (gtin.empty()) return;
  int sum = 0;
  for (std::size_t i = 0; i < gtin.size(); ++i) sum += (gtin[i] - '0') * (i % 2 == 0 ? 3 : 1);
  if (gtin.size() == 14 && gtin.find_first_not_of("0123456789") == std::string::npos && sum % 10 == 0) return;
  root.mistake("gtin", fmt::format("'{}' is no GTIN of 14 digits with its check digit (write it in quotes, shorter "
                                   "ones with zeros in front)",
                                   shown(gtin)));
}

/// Whether serial numbers are to be told by the pattern.
enum class SerialPattern { is_used, is_history };

Loaded<Product> read_product(std::string_view text, const std::string& file, SerialPattern serial_pattern) {
  YamlText yaml(text, file);
  Product product;
  YamlMapping root = yaml.root();
  product.name = root.text("name");
  product.revision = root.count("revision", 1, 1'000'000);
  product.serial_pattern = root.text("serial_pattern");
  if (serial_pattern == SerialPattern::is_used) check_serial_pattern(root, product.serial_pattern);
  product.gtin = root.text_or("gtin", "");
  check_gtin(root, product.gtin);
  read_depths(root, product);
  read_rates(root, product);
  product.stroke_mm = root.number("stroke_mm", {.low = 0.1, .high = 20});
  product.missed_floor_fraction = root.number_or("missed_floor_fraction", 0.5, {.low = 0.05, .high = 0.95});
  if (product.stroke_mm > 0 && product.depth_to_mm >= product.stroke_mm) {
    root.mistake("stroke_mm", fmt::format("stroke_mm {} must be more than the greatest depth {} mm, or the needles "
                                          "cannot park inside the nose cone",
                                          number_text(product.stroke_mm), number_text(product.depth_to_mm)));
  }
  if (YamlMapping retests = root.mapping_or_none("retests"); retests.present()) {
    product.max_certifying = retests.count("max_certifying", 1, 1000);
    product.second_signature = retests.flag_or("second_signature", false);
    retests.done();
  }
  std::vector<YamlMapping> items = root.mappings("requirements");
  for (YamlMapping& item : items) {
    Requirement requirement = read_requirement(item, product);
    const bool taken =
        !requirement.id.empty() && std::any_of(product.requirements.begin(), product.requirements.end(),
                                               [&](const Requirement& r) { return r.id == requirement.id; });
    if (taken) item.mistake("id", fmt::format("requirement '{}' is there already", shown(requirement.id)));
    product.requirements.push_back(std::move(requirement));
  }
  root.done();
  return {std::move(product), yaml.mistakes()};
}

}  // namespace

Loaded<Product> load_product(std::string_view text, const std::string& file) {
  return read_product(text, file, SerialPattern::is_used);
}

Loaded<Product> load_recorded_product(std::string_view text, const std::string& file) {
  return read_product(text, file, SerialPattern::is_history);
}

}  // namespace penrig
