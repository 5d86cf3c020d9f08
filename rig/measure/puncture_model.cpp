#include "rig/measure/puncture_model.hpp"

#include <algorithm>
#include <vector>

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

/// Sums over samples, of which t is the place and f the force: t^0 to t^4; f, f t and f t^2; f^2; and of the rise,
/// whose law is p = x^m, p^2 and p f.
struct Moments {
  std::array<double, 5> t{};
  std::array<double, 3> ft{};
  double ff = 0;

  /// Of s = t - by.
  Moments moved(double by) const {
    Moments s;
    const double by2 = by * by;
    s.t = {t[0], t[1] - by * t[0], t[2] - 2 * by * t[1] + by2 * t[0],
           t[3] - 3 * by * t[2] + 3 * by2 * t[1] - by2 * by * t[0],
           t[4] - 4 * by * t[3] + 6 * by2 * t[2] - 4 * by2 * by * t[1] + by2 * by2 * t[0]};
    s.ft = {ft[0], ft[1] - by * ft[0], ft[2] - 2 * by * ft[1] + by2 * ft[0]};
    s.ff = ff;
    return s;
  }
};

/// The same over those before one sample of a stroke.
struct Before {
  std::array<double, 4> t;  ///< from t^1 on: t^0 is how many they are
  std::array<double, 4> f;  ///< f, f t, f t^2, f^2
  double pp, pf;

  void add(double t1, double f0, double p) {
    const double t2 = t1 * t1;
    const std::array<double, 4> of_t{t1, t2, t2 * t1, t2 * t2}, of_f{f0, f0 * t1, f0 * t2, f0 * f0};
    for (std::size_t k = 0; k < 4; ++k) t[k] += of_t[k];
    for (std::size_t k = 0; k < 4; ++k) f[k] += of_f[k];
    pp += p * p;
    pf += p * f0;
  }
};

/// Over `n` samples, from those before the first to those before the end.
Moments between(const Before& from, const Before& to, std::size_t n) {
  Moments m;
  m.t[0] = static_cast<double>(n);
  for (std::size_t k = 0; k < 4; ++k) m.t[k + 1] = to.t[k] - from.t[k];
  for (std::size_t k = 0; k < 3; ++k) m.ft[k] = to.f[k] - from.f[k];
  m.ff = to.f[3] - from.f[3];
  return m;
}

/// An ideal cell reads the law itself. Where a sample lies is known, so all that a corner asks for are sums over
/// stretches of the samples: differences of sums from the first one on.
class IdealModel final : public PunctureModel {
 public:
  IdealModel(std::span<const PunctureSearch> strokes, double least_mm, double most_mm, double exponent) : m_(exponent) {
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

  CornerSums of(std::size_t stroke, const Corner& corner, double own_mm) const override {
    const Part& part = strokes_[stroke];
    const std::span<const double> x_mm(&x_mm_[part.at], part.n);
    const Before* const before = &before_[part.at];
    const Law law(corner, own_mm, m_);
    const std::size_t from = first_beyond(x_mm, corner.from_mm), to = std::max(from, first_beyond(x_mm, corner.to_mm)),
                      corner_at = std::clamp(first_beyond(x_mm, law.at), from, to);
    CornerSums sums;
    sums.n = to - from;
    sums.behind = to - corner_at;
    const double kappa = corner.kappa;
    const double pp = before[corner_at].pp - before[from].pp, pf = before[corner_at].pf - before[from].pf,
                 ff = before[corner_at].f[3] - before[from].f[3];
    sums.normal[0][0] = pp;
    sums.right[0] = pf - kappa * pp;
    sums.squares = ff - 2 * kappa * pf + kappa * kappa * pp;
    if (sums.behind > 0) {
      const Moments behind = between(before[corner_at], before[to], sums.behind);
      add_behind(behind.moved(law.at - part.middle), corner, law, sums);
    }
    for (std::size_t i = 0; i < CornerSums::kUnknowns; ++i) {
      for (std::size_t j = 0; j < i; ++j) sums.normal[i][j] = sums.normal[j][i];
    }
    return sums;
  }

 private:
  /// What counts of a stroke: n samples from `first` on, in x_mm_ and before_ from `at` on, and there one more.
  struct Part {
    std::size_t first = 0, n = 0, at = 0;
    double middle = 0;  ///< powers are of x - middle, so that they stay small
  };

  static Part part_of(const PunctureSearch& stroke, double least_mm, double most_mm) {
    std::size_t first = 0, end = std::min(stroke.after + 1, stroke.position_mm.size());
    while (first < end && stroke.position_mm[first] - stroke.contact_mm <= least_mm) ++first;
    while (end > first && stroke.position_mm[end - 1] - stroke.contact_mm > most_mm) --end;
    return {first, end - first};
  }

  void add_up(const PunctureSearch& stroke, Part& part) {
    double* const x_mm = &x_mm_[part.at];
    Before* const before = &before_[part.at];
    for (std::size_t i = 0; i < part.n; ++i) {
      // They rise, but for noise: what does not is sorted in where it stands.
      const double x = stroke.position_mm[part.first + i] - stroke.contact_mm;
      x_mm[i] = i > 0 ? std::max(x, x_mm[i - 1]) : x;
    }
    if (part.n > 0) part.middle = 0.5 * x_mm[part.n - 1];
    Before sums{};
    for (std::size_t i = 0; i < part.n; ++i) {
      before[i] = sums;
      const double x = x_mm[i];
      sums.add(x - part.middle, stroke.read_n[part.first + i], x > 0 ? contact_power(x, m_) : 0);
    }
    before[part.n] = sums;
  }

  /// Needles move nearly evenly there: from where it would be then.
  static std::size_t first_beyond(std::span<const double> x_mm, double x) {
    const auto n = static_cast<double>(x_mm.size());
    const double share = n > 0 ? (x - x_mm.front()) / (x_mm.back() - x_mm.front()) : 0;
    auto at = static_cast<std::size_t>(share > 0 ? std::min(share, 1.0) * n : 0);
    while (at > 0 && x_mm[at - 1] > x) --at;
    while (at < x_mm.size() && !(x_mm[at] > x)) ++at;
    return at;
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

  double m_;
  std::vector<Part> strokes_;
  UnsetVector<double> x_mm_;
  UnsetVector<Before> before_;
};

/// The law's parts, each through the cell in small steps along straight lines between the positions.
class CellModel final : public PunctureModel {
 public:
  CellModel(std::span<const PunctureSearch> strokes, double exponent, const CellResponse& response,
            double sample_rate_hz)
      : strokes_(strokes), m_(exponent), at_rest_(response, 1 / (kSteps * sample_rate_hz)) {}

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
      if (from > corner.to_mm) break;
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
      if (to > corner.from_mm && to <= corner.to_mm) add(stroke.read_n[i], read, to > law.at, corner, law, sums);
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
  double m_;
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
