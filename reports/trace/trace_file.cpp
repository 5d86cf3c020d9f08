#include "reports/trace/trace_file.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "reports/waveforms/incoming_file.hpp"
#include "reports/waveforms/waveform_path.hpp"

namespace penrig {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{64} << 10U;  // that many are handed over at once

}  // namespace

TraceFile::TraceFile(std::filesystem::path records, const std::string& run_id, const std::string& application,
                     bool may_wait, TraceFileLimits limits)
    : records_(std::move(records)), run_id_(run_id), may_wait_(may_wait), limits_(limits) {
  append_section(collected_, "links of run " + run_id, application);
  try {
    thread_ = std::thread([this] { work(); });
  } catch (const std::system_error& e) {
    error_ = fail(Errc::internal, fmt::format("no thread to write the link trace: {}", e.what()));
  }
}

TraceFile::~TraceFile() {
  {
    const std::lock_guard lock(mutex_);
    given_up_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::uint32_t TraceFile::add_link(const std::string& name) {
  const std::lock_guard lock(mutex_);
  record_.links.push_back({name, 0, 0});
  if (!ended_) append_interface(collected_, name);
  return static_cast<std::uint32_t>(record_.links.size() - 1);
}

void TraceFile::passed(std::uint32_t link, std::int64_t utc_ns, TraceDirection direction,
                       std::span<const std::byte> bytes) {
  std::unique_lock lock(mutex_);
  if (ended_) return;
  std::string_view left(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  while (!left.empty()) {
    TraceChunk chunk{link, utc_ns, direction, left.substr(0, kMostTraceChunkBytes), {}};
    left.remove_prefix(chunk.bytes.size());
    TracedLink& counts = record_.links.at(link);
    (direction == TraceDirection::in ? counts.bytes_in : counts.bytes_out) += chunk.bytes.size();
    ++record_.chunks;
    append_chunk(collected_, chunk);
  }
  if (collected_.size() >= kPieceBytes) push(lock);
}

void TraceFile::failed(std::uint32_t link, std::int64_t utc_ns, TraceDirection direction, const std::string& why) {
  std::unique_lock lock(mutex_);
  if (ended_) return;
  append_chunk(collected_, {link, utc_ns, direction, {}, why});
  if (collected_.size() >= kPieceBytes) push(lock);
}

void TraceFile::push(std::unique_lock<std::mutex>& lock) {
  const auto fits = [&] { return waiting_.empty() || waiting_bytes_ + collected_.size() <= limits_.held_bytes_max; };
  // Once the worker has given up it takes nothing any more, and says why.
  if (may_wait_) changed_.wait(lock, [&] { return fits() || error_ || given_up_; });
  if (!error_ && !fits()) overflowed_ = true;
  if (error_ || overflowed_ || given_up_) {
    collected_.clear();
    return;
  }
  waiting_bytes_ += collected_.size();
  waiting_.push_back(std::exchange(collected_, {}));
  changed_.notify_all();
}

Result<LinkTraceRecord> TraceFile::finish() {
  {
    std::unique_lock lock(mutex_);
    if (!ended_) push(lock);
    ended_ = true;
    given_up_ = given_up_ || overflowed_;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock(mutex_);
  if (overflowed_) {
    return fail(Errc::io, fmt::format("the link trace: the disk took bytes more slowly than they came, until {} MiB "
                                      "waited (use a faster disk, a lower sample_rate_hz, or no --trace)",
                                      limits_.held_bytes_max >> 20U));
  }
  if (error_) return fail(error_->code, "the link trace: " + error_->message);
  return record_;
}

std::optional<std::string> TraceFile::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !waiting_.empty() || ended_ || given_up_; });
  if (waiting_.empty() || given_up_) return std::nullopt;
  std::string piece = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= piece.size();
  changed_.notify_all();
  return piece;
}

void TraceFile::work() {
  std::optional<Error> error;
  try {
    error = write_file();
  } catch (const std::exception& e) {
    error = fail(Errc::internal, e.what());
  }
  const std::lock_guard lock(mutex_);
  error_ = std::move(error);
  waiting_.clear();
  changed_.notify_all();
}

std::optional<Error> TraceFile::write_file() {
  IncomingFile file(records_, run_id_, kTraceSuffix, WrittenIn::one_go);
  while (const std::optional<std::string> piece = next()) {
    if (!file.write(*piece)) return file.error();
  }
  {
    const std::lock_guard lock(mutex_);
    if (given_up_) return fail(Errc::aborted, "nobody waits for it");
  }
  const Result<IncomingFile::Kept> kept = file.keep(nullptr);
  if (!kept) return kept.error();
  const std::lock_guard lock(mutex_);
  record_.sha256 = kept->sha256;
  record_.bytes = kept->bytes;
  return std::nullopt;
}

}  // namespace penrig
