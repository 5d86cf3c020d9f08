#pragma once

#include <functional>
#include <memory>
#include <span>

#include "rig/ports/daq.hpp"
#include "rig/ports/pen.hpp"
#include "rig/spec/pen_link.hpp"

namespace penrig {

/// The devices of a slot, opened. Destroying it drops the links; close() says goodbye first.
class BenchPorts {
 public:
  virtual ~BenchPorts() = default;
  /// The same pen over each of its links, the first one first; the objects stay while links go and come.
  virtual std::span<Pen* const> pens() const = 0;
  /// Over its first link, whatever that is.
  Pen& pen() const { return *pens().front(); }
  /// nullptr: the slot has no such link.
  Pen* pen_over(PenLink link) const {
    for (Pen* pen : pens()) {
      if (pen_link_of(pen->link_name()) == link) return pen;
    }
    return nullptr;
  }
  /// Opens one link of the pen anew, from the medium up, whatever became of the one before. When that fails, it is
  /// lost.
  virtual Awaitable<Result<void>> reopen(Pen& pen) = 0;
  virtual Daq& daq() = 0;
  virtual Awaitable<void> close() = 0;
};

/// Opens all links of the slot; called again when a phase is repeated after a lost link.
using ConnectBench = std::function<Awaitable<Result<std::unique_ptr<BenchPorts>>>()>;

}  // namespace penrig
