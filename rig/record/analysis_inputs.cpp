#include "rig/record/analysis_inputs.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <utility>

namespace penrig {

AnalysisInputs::const_iterator AnalysisInputs::lower_bound(std::string_view name) const {
  return std::ranges::lower_bound(all_, name, {}, &Input::name);
}

AnalysisInputs::const_iterator AnalysisInputs::find(std::string_view name) const {
  const auto found = lower_bound(name);
  return found != end() && found->name == name ? found : end();
}

const InputValue& AnalysisInputs::at(std::string_view name) const {
  const auto found = find(name);
  if (found == end()) throw std::out_of_range("no input '" + std::string(name) + "'");
  return found->value;
}

InputValue& AnalysisInputs::operator[](std::string_view name) {
  const auto place = lower_bound(name);
  const auto at = static_cast<std::size_t>(place - begin());
  if (place == end() || place->name != name) all_.insert(place, {kept(name), {}});
  return all_[at].value;
}

void AnalysisInputs::erase(std::string_view name) {
  if (const auto found = find(name); found != end()) all_.erase(found);
}

bool AnalysisInputs::append(std::string_view name, InputValue value) {
  if (!all_.empty() && all_.back().name >= name) return false;
  all_.push_back({kept(name), std::move(value)});
  return true;
}

bool AnalysisInputs::append_with_lasting_name(std::string_view name, InputValue value) {
  if (!all_.empty() && all_.back().name >= name) return false;
  all_.push_back({name, std::move(value)});
  return true;
}

std::string_view AnalysisInputs::kept(std::string_view name) {
  constexpr std::size_t kRoom = 1024;  ///< bytes, of forty names
  const bool fits = !names_.empty() && names_.back().use_count() == 1 &&
                    names_.back()->capacity() - names_.back()->size() >= name.size();
  if (!fits) {
    names_.push_back(std::make_shared<std::string>());
    names_.back()->reserve(std::max(kRoom, name.size()));
  }
  std::string& written = *names_.back();
  written.append(name);
  return std::string_view(written).substr(written.size() - name.size());
}

std::optional<AnalysisInputs> AnalysisInputs::joined(const AnalysisInputs& a, const AnalysisInputs& b) {
  AnalysisInputs both;
  both.all_.reserve(a.size() + b.size());
  auto from_a = a.begin(), from_b = b.begin();
  while (from_a != a.end() || from_b != b.end()) {
    if (from_a != a.end() && from_b != b.end() && from_a->name == from_b->name) return std::nullopt;
    const bool next_is_a = from_b == b.end() || (from_a != a.end() && from_a->name < from_b->name);
    both.all_.push_back(next_is_a ? *from_a++ : *from_b++);
  }
  both.names_ = a.names_;
  both.names_.insert(both.names_.end(), b.names_.begin(), b.names_.end());
  return both;
}

bool same_to_the_bit(const AnalysisInputs& a, const AnalysisInputs& b) {
  return std::ranges::equal(a, b, [](const AnalysisInputs::Input& x, const AnalysisInputs::Input& y) {
    if (x.name != y.name || x.value.index() != y.value.index()) return false;
    const auto* const number = std::get_if<double>(&x.value);
    if (number == nullptr) return x.value == y.value;
    return std::bit_cast<std::uint64_t>(*number) == std::bit_cast<std::uint64_t>(std::get<double>(y.value));
  });
}

}  // namespace penrig
