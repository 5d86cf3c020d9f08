#include "rig/measure/puncture_model.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "rig/base/eight.hpp"
#include "rig/base/two.hpp"
#include "rig/base/unroll.hpp"
#include "rig/base/unset_vector.hpp"

namespace penrig {

namespace {

/// Derivatives to kappa, x_p, a and b of one sample.
using Derivatives = std::array<double, CornerSums::kUnknowns>;

/// The law for one corner of one stroke, with what does not change from sample to sample.
struct Law {
  Law(const Corner& c, double own_mm, double m)
      : at(c.at_mm + own_mm), power(contact_power(at, m)), slope(c.kappa * m * power / at + c.a) {}
  double at, power;
  double slope;  ///< behind the corner, derivative to x_p: slope + 2 b s
};

/// Sums over samples, f the force, p = x^m the law, s how far they lie behind some place: pairs of s and s^2, s^3 and
/// s^4, f and f s, f s^2 and f^2, p^2 and p f.
using SampleSums = std::array<Two, 5>;
constexpr std::size_t kSums = 10;  ///< these, one by one

/// Samples of eight strokes, side by side: in row i the i-th of each. `power` is filled in unless the law is Hertz's.
struct EightStrokes {
  explicit EightStrokes(std::size_t rows) : x_mm(rows * kLanes), force_n(x_mm), power(x_mm) {}
  std::vector<double> x_mm, force_n, power;
};

/// The sums before each of the rows, and behind the last: kSums rows of lanes a row. x_mm: how far each sample lies
/// behind the contact. They rise, but for noise: what does not is sorted in where it stands.
PENRIG_EACH_PROCESSOR void sums_before(const EightStrokes& strokes, std::size_t rows, bool hertzian, double place_mm,
                                       double* x_mm, double* sums) {
  std::fill_n(sums, kSums * kLanes, 0.0);
  Eight x = eight_of(-std::numeric_limits<double>::infinity());
  for (std::size_t at = 0; at < rows * kLanes; at += kLanes, sums += kSums * kLanes) {
    x = larger(x, eight_at(&strokes.x_mm[at]));
    put_eight(x_mm + at, x);
    const Eight touching = larger(x, Eight{}), s = x - place_mm, s2 = s * s;
    const Eight f = eight_at(&strokes.force_n[at]), fs = f * s;
    const Eight p = hertzian ? touching * root_of(touching) : eight_at(&strokes.power[at]);
    const std::array<Eight, kSums> of_row{s, s2, s2 * s, s2 * s2, f, fs, fs * s, f * f, p * p, p * f};
    PENRIG_UNROLL(10)
    for (std::size_t k = 0; k < kSums; ++k) {
      put_eight(sums + (kSums + k) * kLanes, eight_at(sums + k * kLanes) + of_row[k]);
    }
  }
}

SampleSums& operator+=(SampleSums& a, const SampleSums& b) {
  PENRIG_UNROLL(5)
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}
SampleSums operator-(SampleSums a, const SampleSums& b) {
  PENRIG_UNROLL(5)
  for (std::size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
  return a;
}

/// Sums over n samples behind a corner, s how far: s^0 to s^4; f, f s and f s^2; f^2.
struct Moments {
  std::array<double, 5> t;
  std::array<double, 3> ft;
  double ff;
};

/// sum x (s - by)^k, for all k, from the sums of x s^k.
template <std::size_t N>
void count_from(double by, std::array<double, N>& powers) {
  for (std::size_t done = 0; done + 1 < N; ++done) {
    for (std::size_t k = N - 1; k > done; --k) powers[k] -= by * powers[k - 1];
  }
}

Moments moments_of(const SampleSums& sums, double n, double by) {
  Moments m{{n, sums[0][0], sums[0][1], sums[1][0], sums[1][1]}, {sums[2][0], sums[2][1], sums[3][0]}, sums[3][1]};
  count_from(by, m.t);
  count_from(by, m.ft);
  return m;
}

/// An ideal cell reads the law itself. Where a sample lies is known, so all that a corner asks of a stroke are
/// differences of sums from its first sample on; and of all strokes, differences of the sums of these.
class IdealModel final : public PunctureModel {
 public:
  IdealModel(std::span<const PunctureSearch> strokes, double least_mm, double most_mm, double exponent)
      : m_(exponent), place_mm_(0.5 * (least_mm + most_mm)) {
    strokes_.reserve(strokes.size());
    std::size_t rows = 0, most_rows = 0;
    for (std::size_t first = 0; first < strokes.size(); first += kLanes) {
      std::size_t most = 0;
      for (std::size_t lane = 0; lane < kLanes && first + lane < strokes.size(); ++lane) {
        Part& part = strokes_.emplace_back(part_of(strokes[first + lane], least_mm, most_mm));
        part.x_at = rows * kLanes + lane;
        part.sums_at = rows * kSums * kLanes + lane;
        most = std::max(most, part.n);
      }
      rows += most + 1;
      most_rows = std::max(most_rows, most);
    }
    x_mm_.resize(rows * kLanes);
    sums_.resize(rows * kSums * kLanes);
    EightStrokes eight(most_rows);
    for (std::size_t first = 0; first < strokes.size(); first += kLanes) add_up(strokes, first, eight);
  }

  void look_between(double from_mm, double to_mm) override {
    all_ = {};
    for (Part& part : strokes_) {
      part.from = first_beyond(part, from_mm);
      part.to = std::max(part.from, first_beyond(part, to_mm));
      all_.n += part.to - part.from;
      all_.to += part.to;
      all_.before_from += before(part, part.from);
      all_.before_to += before(part, part.to);
    }
  }

  CornerSums of_all(const Corner& corner) const override {
    std::size_t at = 0;
    SampleSums before_corner{};
    for (const Part& part : strokes_) {
      const std::size_t corner_at = corner_of(part, corner.at_mm);
      at += corner_at;
      before_corner += before(part, corner_at);
    }
    return sums_of(before_corner - all_.before_from, all_.before_to - before_corner, all_.n, all_.to - at, corner, 0);
  }

  CornerSums of(std::size_t stroke, const Corner& corner, double own_mm) const override {
    const Part& part = strokes_[stroke];
    const std::size_t at = corner_of(part, corner.at_mm + own_mm);
    const SampleSums before_corner = before(part, at);
    return sums_of(before_corner - before(part, part.from), before(part, part.to) - before_corner, part.to - part.from,
                   part.to - at, corner, own_mm);
  }

  CornerStep step_of(std::size_t stroke, const Corner& corner, double own_mm) const override {
    const Part& part = strokes_[stroke];
    const std::size_t at = corner_of(part, corner.at_mm + own_mm);
    if (at == part.to) return {};
    const SampleSums fall = before(part, part.to) - before(part, at);
    const Law law(corner, own_mm, m_);
    const double by = law.at - place_mm_, c0 = corner.kappa * law.power, d0 = law.slope, d1 = 2 * corner.b;
    std::array<double, 4> t{static_cast<double>(part.to - at), fall[0][0], fall[0][1], fall[1][0]};
    std::array<double, 2> ft{fall[2][0], fall[2][1]};
    count_from(by, t);
    count_from(by, ft);
    const std::array<double, 2> left = left_of(ft, t, c0, corner);
    return {d0 * d0 * t[0] + 2 * d0 * d1 * t[1] + d1 * d1 * t[2], d0 * left[0] + d1 * left[1]};
  }

 private:
  /// What counts of a stroke: n samples, in x_mm_ and sums_ from x_at and sums_at on, in every eighth place.
  struct Part {
    const double* force_n = nullptr;
    const double* position_mm = nullptr;
    std::size_t n = 0, x_at = 0, sums_at = 0;
    double per_mm = 0;             ///< so many samples, if they lay evenly
    std::size_t from = 0, to = 0;  ///< of them are looked at
  };

  /// Over all strokes: how many are looked at, and the sums of `to` and of what lies before `from` and `to`.
  struct Ends {
    std::size_t n = 0, to = 0;
    SampleSums before_from{}, before_to{};
  };

  static Part part_of(const PunctureSearch& stroke, double least_mm, double most_mm) {
    std::size_t first = 0, end = std::min(stroke.after + 1, stroke.position_mm.size());
    while (first < end && stroke.position_mm[first] - stroke.contact_mm <= least_mm) ++first;
    while (end > first && stroke.position_mm[end - 1] - stroke.contact_mm > most_mm) --end;
    Part part;
    part.force_n = stroke.read_n.data() + first;
    part.position_mm = stroke.position_mm.data() + first;
    part.n = end - first;
    return part;
  }

  /// Of eight strokes, or what is left of them. In their rows behind the n-th stands what nobody asks for.
  void add_up(std::span<const PunctureSearch> strokes, std::size_t first, EightStrokes& eight) {
    const std::size_t end = std::min(first + kLanes, strokes.size());
    std::size_t rows = 0;
    for (std::size_t i = first; i < end; ++i) {
      const Part& part = strokes_[i];
      const double contact_mm = strokes[i].contact_mm;
      rows = std::max(rows, part.n);
      for (std::size_t row = 0, at = i - first; row < part.n; ++row, at += kLanes) {
        eight.x_mm[at] = part.position_mm[row] - contact_mm;
        eight.force_n[at] = part.force_n[row];
      }
      if (m_ == kHertz) continue;
      double x = 0;
      for (std::size_t row = 0, at = i - first; row < part.n; ++row, at += kLanes) {
        x = std::max(x, eight.x_mm[at]);
        eight.power[at] = contact_power(x, m_);
      }
    }
    sums_before(eight, rows, m_ == kHertz, place_mm_, &x_mm_[strokes_[first].x_at], &sums_[strokes_[first].sums_at]);
    for (std::size_t i = first; i < end; ++i) {
      Part& part = strokes_[i];
      const double way_mm = part.n > 0 ? x_of(part, part.n - 1) - x_of(part, 0) : 0;
      if (way_mm > 0) part.per_mm = static_cast<double>(part.n) / way_mm;
    }
  }

  double x_of(const Part& part, std::size_t sample) const { return x_mm_[part.x_at + sample * kLanes]; }
  SampleSums before(const Part& part, std::size_t sample) const {
    const double* const sums = &sums_[part.sums_at + sample * kSums * kLanes];
    SampleSums of;
    PENRIG_UNROLL(5)
    for (std::size_t i = 0; i < of.size(); ++i) of[i] = Two{sums[2 * i * kLanes], sums[(2 * i + 1) * kLanes]};
    return of;
  }

  /// Needles move nearly evenly there: from where it would be then.
  std::size_t first_beyond(const Part& part, double x) const {
    if (part.n == 0) return 0;
    const double evenly = (x - x_of(part, 0)) * part.per_mm;
    // Of a signed number: those without a sign are costly to make of a double.
    const double inside = std::clamp(evenly, 0.0, static_cast<double>(part.n));
    auto at = static_cast<std::size_t>(static_cast<std::int64_t>(inside));
    while (at > 0 && x_of(part, at - 1) > x) --at;
    while (at < part.n && !(x_of(part, at) > x)) ++at;
    return at;
  }

  /// The first behind the corner of those that are looked at.
  std::size_t corner_of(const Part& part, double x) const {
    return std::clamp(first_beyond(part, x), part.from, part.to);
  }

  /// rise, fall: over the samples up to the corner and behind it.
  CornerSums sums_of(const SampleSums& rise, const SampleSums& fall, std::size_t n, std::size_t behind,
                     const Corner& corner, double own_mm) const {
    const Law law(corner, own_mm, m_);
    CornerSums sums;
    sums.n = n;
    sums.behind = behind;
    const double kappa = corner.kappa, pp = rise[4][0], pf = rise[4][1], ff = rise[3][1];
    sums.normal[0][0] = pp;
    sums.right[0] = pf - kappa * pp;
    sums.squares = ff - 2 * kappa * pf + kappa * kappa * pp;
    if (behind > 0) {
      add_behind(moments_of(fall, static_cast<double>(behind), law.at - place_mm_), corner, law, sums);
    }
    for (std::size_t i = 0; i < CornerSums::kUnknowns; ++i) {
      for (std::size_t j = 0; j < i; ++j) sums.normal[i][j] = sums.normal[j][i];
    }
    return sums;
  }

  /// What is left of the force: f - (c0 - a s - b s^2), times powers of s.
  template <std::size_t N>
  static std::array<double, N> left_of(const std::array<double, N>& ft, const std::array<double, N + 2>& t, double c0,
                                       const Corner& c) {
    std::array<double, N> left;
    for (std::size_t j = 0; j < N; ++j) left[j] = ft[j] - c0 * t[j] + c.a * t[j + 1] + c.b * t[j + 2];
    return left;
  }

  static void add_behind(const Moments& s, const Corner& c, const Law& law, CornerSums& sums) {
    const auto& t = s.t;
    const double p = law.power, d0 = law.slope, d1 = 2 * c.b;
    const double c0 = c.kappa * p;
    const std::array<double, 3> left = left_of(s.ft, t, c0, c);
    sums.squares += s.ff - c0 * (s.ft[0] + left[0]) + c.a * (s.ft[1] + left[1]) + c.b * (s.ft[2] + left[2]);
    sums.right[0] += p * left[0];
    sums.right[1] += d0 * left[0] + d1 * left[1];
    sums.right[2] -= left[1];
    sums.right[3] -= left[2];
    auto& n = sums.normal;
    n[0][0] += p * p * t[0];
    n[0][1] += p * (d0 * t[0] + d1 * t[1]);
    n[0][2] -= p * t[1];
    n[0][3] -= p * t[2];
    n[1][1] += d0 * d0 * t[0] + 2 * d0 * d1 * t[1] + d1 * d1 * t[2];
    n[1][2] -= d0 * t[1] + d1 * t[2];
    n[1][3] -= d0 * t[2] + d1 * t[3];
    n[2][2] += t[2];
    n[2][3] += t[3];
    n[3][3] += t[4];
  }

  static constexpr double kHertz = 1.5;
  double m_, place_mm_;  ///< from which s is counted in sums_
  std::vector<Part> strokes_;
  UnsetVector<double> x_mm_;
  UnsetVector<double> sums_;  ///< over a stroke's samples before each of them
  Ends all_;
};

/// The law's parts, each through the cell in small steps along straight lines between the positions.
class CellModel final : public PunctureModel {
 public:
  CellModel(std::span<const PunctureSearch> strokes, double exponent, const CellResponse& response,
            double sample_rate_hz)
      : strokes_(strokes), m_(exponent), at_rest_(response, 1 / (kSteps * sample_rate_hz)) {}

  void look_between(double from_mm, double to_mm) override { from_mm_ = from_mm, to_mm_ = to_mm; }

  CornerSums of_all(const Corner& corner) const override {
    CornerSums sums;
    for (std::size_t i = 0; i < strokes_.size(); ++i) sums += of(i, corner, 0);
    return sums;
  }

  CornerSums of(std::size_t index, const Corner& corner, double own_mm) const override {
    const PunctureSearch& stroke = strokes_[index];
    const std::size_t end = std::min(stroke.after + 1, stroke.position_mm.size());
    const Law law(corner, own_mm, m_);
    CornerSums sums;
    // Those of what lies behind the corner rest until it is passed first.
    std::array<ResponseFilter, 4> filters{at_rest_, at_rest_, at_rest_, at_rest_};
    Parts read{};
    bool passed = false;
    for (std::size_t i = 1; i < end; ++i) {
      const double from = stroke.position_mm[i - 1] - stroke.contact_mm;
      const double to = stroke.position_mm[i] - stroke.contact_mm;
      if (to <= 0) continue;
      if (from > to_mm_) break;
      for (int j = 1; j <= kSteps; ++j) {
        const double x = from + (to - from) * j / kSteps, on_rise = x > 0 ? contact_power(x, m_) : 0;
        passed = passed || x > law.at;
        if (!passed) {
          read[0] = filters[0].next(on_rise);
          continue;
        }
        const double s = x - law.at;
        const Parts now = s > 0 ? Parts{law.power, 1, s, s * s} : Parts{on_rise};
        for (std::size_t k = 0; k < now.size(); ++k) read[k] = filters[k].next(now[k]);
      }
      if (to > from_mm_ && to <= to_mm_) add(stroke.read_n[i], read, to > law.at, corner, law, sums);
    }
    return sums;
  }

 private:
  static constexpr int kSteps = 8;      ///< between two samples
  using Parts = std::array<double, 4>;  ///< min(x, x_p)^m; behind the corner 1, s, s^2

  static void add(double read_n, const Parts& p, bool is_behind, const Corner& c, const Law& law, CornerSums& sums) {
    const double left = read_n - (c.kappa * p[0] - c.a * p[2] - c.b * p[3]);
    const Derivatives by{p[0], law.slope * p[1] + 2 * c.b * p[2], -p[2], -p[3]};
    for (std::size_t i = 0; i < by.size(); ++i) {
      for (std::size_t j = 0; j < by.size(); ++j) sums.normal[i][j] += by[i] * by[j];
      sums.right[i] += by[i] * left;
    }
    sums.squares += left * left;
    ++sums.n;
    sums.behind += is_behind ? 1U : 0U;
  }

  std::span<const PunctureSearch> strokes_;
  double m_, from_mm_ = 0, to_mm_ = 0;
  ResponseFilter at_rest_;
};

}  // namespace

CornerSums& CornerSums::operator+=(const CornerSums& other) {
  for (std::size_t i = 0; i < kUnknowns; ++i) {
    for (std::size_t j = 0; j < kUnknowns; ++j) normal[i][j] += other.normal[i][j];
    right[i] += other.right[i];
  }
  squares += other.squares;
  n += other.n;
  behind += other.behind;
  return *this;
}

std::unique_ptr<PunctureModel> make_puncture_model(std::span<const PunctureSearch> strokes, double least_mm,
                                                   double most_mm, double exponent, const CellResponse& response,
                                                   double sample_rate_hz) {
  if (response.is_ideal()) return std::make_unique<IdealModel>(strokes, least_mm, most_mm, exponent);
  return std::make_unique<CellModel>(strokes, exponent, response, sample_rate_hz);
}

}  // namespace penrig
