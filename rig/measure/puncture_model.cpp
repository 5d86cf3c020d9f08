#include "rig/measure/puncture_model.hpp"

#include <algorithm>
#include <limits>
#include <vector>

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

SampleSums sums_of_sample(double p, double f, double s) {
  const double s2 = s * s, fs = f * s;
  return {Two{s, s2}, Two{s2 * s, s2 * s2}, Two{f, fs}, Two{fs * s, f * f}, Two{p * p, p * f}};
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
    std::size_t room = 0;
    for (const PunctureSearch& stroke : strokes) {
      strokes_.push_back(part_of(stroke, least_mm, most_mm));
      strokes_.back().at = room;
      room += strokes_.back().n + 1;
    }
    x_mm_.resize(room);
    before_.resize(room);
    for (std::size_t i = 0; i < strokes.size(); ++i) add_up(strokes[i], strokes_[i]);
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
    const SampleSums& before_corner = before(part, at);
    return sums_of(before_corner - before(part, part.from), before(part, part.to) - before_corner, part.to - part.from,
                   part.to - at, corner, own_mm);
  }

 private:
  /// What counts of a stroke: n samples, in x_mm_ and before_ from `at` on, and there one more.
  struct Part {
    const double* force_n = nullptr;
    const double* position_mm = nullptr;
    std::size_t n = 0, at = 0;
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

  void add_up(const PunctureSearch& stroke, Part& part) {
    double* const x_mm = &x_mm_[part.at];
    SampleSums* const before = &before_[part.at];
    SampleSums sums{};
    double x = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < part.n; ++i) {
      before[i] = sums;
      // They rise, but for noise: what does not is sorted in where it stands.
      x_mm[i] = x = std::max(x, part.position_mm[i] - stroke.contact_mm);
      sums += sums_of_sample(x > 0 ? contact_power(x, m_) : 0, part.force_n[i], x - place_mm_);
    }
    before[part.n] = sums;
    if (part.n > 0 && x > x_mm[0]) part.per_mm = static_cast<double>(part.n) / (x - x_mm[0]);
  }

  const SampleSums& before(const Part& part, std::size_t sample) const { return before_[part.at + sample]; }

  /// Needles move nearly evenly there: from where it would be then.
  std::size_t first_beyond(const Part& part, double x) const {
    if (part.n == 0) return 0;
    const double* const x_mm = &x_mm_[part.at];
    const double evenly = (x - x_mm[0]) * part.per_mm;
    auto at = static_cast<std::size_t>(evenly > 0 ? std::min(evenly, static_cast<double>(part.n)) : 0);
    while (at > 0 && x_mm[at - 1] > x) --at;
    while (at < part.n && !(x_mm[at] > x)) ++at;
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

  static void add_behind(const Moments& s, const Corner& c, const Law& law, CornerSums& sums) {
    const auto& t = s.t;
    const double p = law.power, d0 = law.slope, d1 = 2 * c.b;
    // What is left of the force: f - (c0 - a s - b s^2), times powers of s.
    const double c0 = c.kappa * p;
    std::array<double, 3> left{};
    for (std::size_t j = 0; j < 3; ++j) left[j] = s.ft[j] - c0 * t[j] + c.a * t[j + 1] + c.b * t[j + 2];
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

  double m_, place_mm_;  ///< from which s is counted in before_
  std::vector<Part> strokes_;
  UnsetVector<double> x_mm_;
  UnsetVector<SampleSums> before_;  ///< over a stroke's samples before each of them
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
