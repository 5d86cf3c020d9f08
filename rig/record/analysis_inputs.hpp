#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace penrig {

/// One input of an analysis: a whole number (times in ns, yes as 1), a number to the bit, or a text.
using InputValue = std::variant<std::int64_t, double, std::string>;

/// All that an analysis was given beside the samples, each input once, in the order of their names. An input that was
/// not known is not there. A run has a thousand of them, which are written, read and compared in one go: they lie in
/// one piece, and copies share what their names are written in.
class AnalysisInputs {
 public:
  struct Input {
    std::string_view name;  ///< "tare.zero_counts"; lives as long as any copy of these inputs
    InputValue value;
    bool operator==(const Input&) const = default;
  };
  using const_iterator = std::vector<Input>::const_iterator;

  const_iterator begin() const { return all_.begin(); }
  const_iterator end() const { return all_.end(); }
  std::size_t size() const { return all_.size(); }
  bool empty() const { return all_.empty(); }
  /// The first whose name is not before that one.
  const_iterator lower_bound(std::string_view name) const;
  const_iterator find(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name) != end(); }
  /// Throws std::out_of_range: there is none.
  const InputValue& at(std::string_view name) const;

  /// Where there is none yet, the whole number 0 is put in first.
  InputValue& operator[](std::string_view name);
  void erase(std::string_view name);
  /// The cheap way, of names that come in their order. False, and nothing is done: the name does not come behind all
  /// that are there.
  bool append(std::string_view name, InputValue value);
  /// The same without a copy of the name, which is never let go.
  bool append_with_lasting_name(std::string_view name, InputValue value);
  void reserve(std::size_t inputs) { all_.reserve(inputs); }

  bool operator==(const AnalysisInputs& other) const { return all_ == other.all_; }
  /// All of both; nothing where a name stands in both.
  static std::optional<AnalysisInputs> joined(const AnalysisInputs& a, const AnalysisInputs& b);

 private:
  std::string_view kept(std::string_view name);

  std::vector<Input> all_;
  /// What names are written in, one behind the other; never more than there is room for, so that they stay where they
  /// are. Only the last one grows, and only while no copy has it.
  std::vector<std::shared_ptr<std::string>> names_;
};

/// The same names and types, and every number bit for bit.
bool same_to_the_bit(const AnalysisInputs& a, const AnalysisInputs& b);

}  // namespace penrig
