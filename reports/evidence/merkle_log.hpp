#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace penrig {

/// A SHA-256 hash of the log's tree.
using TreeHash = std::array<std::uint8_t, 32>;

/// Hash of a leaf and of the empty tree. Source: RFC 6962 2.1, as all below.
TreeHash leaf_hash(std::string_view entry);
TreeHash empty_tree();

/// The tree's head as it grows: one hash a complete subtree is kept, log2 of the number of leaves.
class TreeFrontier {
 public:
  void append(const TreeHash& leaf);
  std::uint64_t size() const { return size_; }
  TreeHash root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<TreeHash> subtrees_;  ///< largest first; one for each bit that is set in size_
};

/// Merkle tree hash of these leaves.
TreeHash root_of(std::span<const TreeHash> leaves);

/// Hashes that lead from leaf `index` to the root of the first `size` leaves, lowest first.
/// Precondition: index < size <= leaves.size().
std::vector<TreeHash> inclusion_proof(std::span<const TreeHash> leaves, std::uint64_t index, std::uint64_t size);
bool includes(const TreeHash& leaf, std::uint64_t index, std::uint64_t size, std::span<const TreeHash> proof,
              const TreeHash& root);

/// Hashes that show that the tree of `size` leaves begins with the tree of `earlier` leaves.
/// Precondition: 0 < earlier <= size <= leaves.size().
std::vector<TreeHash> consistency_proof(std::span<const TreeHash> leaves, std::uint64_t earlier, std::uint64_t size);
bool grew_from(std::uint64_t earlier, const TreeHash& earlier_root, std::uint64_t size, const TreeHash& root,
               std::span<const TreeHash> proof);

}  // namespace penrig
