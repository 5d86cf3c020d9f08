#include "reports/store/stroke_blob.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace penrig {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the layout is little-endian; swap bytes here on other machines");

constexpr std::uint32_t kLayout = 1;
constexpr std::array kColumns{&StrokeRow::top_s,          &StrokeRow::period_us,    &StrokeRow::extension_mm,
                              &StrokeRow::penetration_mm, &StrokeRow::peak_force_n, &StrokeRow::u_penetration_mm};

class Writer {
 public:
  template <class T>
  void put(T value) {
    std::array<char, sizeof(T)> raw{};
    std::memcpy(raw.data(), &value, sizeof value);
    bytes.append(raw.data(), raw.size());
  }
  void put_vector(const std::vector<float>& values) {
    put(static_cast<std::uint32_t>(values.size()));
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  }
  void put_vectors(const std::vector<std::vector<float>>& vectors) {
    put(static_cast<std::uint32_t>(vectors.size()));
    for (const auto& v : vectors) put_vector(v);
  }
  std::string bytes;
};

[[noreturn]] void damaged() {
  throw ErrorException(
      fail(Errc::bad_data, "the record's strokes or traces are damaged: their bytes do not follow the layout"));
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {
    if (get<std::uint32_t>() != kLayout) damaged();
  }
  template <class T>
  T get() {
    if (bytes_.size() < sizeof(T)) damaged();
    T value{};
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof(T));
    return value;
  }
  /// A count that the bytes left can hold, at `each` bytes an entry.
  std::size_t count(std::size_t each) {
    const std::size_t n = get<std::uint32_t>();
    if (n > bytes_.size() / each) damaged();
    return n;
  }
  std::vector<float> vector() {
    std::vector<float> values(count(sizeof(float)));
    const std::size_t size = values.size() * sizeof(float);
    if (size > 0) std::memcpy(values.data(), bytes_.data(), size);
    bytes_.remove_prefix(size);
    return values;
  }
  std::vector<std::vector<float>> vectors() {
    std::vector<std::vector<float>> all(count(sizeof(std::uint32_t)));
    for (auto& v : all) v = vector();
    return all;
  }
  void end() const {
    if (!bytes_.empty()) damaged();
  }

 private:
  std::string_view bytes_;
};

}  // namespace

std::string bytes_of(const std::vector<StrokeRow>& strokes) {
  Writer out;
  out.put(kLayout);
  out.put(static_cast<std::uint32_t>(strokes.size()));
  for (const auto column : kColumns) {
    for (const StrokeRow& row : strokes) out.put(row.*column);
  }
  return std::move(out.bytes);
}

std::vector<StrokeRow> strokes_of(std::string_view bytes) {
  Reader in(bytes);
  std::vector<StrokeRow> strokes(in.count(kColumns.size() * sizeof(double)));
  for (const auto column : kColumns) {
    for (StrokeRow& row : strokes) row.*column = in.get<double>();
  }
  in.end();
  return strokes;
}

std::string bytes_of(const SettingTraces& traces) {
  Writer out;
  out.put(kLayout);
  for (const auto* v :
       {&traces.phase_deg, &traces.mean_position_mm, &traces.loop_penetration_mm, &traces.loop_force_n}) {
    out.put_vector(*v);
  }
  for (const auto* v :
       {&traces.strokes_position_mm, &traces.strokes_loop_penetration_mm, &traces.strokes_loop_force_n}) {
    out.put_vectors(*v);
  }
  return std::move(out.bytes);
}

SettingTraces traces_of(std::string_view bytes) {
  Reader in(bytes);
  SettingTraces traces;
  for (auto* v : {&traces.phase_deg, &traces.mean_position_mm, &traces.loop_penetration_mm, &traces.loop_force_n}) {
    *v = in.vector();
  }
  for (auto* v : {&traces.strokes_position_mm, &traces.strokes_loop_penetration_mm, &traces.strokes_loop_force_n}) {
    *v = in.vectors();
  }
  in.end();
  return traces;
}

}  // namespace penrig
