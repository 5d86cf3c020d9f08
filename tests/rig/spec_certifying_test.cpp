#include <gtest/gtest.h>

#include "rig/spec/load.hpp"
#include "tests/rig/spec_files.hpp"

namespace penrig {
namespace {

Loaded<Product> product_with(const std::string& more) {
  return load_product(read_source_file("fixtures/products/pen-pro.yaml") + more, "product.yaml");
}
Loaded<RigDescription> bench_with(const std::string& more) {
  return load_rig(read_source_file("fixtures/rigs/bench-example.yaml") + more, "bench.yaml");
}

TEST(SpecRetests, AreNotBoundedWhereTheProductDoesNotSay) {
  EXPECT_FALSE(product_with("").value.max_certifying.has_value());
}

TEST(SpecRetests, AreBoundedByAWholeNumberFromOne) {
  const Loaded<Product> product = product_with("retests:\n  max_certifying: 3\n");
  ASSERT_TRUE(product.ok());
  EXPECT_EQ(product.value.max_certifying, 3U);
  for (const char* wrong : {"0", "-1", "2.5", "many", ""})
    EXPECT_FALSE(product_with(std::string("retests:\n  max_certifying: ") + wrong + "\n").ok()) << wrong;
  EXPECT_FALSE(product_with("retests:\n  max: 3\n").ok()) << "an unknown key";
}

TEST(SpecLaboratory, HasANameAndMayHaveAnAddress) {
  EXPECT_EQ(bench_with("").value.laboratory.name, "");
  const auto rig = bench_with("laboratory:\n  name: Pen Test Laboratory\n  address: 1 Example Road\n");
  ASSERT_TRUE(rig.ok());
  EXPECT_EQ(rig.value.laboratory.name, "Pen Test Laboratory");
  EXPECT_EQ(rig.value.laboratory.address, "1 Example Road");
  EXPECT_FALSE(bench_with("laboratory:\n  address: 1 Example Road\n").ok()) << "whose?";
}

}  // namespace
}  // namespace penrig
