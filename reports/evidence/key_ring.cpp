#include "reports/evidence/key_ring.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/atomic_file.hpp"
#include "reports/evidence/ssh_key.hpp"
#include "reports/plain_file.hpp"

namespace penrig {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "record-key";
constexpr int kMostKeys = 1000;

Error io_error(const fs::path& path, std::string_view what, int error) {
  return fail(error == ENOSPC ? Errc::no_space : Errc::io,
              fmt::format("{}: {}: {}", path.string(), what, std::generic_category().message(error)));
}

fs::path public_file(const fs::path& file) { return file.string() + ".pub"; }
fs::path replaced_file(const fs::path& folder, int n) { return folder / fmt::format("{}-{}", kFile, n); }

std::string key_bytes(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A key that others could have read proves nothing.
Result<void> check_private(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return io_error(file, "cannot be looked at", errno);
  if (const std::string why = why_no_file(file); !why.empty())
    return fail(Errc::refused, fmt::format("{}: {}", file.string(), why));
  if (status.st_uid != ::geteuid()) {
    return fail(Errc::refused, fmt::format("{}: the key belongs to another user (uid {}); run as that user, or name "
                                           "your own with --keys",
                                           file.string(), status.st_uid));
  }
  if ((status.st_mode & 0077U) != 0) {
    return fail(Errc::refused,
                fmt::format("{}: others may read or write this key (mode {:03o}): it may be known to somebody else; "
                            "make a new one with penrig keys rotate, or, if you are sure: chmod 600 '{}'",
                            file.string(), status.st_mode & 0777U, file.string()));
  }
  return {};
}

Result<HeldKey> read_key(const fs::path& file) {
  if (auto ours = check_private(file); !ours) return ours.error();
  Result<SigningKey> key = parse_private_key_file(key_bytes(file));
  if (!key) return fail(key.error().code, fmt::format("{}: {}", file.string(), key.error().message));
  std::string name, line = key_bytes(public_file(file));
  // "ssh-ed25519 AAAA... name\n"
  if (const Result<PublicKey> shown = parse_public_line(line); shown && *shown == key->public_key()) {
    const std::size_t second = line.find(' ', line.find(' ') + 1);
    if (second != std::string::npos) name = line.substr(second + 1, line.find('\n') - second - 1);
  }
  return HeldKey{std::move(*key), std::move(name)};
}

/// A new file of mode 0600, whole and on disk, or none.
Result<void> write_new_private(const fs::path& file, const std::string& bytes) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0 && errno == EEXIST) {
    return fail(Errc::usage, fmt::format("{}: is there already; nothing was changed (penrig keys show shows it, "
                                         "penrig keys rotate replaces it)",
                                         file.string()));
  }
  if (fd < 0) return io_error(file, "cannot be made", errno);
  std::size_t done = 0;
  int error = 0;
  while (done < bytes.size() && error == 0) {
    const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n > 0) done += static_cast<std::size_t>(n);
    if (n < 0 && errno != EINTR) error = errno;
  }
  if (error == 0 && ::fsync(fd) != 0) error = errno;
  if (::close(fd) != 0 && error == 0) error = errno;
  if (error == 0) return {};
  ::unlink(file.c_str());
  return io_error(file, "cannot be written", error);
}

Result<void> check_name(const std::string& name) {
  const bool one_line =
      std::none_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; });
  if (!name.empty() && one_line) return {};
  return fail(Errc::usage, "--name: whose key is it? (one line, as it will stand under records: --name 'M. Okafor')");
}

Result<void> write_key(const fs::path& folder, const fs::path& file, const std::string& name) {
  const SigningKey key = SigningKey::generate();
  if (auto written = write_new_private(file, private_key_file(key, name)); !written) return written;
  if (auto written = replace_file(public_file(file), public_line(key.public_key(), name) + "\n"); !written)
    return written;
  return sync_folder(folder);
}

}  // namespace

Result<fs::path> KeyRing::usual_folder() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  if (config != nullptr && *config == '/') return fs::path(config) / "penrig" / "keys";
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return fs::path(home) / ".config" / "penrig" / "keys";
  return fail(Errc::usage, "where are your keys? (neither XDG_CONFIG_HOME nor HOME is set: name a folder with --keys)");
}

bool KeyRing::is_own_file(const fs::path& file) {
  if (!file.filename().string().starts_with(kFile)) return false;
  std::error_code error;
  const bool there = fs::exists(file.parent_path() / kFile, error);
  return there || error;  // where nobody can tell, it is one
}

Result<std::shared_ptr<const KeyRing>> KeyRing::open(const fs::path& folder) {
  std::error_code error;
  const fs::path current = folder / kFile;
  const bool there = fs::exists(current, error);
  if (error) return io_error(current, "cannot be looked for", error.value());
  if (!there) return std::shared_ptr<const KeyRing>();
  const std::shared_ptr<KeyRing> ring(new KeyRing);
  Result<HeldKey> key = read_key(current);
  if (!key) return key.error();
  ring->keys_.push_back(std::move(*key));
  for (int n = 1; n < kMostKeys && fs::exists(replaced_file(folder, n), error); ++n) {
    Result<HeldKey> replaced = read_key(replaced_file(folder, n));
    if (!replaced) return replaced.error();
    ring->keys_.insert(ring->keys_.begin() + 1, std::move(*replaced));
  }
  return std::shared_ptr<const KeyRing>(ring);
}

Result<std::shared_ptr<const KeyRing>> KeyRing::create(const fs::path& folder, const std::string& name) {
  if (auto good = check_name(name); !good) return good.error();
  std::error_code error;
  if (folder.has_parent_path()) fs::create_directories(folder.parent_path(), error);
  if (!error && fs::create_directory(folder, error)) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return io_error(folder, "the folder for keys cannot be made", error.value());
  if (auto written = write_key(folder, folder / kFile, name); !written) return written.error();
  return open(folder);
}

Result<std::shared_ptr<const KeyRing>> KeyRing::rotate(const fs::path& folder, const std::string& name) {
  const auto ring = open(folder);
  if (!ring) return ring.error();
  if (!*ring) {
    return fail(Errc::usage, fmt::format("{}: there is no key to replace (make one: penrig keys init --name NAME)",
                                         folder.string()));
  }
  const std::string holder = name.empty() ? (*ring)->current().name : name;
  if (auto good = check_name(holder); !good) return good.error();
  const fs::path current = folder / kFile, next = folder / (std::string(kFile) + "-next");
  std::error_code error;
  fs::remove(next, error);  // of a rotation that did not come to its end: nothing was signed with it
  if (auto written = write_key(folder, next, holder); !written) return written.error();
  int n = 1;
  while (n < kMostKeys && fs::exists(replaced_file(folder, n), error)) ++n;
  if (n == kMostKeys) return fail(Errc::io, fmt::format("{}: holds too many replaced keys", folder.string()));
  // A second name first: at no instant is the old key without one.
  for (const auto& [from, to] : {std::pair{current, replaced_file(folder, n)},
                                 std::pair{public_file(current), public_file(replaced_file(folder, n))}}) {
    fs::create_hard_link(from, to, error);
    if (error) return io_error(to, "the old key cannot be kept", error.value());
  }
  if (auto durable = sync_folder(folder); !durable) return durable.error();
  fs::rename(public_file(next), public_file(current), error);
  if (!error) fs::rename(next, current, error);
  if (error) return io_error(current, "cannot be replaced", error.value());
  if (auto durable = sync_folder(folder); !durable) return durable.error();
  return open(folder);
}

const HeldKey* KeyRing::find(const PublicKey& key) const {
  const auto found =
      std::find_if(keys_.begin(), keys_.end(), [&](const HeldKey& held) { return held.key.public_key() == key; });
  return found == keys_.end() ? nullptr : &*found;
}

}  // namespace penrig
