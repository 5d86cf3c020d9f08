#include <gtest/gtest.h>

#include "reports/digest.hpp"
#include "reports/pdf/certificate.hpp"
#include "reports/pdf/drawing_library.hpp"
#include "reports/record_json.hpp"
#include "tests/reports/file_bytes.hpp"
#include "tests/reports/output_of.hpp"
#include "tests/reports/sample_record.hpp"

namespace penrig {
namespace {

using testing::sample_record;
using testing::SampleEnd;

class CertificatePdf : public ::testing::Test {
 protected:
  static testing::SampleOptions certifying(SampleEnd end = SampleEnd::pass) {
    testing::SampleOptions options;
    options.end = end;
    options.simulated = options.engineering = false;
    return options;
  }
  std::string text_of(const std::string& pdf) {
    testing::write_bytes(folder_.path() / "c.pdf", pdf);
    return testing::output_of("pdftotext -layout '" + (folder_.path() / "c.pdf").string() + "' -").text;
  }
  std::string facts_of(const std::string& pdf) {
    testing::write_bytes(folder_.path() / "c.pdf", pdf);
    return testing::output_of("pdfinfo '" + (folder_.path() / "c.pdf").string() + "'").text;
  }
  static std::size_t count(const std::string& text, const std::string& what) {
    std::size_t n = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
    return n;
  }
  ScratchDirectory folder_;
};

TEST_F(CertificatePdf, HasTheSameBytesForTheSameRecord) {
  const RunRecord run = sample_record(certifying());
  const std::string first = certificate_pdf(run, {}), second = certificate_pdf(run, {});
  EXPECT_TRUE(first == second);
  RunRecord other = run;
  other.outcome.measurements.front().text_value += "x";
  EXPECT_FALSE(first == certificate_pdf(other, {}));
}

TEST_F(CertificatePdf, NumbersEveryPageAndEndsWithAMark) {
  const std::string pdf = certificate_pdf(sample_record(certifying()), {}), text = text_of(pdf), facts = facts_of(pdf);
  const std::size_t pages = count(text, "\f");
  ASSERT_GE(pages, 2U);
  for (std::size_t i = 1; i <= pages; ++i) {
    EXPECT_EQ(count(text, "page " + std::to_string(i) + " of " + std::to_string(pages)), 1U) << text;
  }
  EXPECT_EQ(count(text, "Certificate PR-R-000391"), pages);
  EXPECT_EQ(count(text, "End of certificate PR-R-000391"), 1U);
  EXPECT_NE(facts.find("Pages:           " + std::to_string(pages)), std::string::npos) << facts;
}

TEST_F(CertificatePdf, SaysVerdictItemDigestAndAuthoriserOfACertifyingRun) {
  const RunRecord run = sample_record(certifying());
  CertificateOptions options;
  options.laboratory = "Pen Test Laboratory";
  options.signatures = {{"M. Okafor", "head of laboratory", "released", "SHA256:abc", 1'764'000'000'000'000'000}};
  const std::string text = text_of(certificate_pdf(run, options));
  for (const std::string& part :
       {std::string("Test certificate"), std::string("PASS"), run.header.serial_number, std::string("M. Okafor"),
        std::string("released"), std::string("relate only to the item tested"), std::string("JCGM 106"),
        sha256_hex(record_json_text(run)), std::string("Pen Test Laboratory")}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  EXPECT_EQ(text.find("Not a certificate"), std::string::npos);
}

TEST_F(CertificatePdf, OfASimulatedOrEngineeringRunIsVoidOnEveryPage) {
  for (const bool simulated : {true, false}) {
    testing::SampleOptions options;
    options.simulated = simulated;
    CertificateOptions signed_by;
    signed_by.signatures = {{"M. Okafor", "", "released", "SHA256:abc", 0}};
    const std::string text = text_of(certificate_pdf(sample_record(options), signed_by));
    const std::string word = simulated ? "SIMULATED" : "ENGINEERING";
    EXPECT_EQ(count(text, "Not a certificate " + word + "-R-000391"), count(text, "\f")) << text;
    EXPECT_NE(text.find(word + ": not a certificate."), std::string::npos);
    EXPECT_EQ(text.find("Test certificate"), std::string::npos);
    EXPECT_EQ(count(text, "End of test record " + word + "-R-000391"), 1U);
    EXPECT_EQ(text.find("End of certificate"), std::string::npos);
    EXPECT_EQ(text.find("M. Okafor"), std::string::npos) << "a void document bears no release";
  }
}

TEST_F(CertificatePdf, NamesTheCauseOfEveryEndThatIsNoPass) {
  for (const SampleEnd end : {SampleEnd::fail, SampleEnd::error, SampleEnd::aborted, SampleEnd::interrupted}) {
    const RunRecord run = sample_record(certifying(end));
    const std::string text = text_of(certificate_pdf(run, {}));
    EXPECT_EQ(text.find("The pen conforms"), std::string::npos);
    EXPECT_NE(text.find(end == SampleEnd::fail      ? "does not conform"
                        : end == SampleEnd::aborted ? "ABORTED"
                        : end == SampleEnd::error   ? "ERROR"
                                                    : "INTERRUPTED"),
              std::string::npos)
        << text;
  }
}

TEST_F(CertificatePdf, SaysNoShareOfAToleranceWhereNothingWasMeasured) {
  RunRecord run = sample_record(certifying());
  EXPECT_NE(text_of(certificate_pdf(run, {})).find("% of the tolerance"), std::string::npos);
  for (Decision& decision : run.outcome.decisions) {
    run.outcome.measurements.at(decision.measurement).value.reset();
    decision.verdict = Verdict::error;
    decision.used = 0;
  }
  run.outcome.verdict = Verdict::error;
  const std::string text = text_of(certificate_pdf(run, {}));
  EXPECT_EQ(text.find("% of the tolerance"), std::string::npos) << text;
}

TEST_F(CertificatePdf, GivesTheSumOfTheRuleAndNotTheShareThatAStrokeBeyondUses) {
  RunRecord run = sample_record(certifying());
  Decision& d = run.outcome.decisions.front();
  ASSERT_EQ(d.requirement_id, "D1");
  const std::size_t at = d.rule.rfind(" = ") + 3;
  const std::string sum = d.rule.substr(at, d.rule.find(" mm of", at) - at);
  d.verdict = Verdict::fail;
  d.used = 1.66;
  const std::string text = text_of(certificate_pdf(run, {}));
  EXPECT_NE(text.find(sum), std::string::npos) << sum << text;
  EXPECT_EQ(text.find("0.2490"), std::string::npos) << text;
}

TEST_F(CertificatePdf, StatesTheWholeRuleByWhichItJudged) {
  RunRecord run = sample_record(certifying());
  for (Decision& d : run.outcome.decisions) {
    const Measurement& m = run.outcome.measurements[d.measurement];
    if (m.low && m.high) d.guard_band = std::max(*m.high - *m.value, *m.value - *m.low);
  }
  const auto rule = [&] {
    const std::string pdf = certificate_pdf(run, {});
    testing::write_bytes(folder_.path() / "r.pdf", pdf);
    std::string text = testing::output_of("pdftotext '" + (folder_.path() / "r.pdf").string() + "' -").text;
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
  };
  const std::string text = rule();
  EXPECT_NE(text.find("w = U (r = 1)"), std::string::npos) << text;
  EXPECT_NE(text.find("at most 2.28"), std::string::npos) << text;
  EXPECT_NE(text.find("no observed stroke beyond it by more than its U"), std::string::npos) << text;
  for (Decision& d : run.outcome.decisions) {
    if (d.requirement_id == "D1") d.guard_band *= 0.8;
  }
  EXPECT_NE(rule().find("D1: 0.8"), std::string::npos) << rule();
}

TEST_F(CertificatePdf, SaysOnceOfARequirementThatItWasNotMeasured) {
  RunRecord run = sample_record(certifying(SampleEnd::error));
  run.outcome.decisions.clear();
  run.outcome.measurements.clear();
  for (int i = 0; i < 14; ++i) {
    Measurement m;
    m.measurand = "peak_force";
    m.unit = "N";
    m.depth_mm = 0.5 + i;
    m.rate_per_min = 9000;
    Decision d;
    d.requirement_id = "F7";
    d.title = "peak force";
    d.limit_text = "≤ 2.00";
    d.verdict = Verdict::error;
    d.measurement = run.outcome.measurements.size();
    if (i == 0) {
      m.value = 0.355;
      m.expanded_u = 0.04;
      d.upper = 2;
      d.verdict = Verdict::pass;
    }
    run.outcome.measurements.push_back(m);
    run.outcome.decisions.push_back(d);
  }
  const std::string text = text_of(certificate_pdf(run, {}));
  EXPECT_EQ(count(text, "no value"), 1U) << text;
  EXPECT_NE(text.find("13 of 14 not measured"), std::string::npos) << text;
  EXPECT_EQ(text.find("exact"), std::string::npos) << text;
}

TEST_F(CertificatePdf, ShowsEveryDecisionFromThreeToHundreds) {
  for (const std::vector<double>& depths : {std::vector<double>{1.0}, {0.5, 1, 1.5, 2, 2.5}}) {
    testing::SampleOptions options = certifying();
    options.depths_mm = depths;
    options.rates_per_min = depths.size() == 1 ? std::vector<double>{7500} : options.rates_per_min;
    const RunRecord run = sample_record(options);
    const std::string text = text_of(certificate_pdf(run, {}));
    // The word stands once in the verdict, in the head of the summary, in the rule, and beside each decision.
    EXPECT_EQ(count(text, "✓ PASS"), 1 + run.outcome.decisions.size()) << text;
  }
}

TEST_F(CertificatePdf, HoldsAnythingThatNamesMayHold) {
  testing::SampleOptions options = certifying();
  RunRecord run = sample_record(options);
  const std::string evil = "<b>&amp; \"'\x01\xff\xc3\x28 \u202e <span size='900'>" + std::string(300, 'W');
  run.header.serial_number = run.header.product_name = run.header.plan_name = run.header.operator_name = evil;
  run.header.simulant_lot = run.header.cartridge_lot = run.header.rig_name = run.outcome.reason = evil;
  for (Decision& d : run.outcome.decisions) d.title = d.requirement_id = d.limit_text = d.rule = d.reason = evil;
  for (Measurement& m : run.outcome.measurements) m.unit = m.note = evil;
  CertificateOptions with;
  with.laboratory = with.customer = with.condition = with.certificate_id = evil;
  EXPECT_GT(text_of(certificate_pdf(run, with)).size(), 1000U);
}

TEST_F(CertificatePdf, IsOfThePaperThatWasAskedFor) {
  CertificateOptions letter;
  letter.paper = pdf::Paper::letter;
  const RunRecord run = sample_record(certifying());
  EXPECT_NE(facts_of(certificate_pdf(run, letter)).find("612 x 792 pts (letter)"), std::string::npos);
  EXPECT_NE(facts_of(certificate_pdf(run, {})).find("(A4)"), std::string::npos);
}

// Pango and Cairo are loaded with the first certificate: what is not there is said then, and by whom it would come.
TEST(DrawingLibrary, NamesWhatItLacksAndThePackageThatBringsIt) {
  try {
    pdf::drawing::address_of("cairo_that_nobody_wrote");
    FAIL() << "it was found";
  } catch (const ErrorException& e) {
    EXPECT_EQ(e.error.code, Errc::internal);
    EXPECT_NE(e.error.message.find("cairo_that_nobody_wrote"), std::string::npos) << e.error.message;
    EXPECT_NE(e.error.message.find("libpangocairo-1.0-0"), std::string::npos) << e.error.message;
  }
}

}  // namespace
}  // namespace penrig
