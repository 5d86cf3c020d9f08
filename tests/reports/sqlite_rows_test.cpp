#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "reports/scratch_directory.hpp"
#include "reports/store/sqlite_database.hpp"

namespace penrig {
namespace {

using sqlite::Database;
using sqlite::RowReader;

/// Three rows; of the second, nothing but its number.
class RowsByName : public ::testing::Test {
 protected:
  RowsByName() {
    db_.run("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b REAL, c TEXT)");
    db_.run("INSERT INTO t VALUES(1, 'a1', 1.5, 'c1'), (2, NULL, NULL, NULL), (3, 'a3', 3.5, 'c3')");
  }
  const ScratchDirectory folder_;
  Database db_{folder_.path() / "any.sqlite", Database::Access::create, 1000};
};

constexpr const char* kRows = "SELECT * FROM t ORDER BY id";

TEST_F(RowsByName, GiveWhatIsAskedForInTheirOrderRowByRow) {
  std::string all;
  RowReader row(db_, kRows);
  while (row.next()) {
    all += std::to_string(row.integer("id")) + row.text("a");
    all += row.null("b") ? "-" : std::to_string(row.real("b")).substr(0, 3);
    all += row.text("c") + " ";
  }
  EXPECT_EQ(all, "1a11.5c1 2- 3a33.5c3 ");
}

TEST_F(RowsByName, GiveTheSameInAnyOrderAndAsOftenAsTheyAreAskedFor) {
  for (int again = 0; again < 3; ++again) {
    RowReader row(db_, kRows);
    ASSERT_TRUE(row.next());
    EXPECT_EQ(row.text("c"), "c1");
    EXPECT_EQ(row.text("a"), "a1");
    EXPECT_TRUE(row.has("b") && !row.null("b"));
    EXPECT_EQ(row.real("b"), 1.5);
    EXPECT_EQ(row.text("a"), "a1");
    EXPECT_EQ(row.integer("id"), 1);
    EXPECT_FALSE(row.has("d"));
    EXPECT_EQ(row.text("c"), "c1");
    EXPECT_EQ(row.text("c"), "c1");
    EXPECT_EQ(row.real("b"), 1.5);
    ASSERT_TRUE(row.next());
    EXPECT_EQ(row.optional_real("b"), std::nullopt);
    EXPECT_EQ(row.text("a"), "");
    ASSERT_TRUE(row.next());
    EXPECT_EQ(row.text("a"), "a3");
  }
}

TEST_F(RowsByName, SayWhichColumnThereIsNot) {
  RowReader row(db_, kRows);
  ASSERT_TRUE(row.next());
  try {
    row.text("d");
    FAIL() << "there is no column d";
  } catch (const ErrorException& e) {
    EXPECT_EQ(e.error.message, "the store has no column d");
  }
}

}  // namespace
}  // namespace penrig
