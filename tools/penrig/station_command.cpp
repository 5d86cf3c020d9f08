#include "tools/penrig/station_command.hpp"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "reports/station/pre_check.hpp"
#include "reports/station/secrets.hpp"
#include "reports/station/server.hpp"
#include "reports/station/webhook.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/run_several.hpp"
#include "tools/penrig/station_rig.hpp"
#include "tools/penrig/stop_signals.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {
namespace {

namespace fs = std::filesystem;

/// A thread for what the station's pages ask for: what the runs wait for has its own.
class StationWorker {
 public:
  Awaitable<void> run(std::function<void()> work) {
    auto task = [](std::function<void()> w) -> Awaitable<void> {
      w();
      co_return;
    }(std::move(work));
    co_await boost::asio::co_spawn(pool_, std::move(task), boost::asio::use_awaitable);
  }

 private:
  boost::asio::thread_pool pool_{1};
};

fs::path people_folder(const StationOptions& options) { return fs::path(options.records) / "station"; }

/// The first one has nobody to be added by.
ExitCode add_first_admin(const StationOptions& options) {
  auto store = RecordStore::open(options.records, store_options());
  if (!store) return complain(store.error());
  auto people = station::People::load(people_folder(options));
  if (!people) return complain(people.error());
  if (!people->all().empty()) {
    return complain(fail(Errc::refused, fmt::format("{}: there are people already: an admin among them adds others, at "
                                                    "the station",
                                                    people_folder(options).string())));
  }
  std::string password;
  std::getline(std::cin, password);
  if (password.ends_with('\r')) password.pop_back();  // a file from Windows: nobody types that at the page
  if (const std::string why = station::wrong_with_password(password); !why.empty())
    return complain(fail(Errc::usage, why + " (one line on the standard input)"));
  const auto kept = station::keep_secret(password);
  if (!kept) return complain(kept.error());
  const station::Person admin{options.first_admin, station::Role::admin, *kept, "", false};
  if (const auto may = people->may_put(admin); !may) return complain(may.error());
  const ActedBy by = acting("");
  AuditEntry entry{
      .at_utc_ns = by.at_utc_ns, .who = by.who, .action = "person added", .subject = "person " + admin.name};
  entry.new_value = "admin";
  if (const auto id = (*store)->add_audit(entry); !id) return complain(id.error());
  if (const auto put = people->put(admin); !put) return complain(put.error());
  std::cout << fmt::format("{} may sign in as admin\n", options.first_admin);
  return ExitCode::pass;
}

/// What the station has to do with other systems; empty where it has not.
struct Hooks {
  std::unique_ptr<station::HttpClient> client;
  std::unique_ptr<station::PreCheck> pre_check;
  std::unique_ptr<station::Webhook> webhook;
};

Result<Hooks> hooks_of(Timeline& timeline, const StationOptions& options, RecordStore& records, StationWorker& worker) {
  Hooks hooks;
  if (options.webhook.empty() && options.pre_check.empty()) return hooks;
  const auto secret = station::HookSecret::read(options.hook_secret);
  if (!secret) return secret.error();
  auto client = station::HttpClient::open(timeline);
  if (!client) return client.error();
  hooks.client = std::move(*client);
  if (!options.pre_check.empty()) {
    const auto url = station::parse_url(options.pre_check);
    if (!url) return url.error();
    hooks.pre_check = std::make_unique<station::PreCheck>(timeline, *hooks.client, *url, *secret);
  }
  if (!options.webhook.empty()) {
    const auto url = station::parse_url(options.webhook);
    if (!url) return url.error();
    auto webhook =
        station::Webhook::open({timeline, *hooks.client, records,
                                [&worker](std::function<void()> work) { return worker.run(std::move(work)); },
                                people_folder(options), *url, *secret});
    if (!webhook) return webhook.error();
    hooks.webhook = std::move(*webhook);
  }
  return hooks;
}

Awaitable<int> serve(Timeline& timeline, StationRig& rig, station::Server& server, Hooks& hooks, StopRequest& stop) {
  if (hooks.webhook) timeline.spawn(hooks.webhook->tell_all());
  while (!stop.requested()) co_await stop.changed().wait_until(timeline.now() + std::chrono::hours{1});
  rig.stop_all(stop.why());
  co_await rig.all_ended();
  co_await server.close();
  if (hooks.webhook) co_await hooks.webhook->close();
  co_return 0;
}

}  // namespace

ExitCode station_command(const StationOptions& options) {
  if (!options.first_admin.empty()) return add_first_admin(options);
  // Destroyed last: what it waits for looks into nothing else then.
  const auto timeline = make_real_timeline();
  StopRequest stop(*timeline);
  StopSignals signals(*timeline, stop, InHand::rig);
  RunOptions each;
  each.rig = options.rig;
  each.records = options.records;
  each.keys = options.keys;
  auto rig = StationRig::open(*timeline, each, options.plan_paths);
  if (!rig) return complain(rig.error());
  auto store = RecordStore::open(options.records, store_options());  // for the pages: runs do not wait for them
  if (!store) return complain(store.error());
  const auto keys = keys_in(options.keys);
  if (!keys) return complain(keys.error());
  if (*keys) {
    if (auto signing = (*store)->sign_with(*keys, acting("")); !signing) return complain(signing.error());
  }
  StationWorker worker;
  auto hooks = hooks_of(*timeline, options, **store, worker);
  if (!hooks) return complain(hooks.error());
  if (hooks->pre_check) {
    (*rig)->ask_before_runs(
        [&check = *hooks->pre_check](station::PenToCheck pen) { return check.ask(std::move(pen)); });
  }
  const bool secure = !options.certificate.empty();
  station::StationParts parts{*timeline,
                              **rig,
                              **store,
                              [&worker](std::function<void()> work) { return worker.run(std::move(work)); },
                              people_folder(options),
                              options.pages,
                              options.hosts,
                              secure};
  parts.webhook = hooks->webhook.get();
  parts.hosts.push_back(options.address);
  auto made = station::Station::open(std::move(parts));
  if (!made) return complain(made.error());
  if ((*made)->people().all().empty()) {
    return complain(fail(Errc::usage,
                         "nobody may sign in yet: penrig station --first-admin NAME, and a password on the "
                         "standard input"));
  }
  station::ServerOptions of_server;
  of_server.address = options.address;
  of_server.port = options.port;
  of_server.certificate = options.certificate;
  of_server.key = options.key;
  auto server = station::Server::open(*timeline, **made, of_server);
  if (!server) return complain(server.error());
  std::cout << render(detect_style(1),
                      {{"station  ", Ink::label},
                       {fmt::format("{}://{}:{}/", secure ? "https" : "http", options.address, (*server)->port())}})
            << render(detect_style(1), {{"end      ", Ink::label}, {"Ctrl-C"}}) << std::flush;
  timeline->run(serve(*timeline, **rig, **server, *hooks, stop));
  if ((*rig)->disk_hangs()) end_without_disk();
  return ExitCode::pass;
}

void add_station(CLI::App& app, StationOptions& o, const CLI::Validator& not_empty, std::function<ExitCode()>& chosen) {
  CLI::App* station = app.add_subcommand("station", "the operator's station: a web server for the slots of a rig");
  auto* rig =
      station->add_option("--rig", o.rig, "the rig: a YAML file, or sim:slots=4 for a simulated one in this process")
          ->type_name("RIG")
          ->check(not_empty);
  auto* plan = station->add_option("--plan", o.plan_paths, "a plan that may be run here; may be repeated")
                   ->type_name("PLAN")
                   ->allow_extra_args(false)
                   ->take_all()
                   ->check(not_empty);
  station->add_option("--records", o.records, "directory of the record store")->type_name("DIR")->capture_default_str();
  station->add_option("--keys", o.keys, "folder of the key that signs; else the usual one (penrig keys)")
      ->type_name("DIR")
      ->check(not_empty);
  station->add_option("--address", o.address, "where to listen; beyond this computer it takes TLS")
      ->type_name("ADDRESS")
      ->check(not_empty)
      ->capture_default_str();
  station->add_option("--port", o.port, "0: any that is free")->type_name("N")->capture_default_str();
  station->add_option("--host", o.hosts, "a name by which browsers call it; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->take_all();
  auto* certificate = station->add_option("--certificate", o.certificate, "TLS: its certificate chain, PEM")
                          ->type_name("FILE")
                          ->check(not_empty);
  auto* key = station->add_option("--key", o.key, "TLS: the certificate's private key, PEM")
                  ->type_name("FILE")
                  ->check(not_empty);
  certificate->needs(key);
  key->needs(certificate);
  station->add_option("--pages", o.pages, "folder of another page than the one in the program")
      ->type_name("DIR")
      ->check(not_empty);
  auto* webhook = station->add_option("--webhook", o.webhook, "is told of every run that is closed in these records")
                      ->type_name("URL")
                      ->check(not_empty);
  auto* pre_check =
      station->add_option("--pre-check", o.pre_check, "is asked whether a pen may run; no answer in 5 s means no")
          ->type_name("URL")
          ->check(not_empty);
  auto* secret = station
                     ->add_option("--hook-secret", o.hook_secret,
                                  "what both are signed with: whsec_ and base64, in a file that nobody else may read")
                     ->type_name("FILE")
                     ->check(not_empty);
  webhook->needs(secret);
  pre_check->needs(secret);
  auto* admin = station
                    ->add_option("--first-admin", o.first_admin,
                                 "let this one sign in, with the password that stands in the first line of the "
                                 "standard input; then end")
                    ->type_name("NAME")
                    ->check(not_empty);
  admin->excludes(rig)->excludes(plan);
  station->footer(
      "Examples:\n"
      "  penrig station --first-admin 'Ada Example' < password.txt\n"
      "  penrig station --rig bench.yaml --plan rig/plans/eol-pro.yaml\n"
      "  penrig station --rig 'sim:slots=4&defect@2=too-deep' --plan rig/plans/smoke.yaml    to look at it, without a "
      "rig\n"
      "  penrig station --rig bench.yaml --plan eol.yaml --address 192.0.2.7 --host station.example --certificate "
      "c.pem\n"
      "      --key k.pem\n"
      "  penrig station --rig bench.yaml --plan eol.yaml --webhook https://mes.example/runs --hook-secret secret.txt\n"
      "\n"
      "What can be asked of it: /api/openapi.json. A page that is closed stops no run; Ctrl-C stops all, safely.\n"
      "\n"
      "Exit codes: 0 ended by Ctrl-C or SIGTERM; 3 rig, records, port or machine; 4 a mistake in what you wrote.");
  station->callback([&o, &chosen, rig, plan] {
    if (o.first_admin.empty() && (rig->empty() || plan->empty())) throw CLI::RequiredError("--rig and --plan");
    chosen = [&o] { return station_command(o); };
  });
}

}  // namespace penrig::cli
