#pragma once

#include <memory>
#include <utility>

#include "protocols/byte_link.hpp"

namespace penrig {

/// A link around another, that passes everything on. Whoever puts something between overrides that. All writes come
/// through write_all(): a link that overrides it need not look anywhere else.
class ForwardingLink : public ByteLink {
 public:
  explicit ForwardingLink(std::unique_ptr<ByteLink> inner) : inner_(std::move(inner)) {}

  Awaitable<Result<std::size_t>> read_some(std::span<std::byte> into) override { return inner_->read_some(into); }
  Awaitable<Result<void>> write_all(std::span<const std::byte> bytes) override { return inner_->write_all(bytes); }
  void allow_rounds(bool allowed) override { inner_->allow_rounds(allowed); }
  void close() noexcept override { inner_->close(); }
  Awaitable<void> let_go() override { return inner_->let_go(); }
  const std::string& name() const override { return inner_->name(); }
  std::optional<double> payload_bits_per_s() const override { return inner_->payload_bits_per_s(); }
  LinkFacts facts() const override { return inner_->facts(); }

 protected:
  ByteLink& inner() const { return *inner_; }

 private:
  std::unique_ptr<ByteLink> inner_;
};

/// A link whose medium tells this of the device.
class KnownLink final : public ForwardingLink {
 public:
  KnownLink(std::unique_ptr<ByteLink> inner, LinkFacts facts)
      : ForwardingLink(std::move(inner)), facts_(std::move(facts)) {}
  LinkFacts facts() const override { return facts_; }

 private:
  LinkFacts facts_;
};

}  // namespace penrig
