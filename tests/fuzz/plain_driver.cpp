// Runs a fuzz target without libFuzzer, so that every compiler and every test run has it: the corpus as it is, then
// mutations of it from a seed. `fuzz_x [--runs N] [--seed S] FILE_OR_FOLDER...`. An input that breaks it is written to
// `crash-of-S-I` in the current folder, S the seed and I the number of the run.
#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "rig/base/random.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 16U;

// For the handler of a signal, which may call next to nothing.
std::vector<std::uint8_t> running;
std::string crash_file;

void keep_and_die(int number) {
  const int fd = ::open(crash_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd >= 0 && ::write(fd, running.data(), running.size()) < 0) ::_exit(2);
  constexpr std::string_view kSaid = "fuzz: broken by the input in ";
  if (::write(STDERR_FILENO, kSaid.data(), kSaid.size()) < 0 ||
      ::write(STDERR_FILENO, crash_file.data(), crash_file.size()) < 0 || ::write(STDERR_FILENO, "\n", 1) < 0)
    ::_exit(2);
  std::signal(number, SIG_DFL);
  std::raise(number);
}

void run(std::vector<std::uint8_t> input, const std::string& name) {
  running = std::move(input);
  crash_file = name;
  // A copy of its own size: a read past the end is seen by a sanitizer.
  const std::vector<std::uint8_t> exact(running.begin(), running.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

using Corpus = std::vector<std::vector<std::uint8_t>>;

void add(Corpus& corpus, const std::filesystem::path& path) {
  std::vector<std::filesystem::path> files{path};
  if (std::filesystem::is_directory(path)) {
    files.clear();
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
      if (entry.is_regular_file()) files.push_back(entry.path());
    std::ranges::sort(files);
  }
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
      std::fprintf(stderr, "fuzz: %s cannot be read\n", file.c_str());
      std::exit(2);
    }
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>{});
  }
}

void mutate(std::vector<std::uint8_t>& bytes, const Corpus& corpus, penrig::Random& random) {
  const auto at = [&](std::size_t beyond) { return static_cast<std::size_t>(random.below(bytes.size() + beyond)); };
  const auto place = [&](std::size_t i) { return bytes.begin() + static_cast<std::ptrdiff_t>(i); };
  const auto any_byte = [&] { return static_cast<std::uint8_t>(random.below(256)); };
  constexpr std::array<std::uint8_t, 10> kOdd{0, 1, 0x7F, 0x80, 0xFF, ' ', '\n', '"', '0', '9'};
  switch (random.below(bytes.empty() ? 2 : 8)) {
    case 0:
      bytes.insert(place(at(1)), 1 + random.below(8), any_byte());
      break;
    case 1: {
      const auto& other = corpus[random.below(corpus.size())];
      const std::size_t from = random.below(other.size() + 1), n = random.below(other.size() - from + 1);
      bytes.insert(place(at(1)), other.begin() + static_cast<std::ptrdiff_t>(from),
                   other.begin() + static_cast<std::ptrdiff_t>(from + n));
      break;
    }
    case 2:
      bytes[at(0)] ^= static_cast<std::uint8_t>(1U << random.below(8));
      break;
    case 3:
      bytes[at(0)] = any_byte();
      break;
    case 4:
      bytes[at(0)] = kOdd[random.below(kOdd.size())];
      break;
    case 5: {
      const std::size_t from = at(0);
      bytes.erase(place(from), place(from + 1 + random.below(std::min<std::size_t>(16, bytes.size() - from))));
      break;
    }
    case 6:
      bytes.resize(at(1));
      break;
    default: {
      const std::size_t from = at(0), n = 1 + random.below(std::min<std::size_t>(32, bytes.size() - from));
      const std::vector<std::uint8_t> part(place(from), place(from + n));
      bytes.insert(place(at(1)), part.begin(), part.end());
    }
  }
  if (bytes.size() > kMostBytes) bytes.resize(kMostBytes);
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size()) return value;
  std::fprintf(stderr, "fuzz: '%.*s' is no whole number\n", static_cast<int>(text.size()), text.data());
  std::exit(2);
}

}  // namespace

int main(int argc, char** argv) {
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  for (const int number_of : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS, SIGILL}) std::signal(number_of, keep_and_die);
  std::uint64_t runs = 0, seed = 1;
  Corpus corpus;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--runs" && i + 1 < argc) {
      runs = number(argv[++i]);
    } else if (word == "--seed" && i + 1 < argc) {
      seed = number(argv[++i]);
    } else {
      add(corpus, std::filesystem::path(word));
    }
  }
  if (corpus.empty()) corpus.emplace_back();
  std::printf("fuzz: %zu inputs of the corpus, then %llu mutations, seed %llu\n", corpus.size(),
              static_cast<unsigned long long>(runs), static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  for (std::size_t i = 0; i < corpus.size(); ++i) run(corpus[i], "crash-of-corpus-" + std::to_string(i));
  penrig::Random random(seed, "mutations");
  for (std::uint64_t i = 0; i < runs; ++i) {
    std::vector<std::uint8_t> input = corpus[random.below(corpus.size())];
    for (std::uint64_t n = 1 + random.below(4); n > 0; --n) mutate(input, corpus, random);
    run(std::move(input), "crash-of-" + std::to_string(seed) + "-" + std::to_string(i));
  }
  return 0;
}
