#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "rig/base/result.hpp"
#include "rig/record/analysis_inputs.hpp"

/// The ways over the fields of an analysis' inputs: their names, their values by name, their bytes, and back.
/// stored_inputs.cpp has the fields.
namespace penrig::fields {

/// The names of all fields of some inputs: in the order in which put() comes to them, and where each stands among the
/// names in order. One list of fields serves all ways: what is given to put() is called with the same names, each once,
/// also of what is not known.
struct FieldNames {
  std::vector<std::string> in_order;
  std::vector<std::size_t> places;  ///< of the fields, one after the other, in in_order
};

/// Writes down the names. They grow with the structures that a field lies in: "calibrations.tip_um_per_n.value".
class Lister {
 public:
  class Part {
   public:
    Part(std::string& path, std::string_view name) : path_(path), before_(path.size()) { (path_ += name) += '.'; }
    ~Part() { path_.resize(before_); }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;

   private:
    std::string& path_;
    std::size_t before_;
  };
  /// What is named while it lives lies in the structure of that name.
  Part part(std::string_view name) { return {path_, name}; }
  /// The name of a time.
  static std::string in_ns(std::string_view name) { return std::string(name) + "_ns"; }
  template <class T>
  void field(std::string_view name, T&) {
    names_.push_back(path_ + std::string(name));
  }
  /// Fields of what is not known.
  template <class Pass>
  void passing_over(Pass pass) {
    pass();
  }
  FieldNames out() const {
    FieldNames all{names_, {}};
    std::ranges::sort(all.in_order);
    for (const std::string& name : names_) {
      const auto place = std::ranges::lower_bound(all.in_order, name);
      all.places.push_back(static_cast<std::size_t>(place - all.in_order.begin()));
    }
    return all;
  }

 private:
  std::string path_;
  std::vector<std::string> names_;
};

/// Where names are not asked for.
class Unnamed {
 public:
  struct Part {
    ~Part() {}
  };
  static Part part(std::string_view) { return {}; }
  static std::string_view in_ns(std::string_view name) { return name; }
};

/// Comes to the fields in the order in which their names were listed.
class InTurn : public Unnamed {
 public:
  template <class Pass>
  void passing_over(Pass pass) {
    const bool was_known = std::exchange(known_, false);
    pass();
    known_ = was_known;
  }

 protected:
  explicit InTurn(const FieldNames& fields) : fields_(fields) {}
  const FieldNames& fields() const { return fields_; }
  /// Where the next field stands among the names; nothing where it is one of what is not known.
  std::optional<std::size_t> next_place() {
    const std::size_t place = fields_.places[next_++];
    return known_ ? std::optional(place) : std::nullopt;
  }

 private:
  const FieldNames& fields_;
  std::size_t next_ = 0;
  bool known_ = true;
};

class Writer : public InTurn {
 public:
  explicit Writer(const FieldNames& fields) : InTurn(fields), values_(fields.in_order.size()) {}
  void field(std::string_view, double& value) { set(value, std::bit_cast<std::uint64_t>(value) != 0); }
  void field(std::string_view, std::int64_t& value) { set(value, value != 0); }
  void field(std::string_view, std::string& value) { set(value, !value.empty()); }
  AnalysisInputs out() {
    AnalysisInputs inputs;
    inputs.reserve(written_);
    for (std::size_t place = 0; place < values_.size(); ++place) {
      if (values_[place]) inputs.append_with_lasting_name(fields().in_order[place], std::move(*values_[place]));
    }
    return inputs;
  }

 private:
  template <class T>
  void set(const T& value, bool is_written) {
    const std::optional<std::size_t> place = next_place();
    if (!place || !is_written) return;
    values_[*place].emplace(value);
    ++written_;
  }
  std::vector<std::optional<InputValue>> values_;  ///< in the order of names; those that are 0 or empty are left out
  std::size_t written_ = 0;
};

/// Values alone, one behind the other.
class Values : public Unnamed {
 public:
  Values() { out_.reserve(kUsualBytes); }
  void field(std::string_view, double& value) { append(std::bit_cast<std::uint64_t>(value)); }
  void field(std::string_view, std::int64_t& value) { append(std::bit_cast<std::uint64_t>(value)); }
  void field(std::string_view, std::string& value) {
    append(value.size());
    out_ += value;
  }
  template <class Pass>
  static void passing_over(Pass) {}
  std::string out() { return std::move(out_); }

 private:
  static constexpr std::size_t kUsualBytes = 1024;
  void append(std::uint64_t word) {
    const auto bytes = std::bit_cast<std::array<char, sizeof word>>(word);
    out_.append(bytes.data(), bytes.size());
  }
  std::string out_;
};

class Reader : public InTurn {
 public:
  Reader(const FieldNames& fields, const AnalysisInputs& stored)
      : InTurn(fields), stored_(stored), unread_(fields.in_order.size()) {
    // Both are in the order of their names.
    std::size_t place = 0;
    for (const AnalysisInputs::Input& input : stored) {
      while (place < unread_.size() && fields.in_order[place] < input.name) ++place;
      const bool is_there = place < unread_.size() && fields.in_order[place] == input.name;
      if (is_there) unread_[place] = &input.value;
    }
  }
  template <class T>
  void field(std::string_view, T& value) {
    const std::optional<std::size_t> place = next_place();
    if (!place) return;
    const InputValue* const found = std::exchange(unread_[*place], nullptr);
    if (found == nullptr) {
      value = T{};  // left out: 0 or empty, whatever the structure begins with
      return;
    }
    if (const T* const of_its_type = std::get_if<T>(found)) {
      value = *of_its_type;
    } else {
      wrong_ = fields().in_order[*place];
    }
    ++read_;
  }
  /// The inputs must be exactly those.
  Result<void> all_read() const {
    if (!wrong_.empty()) return fail(Errc::bad_data, fmt::format("the input '{}' is of another type", wrong_));
    if (read_ == stored_.size()) return {};
    const auto unknown = std::ranges::find_if(stored_, [&](const AnalysisInputs::Input& input) {
      return !std::ranges::binary_search(fields().in_order, input.name) ||
             std::ranges::find(unread_, &input.value) != unread_.end();
    });
    return fail(Errc::bad_data, fmt::format("the input '{}' is not known to this program", unknown->name));
  }

 private:
  const AnalysisInputs& stored_;
  std::vector<const InputValue*> unread_;  ///< in the order of names; null: not stored, or read
  std::size_t read_ = 0;
  std::string wrong_;
};

}  // namespace penrig::fields
