#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "rig/run/run_state.hpp"

namespace penrig {

/// Asks the record sink something, away from the loop and bounded as DiskWork has it. What `work` refers to must be its
/// own, or the run's. Errc::io when the disk hangs; else what the sink says.
template <class T>
Awaitable<Result<T>> on_disk(RunState& run, std::string what, std::function<Result<T>()> work) {
  struct Owned {
    std::shared_ptr<RunState> run;
    Result<T> said = fail(Errc::internal, "the record was not asked");
  };
  auto owned = std::make_shared<Owned>();
  owned->run = run.weak_from_this().lock();
  std::function<void()> ask = [said = owned.get(), work = std::move(work)] { said->said = work(); };
  const Result<void> asked = co_await run.disk.run(std::move(what), std::move(ask), owned);
  if (!asked) co_return asked.error();
  co_return std::move(owned->said);
}

}  // namespace penrig
