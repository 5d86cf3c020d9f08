#include "reports/evidence/merkle_log.hpp"

#include <algorithm>
#include <bit>
#include <string>

#include "reports/digest.hpp"

namespace penrig {

namespace {

TreeHash tree_hash(std::string_view digest) {
  TreeHash out{};
  std::transform(digest.begin(), digest.end(), out.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return out;
}

TreeHash hash(std::string_view bytes) { return tree_hash(sha256(bytes)); }

/// Leaves and nodes are hashed behind different bytes, so that no node can be passed off as a leaf.
TreeHash node_hash(const TreeHash& left, const TreeHash& right) {
  std::string bytes(1, '\x01');
  bytes.append(left.begin(), left.end());
  bytes.append(right.begin(), right.end());
  return hash(bytes);
}

/// The largest power of two below n, n >= 2: how many leaves the left subtree has.
std::size_t left_of(std::size_t n) { return std::bit_floor(n - 1); }

void path_to(std::span<const TreeHash> leaves, std::size_t index, std::vector<TreeHash>& proof) {
  if (leaves.size() < 2) return;
  const std::size_t k = left_of(leaves.size());
  const std::span<const TreeHash> left = leaves.first(k), right = leaves.subspan(k);
  if (index < k) {
    path_to(left, index, proof);
    proof.push_back(root_of(right));
  } else {
    path_to(right, index - k, proof);
    proof.push_back(root_of(left));
  }
}

/// SUBPROOF of RFC 6962 2.1.2; whole: the earlier tree is the whole left part so far, and known to the verifier.
void sub_proof(std::span<const TreeHash> leaves, std::size_t earlier, bool whole, std::vector<TreeHash>& proof) {
  if (earlier == leaves.size()) {
    if (!whole) proof.push_back(root_of(leaves));
    return;
  }
  const std::size_t k = left_of(leaves.size());
  if (earlier <= k) {
    sub_proof(leaves.first(k), earlier, whole, proof);
    proof.push_back(root_of(leaves.subspan(k)));
  } else {
    sub_proof(leaves.subspan(k), earlier - k, false, proof);
    proof.push_back(root_of(leaves.first(k)));
  }
}

}  // namespace

TreeHash leaf_hash(std::string_view entry) {
  Sha256 sum;
  sum.add({"\0", 1});
  sum.add(entry);
  return tree_hash(sum.bytes());
}

TreeHash empty_tree() { return hash({}); }

void TreeFrontier::append(const TreeHash& leaf) {
  TreeHash tail = leaf;
  // As many complete subtrees of equal size meet as ones stand at the end of the size.
  for (std::uint64_t n = size_; (n & 1U) != 0; n >>= 1U) {
    tail = node_hash(subtrees_.back(), tail);
    subtrees_.pop_back();
  }
  subtrees_.push_back(tail);
  ++size_;
}

TreeHash TreeFrontier::root() const {
  if (subtrees_.empty()) return empty_tree();
  TreeHash root = subtrees_.back();
  for (std::size_t i = subtrees_.size() - 1; i-- > 0;) root = node_hash(subtrees_[i], root);
  return root;
}

TreeHash root_of(std::span<const TreeHash> leaves) {
  TreeFrontier tree;
  for (const TreeHash& leaf : leaves) tree.append(leaf);
  return tree.root();
}

std::vector<TreeHash> inclusion_proof(std::span<const TreeHash> leaves, std::uint64_t index, std::uint64_t size) {
  std::vector<TreeHash> proof;
  path_to(leaves.first(size), index, proof);
  return proof;
}

bool includes(const TreeHash& leaf, std::uint64_t index, std::uint64_t size, std::span<const TreeHash> proof,
              const TreeHash& root) {
  if (index >= size) return false;
  std::uint64_t at = index, last = size - 1;
  TreeHash r = leaf;
  for (const TreeHash& p : proof) {
    if (last == 0) return false;
    if ((at & 1U) != 0 || at == last) {
      r = node_hash(p, r);
      while ((at & 1U) == 0 && at != 0) at >>= 1U, last >>= 1U;
    } else {
      r = node_hash(r, p);
    }
    at >>= 1U;
    last >>= 1U;
  }
  return last == 0 && r == root;
}

std::vector<TreeHash> consistency_proof(std::span<const TreeHash> leaves, std::uint64_t earlier, std::uint64_t size) {
  std::vector<TreeHash> proof;
  sub_proof(leaves.first(size), earlier, true, proof);
  return proof;
}

bool grew_from(std::uint64_t earlier, const TreeHash& earlier_root, std::uint64_t size, const TreeHash& root,
               std::span<const TreeHash> proof) {
  if (earlier == 0 || earlier > size) return false;
  if (earlier == size) return proof.empty() && earlier_root == root;
  std::size_t next = 0;
  std::uint64_t at = earlier - 1, last = size - 1;
  while ((at & 1U) != 0) at >>= 1U, last >>= 1U;
  TreeHash of_earlier = earlier_root, of_all = earlier_root;
  if (at != 0) {
    // The earlier tree is no complete subtree: the proof begins with the last that is.
    if (proof.empty()) return false;
    of_earlier = of_all = proof[next++];
  }
  for (; next < proof.size(); ++next) {
    const TreeHash& p = proof[next];
    if (last == 0) return false;
    if ((at & 1U) != 0 || at == last) {
      of_earlier = node_hash(p, of_earlier);
      of_all = node_hash(p, of_all);
      while ((at & 1U) == 0 && at != 0) at >>= 1U, last >>= 1U;
    } else {
      of_all = node_hash(of_all, p);
    }
    at >>= 1U;
    last >>= 1U;
  }
  return last == 0 && of_earlier == earlier_root && of_all == root;
}

}  // namespace penrig
