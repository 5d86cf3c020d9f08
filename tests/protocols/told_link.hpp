#pragma once

#include <memory>
#include <string>
#include <utility>

#include "protocols/forwarding_link.hpp"

namespace penrig {

/// Writes down what its link is told of reading in rounds: + allowed, - not any more.
class ToldLink final : public ForwardingLink {
 public:
  /// @param told  outlives the link.
  ToldLink(std::unique_ptr<ByteLink> inner, std::string& told) : ForwardingLink(std::move(inner)), told_(told) {}
  void allow_rounds(bool allowed) override { told_ += allowed ? "+" : "-"; }

 private:
  std::string& told_;
};

}  // namespace penrig
