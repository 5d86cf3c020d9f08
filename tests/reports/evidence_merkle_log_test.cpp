#include <string>

#include <gtest/gtest.h>

#include "reports/evidence/merkle_log.hpp"
#include "tests/reports/hex_digits.hpp"

namespace penrig {
namespace {

using testing::hex_digits;

std::string unhex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return out;
}

std::vector<TreeHash> leaves(std::size_t n) {
  std::vector<TreeHash> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(leaf_hash("entry " + std::to_string(i)));
  return out;
}

// Vectors of the certificate-transparency reference implementation (RFC 6962).
TEST(MerkleLog, HasTheRootsOfTheReferenceImplementation) {
  const std::vector<std::string> entries = {
      "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
  const std::vector<std::string> roots = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                          "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                          "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                          "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                          "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                          "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                          "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  TreeFrontier tree;
  EXPECT_EQ(hex_digits(tree.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    tree.append(leaf_hash(unhex(entries[i])));
    EXPECT_EQ(hex_digits(tree.root()), roots[i]) << i + 1 << " leaves";
  }
}

TEST(MerkleLog, ProvesEveryLeafOfEveryTreeAndNoOther) {
  const std::vector<TreeHash> all = leaves(40);
  for (std::uint64_t size = 1; size <= all.size(); ++size) {
    const TreeHash root = root_of(std::span(all).first(size));
    for (std::uint64_t i = 0; i < size; ++i) {
      std::vector<TreeHash> proof = inclusion_proof(all, i, size);
      EXPECT_TRUE(includes(all[i], i, size, proof, root)) << i << " of " << size;
      EXPECT_FALSE(includes(all[(i + 1) % all.size()], i, size, proof, root));
      EXPECT_FALSE(includes(all[i], i + 1, size, proof, root)) << i << " of " << size;
      for (TreeHash& p : proof) {
        p[7] ^= 1U;
        EXPECT_FALSE(includes(all[i], i, size, proof, root));
        p[7] ^= 1U;
      }
      proof.push_back(root);
      EXPECT_FALSE(includes(all[i], i, size, proof, root));
    }
  }
}

TEST(MerkleLog, ProvesThatEveryTreeGrewFromEachEarlierOne) {
  const std::vector<TreeHash> all = leaves(40);
  for (std::uint64_t size = 1; size <= all.size(); ++size) {
    const TreeHash root = root_of(std::span(all).first(size));
    for (std::uint64_t earlier = 1; earlier <= size; ++earlier) {
      const TreeHash before = root_of(std::span(all).first(earlier));
      std::vector<TreeHash> proof = consistency_proof(all, earlier, size);
      EXPECT_TRUE(grew_from(earlier, before, size, root, proof)) << earlier << " to " << size;
      TreeHash other = before;
      other[0] ^= 1U;
      EXPECT_FALSE(grew_from(earlier, other, size, root, proof)) << earlier << " to " << size;
      for (TreeHash& p : proof) {
        p[31] ^= 0x80U;
        EXPECT_FALSE(grew_from(earlier, before, size, root, proof)) << earlier << " to " << size;
        p[31] ^= 0x80U;
      }
    }
  }
}

}  // namespace
}  // namespace penrig
