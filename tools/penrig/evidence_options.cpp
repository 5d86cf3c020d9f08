#include <CLI/CLI.hpp>

#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/output_file.hpp"

namespace penrig::cli {
namespace {

using Chosen = std::function<ExitCode()>;

void add_scope(CLI::App& c, EvidenceScope& o, const CLI::Validator& not_empty, bool acts = true) {
  c.add_option("--records", o.records, "directory of the record store")
      ->type_name("DIR")
      ->check(not_empty)
      ->capture_default_str();
  c.add_option("--keys", o.keys, "folder of the keys; else $XDG_CONFIG_HOME/penrig/keys, or ~/.config/penrig/keys")
      ->type_name("DIR")
      ->check(not_empty);
  if (acts)
    c.add_option("--operator", o.operator_name, "who does it, for the audit trail; else your account's name")
        ->type_name("NAME")
        ->check(not_empty);
}

void add_keys(CLI::App& app, KeysOptions& o, const CLI::Validator& not_empty, Chosen& chosen) {
  CLI::App* keys = app.add_subcommand("keys", "the key that signs records, approvals and the log");
  keys->require_subcommand(1);
  const auto add = [&](const char* name, const char* text, ExitCode (*command)(const KeysOptions&), bool named) {
    CLI::App* c = keys->add_subcommand(name, text);
    add_scope(*c, o.scope, not_empty);
    if (named)
      c->add_option("--name", o.name, "of its holder, as it will stand under records")
          ->type_name("NAME")
          ->check(not_empty);
    c->add_flag("--json", o.scope.json, "as one JSON object");
    c->callback([&o, &chosen, command] { chosen = [&o, command] { return command(o); }; });
    return c;
  };
  add("init", "make the first key; one that is there is never overwritten", keys_init_command, true)
      ->footer("Example:\n  penrig keys init --name 'M. Okafor'");
  add("show", "public line, fingerprint, and the line for ssh-keygen's allowed signers", keys_show_command, false)
      ->footer("Example:\n  penrig keys show --json");
  add("rotate", "put a new key in its place; the old one enters the new one into the audit trail", keys_rotate_command,
      true)
      ->footer(
          "Example:\n"
          "  penrig keys rotate\n"
          "\n"
          "The old key is kept: another store learns of the new one, signed by the old, when it is next written to.");
}

void add_approve(CLI::App& app, ApproveOptions& o, const CLI::Validator& not_empty, Chosen& chosen) {
  CLI::App* c = app.add_subcommand("approve", "say which plans, products and rigs may certify, by their very bytes");
  c->add_option("FILE", o.files, "plan, product or rig description, YAML")->check(not_empty);
  c->add_option("--reason", o.reason, "why, for the audit trail")->type_name("TEXT")->check(not_empty);
  CLI::Option* list = c->add_flag("--list", o.list, "what is approved, and what was");
  c->add_flag("--withdraw", o.withdraw, "take the approval of FILE back")->excludes(list);
  c->add_flag("--json", o.scope.json, "one JSON object a line");
  add_scope(*c, o.scope, not_empty);
  c->footer(
      "Examples:\n"
      "  penrig approve rig/plans/eol-pro.yaml fixtures/products/pen-pro.yaml bench.yaml --reason 'release 4'\n"
      "  penrig approve --list\n"
      "  penrig approve --withdraw bench.yaml --reason 'cell replaced'\n"
      "\n"
      "A run certifies only on a real rig, with a key, and when all three of its descriptions are approved, and the\n"
      "pictures of its prompts, which are approved with their plan.");
  c->callback([&o, &chosen] { chosen = [&o] { return approve_command(o); }; });
}

void add_unlock(CLI::App& app, UnlockOptions& o, const CLI::Validator& not_empty, Chosen& chosen) {
  CLI::App* c = app.add_subcommand("unlock", "say that a hand has looked at a slot that a run left unsafe");
  c->add_option("SLOT", o.slot, "its name in the rig's description")->required()->check(not_empty);
  c->add_option("--rig", o.rig_path, "the rig's description, YAML")->required()->type_name("FILE")->check(not_empty);
  c->add_option("--reason", o.reason, "what you found and did, for the audit trail")
      ->required()
      ->type_name("TEXT")
      ->check(not_empty);
  add_scope(*c, o.scope, not_empty);
  c->footer(
      "Example:\n"
      "  penrig unlock 1 --rig bench.yaml --reason 'stage cable was off; plugged in, stage is back'\n"
      "\n"
      "A slot is locked after a run that could not confirm its safe state. The next run that can confirm it unlocks it "
      "as well.");
  c->callback([&o, &chosen] { chosen = [&o] { return unlock_command(o); }; });
}

void add_verify(CLI::App& app, VerifyCommandOptions& o, const CLI::Validator& not_empty, Chosen& chosen) {
  CLI::App* c = app.add_subcommand("verify", "find out whether anything was altered since it was recorded");
  c->add_option("RUN", o.runs, "such as R-000001; where none is named, all")->check(not_empty);
  c->add_flag("--all", o.all, "all runs, said aloud");
  c->add_option("--checkpoint", o.checkpoint_path, "one that was kept: shows what was removed or rewritten since")
      ->type_name("FILE")
      ->check(not_empty);
  c->add_option("--write-checkpoint", o.write_checkpoint_path, "write the newest one, to be kept elsewhere")
      ->type_name("FILE")
      ->check(not_empty)
      ->check(replaceable());
  c->add_option("--bundle", o.bundle_path, "an exported bundle, by itself, instead of a store")
      ->type_name("FILE")
      ->check(not_empty);
  c->add_flag("--json", o.scope.json, "as one JSON object");
  add_scope(*c, o.scope, not_empty, false);
  c->footer(
      "Examples:\n"
      "  penrig verify\n"
      "  penrig verify R-000391 --checkpoint /media/safe/line-3.checkpoint\n"
      "  penrig verify --write-checkpoint /media/safe/line-3.checkpoint\n"
      "  penrig verify --bundle R-000391.zip\n"
      "  penrig verify --bundle R-000391.zip --keys line-3-keys\n"
      "\n"
      "--keys DIR: the store's keys must be these, and have signed every checkpoint since they were entered; those "
      "that\n"
      "signed a bundle's record, checkpoint, audit entries and list of files must be among them. Without it a bundle "
      "is\n"
      "held against itself alone: anybody can make one that fits, so hold the fingerprint against the laboratory's.\n"
      "\n"
      "Exit codes: 0 everything that can be checked fits; 1 something does not, and is named, or a RUN is not sealed: "
      "it\n"
      "is not closed, or older than the log; 3 the store cannot be read; 4 a mistake in what you wrote.");
  c->callback([&o, &chosen] { chosen = [&o] { return verify_command(o); }; });
}

}  // namespace

void add_evidence_commands(CLI::App& app, EvidenceOptions& o, const CLI::Validator& not_empty, Chosen& chosen) {
  add_verify(app, o.verify, not_empty, chosen);
  add_keys(app, o.keys, not_empty, chosen);
  add_approve(app, o.approve, not_empty, chosen);
  add_unlock(app, o.unlock, not_empty, chosen);
  CLI::App* audit = app.add_subcommand("audit", "the audit trail: who did what, when and why");
  audit->add_option("--records", o.audit.records, "directory of the record store")
      ->type_name("DIR")
      ->check(not_empty)
      ->capture_default_str();
  audit->add_flag("--json", o.audit.json, "the entries' own bytes, one JSON object a line");
  audit->footer("Example:\n  penrig audit");
  audit->callback([&o, &chosen] { chosen = [&o] { return audit_command(o.audit); }; });
}

void add_remark_commands(CLI::App& records, RemarkOptions& o, const CLI::Validator& not_empty, Chosen& chosen) {
  const auto add = [&](const char* name, const char* text, ExitCode (*command)(const RemarkOptions&)) {
    CLI::App* c = records.add_subcommand(name, text);
    c->add_option("RUN", o.run_id, "such as R-000001")->required()->check(not_empty);
    c->add_option("--reason", o.reason, "what a reader must know")->type_name("TEXT")->required()->check(not_empty);
    add_scope(*c, o.scope, not_empty);
    c->callback([&o, &chosen, command] { chosen = [&o, command] { return command(o); }; });
    return c;
  };
  add("comment", "add a comment to a run; its record stays as it is", records_comment_command)
      ->footer("Example:\n  penrig records comment R-000001 --reason 'cartridge was from an opened box'");
  CLI::App* voids = add("void", "declare a run void: lists and documents say so from then on", records_void_command);
  voids->add_option("--superseded-by", o.superseded_by, "the run of the same pen that counts instead")
      ->type_name("RUN")
      ->check(not_empty);
  voids->add_flag("--unsigned", o.unsigned_too,
                  "also where the records have a key and nobody signs: penrig verify names it as a fault");
  voids->footer(
      "Example:\n"
      "  penrig records void R-000001 --reason 'wrong cartridge' --superseded-by R-000002\n"
      "\n"
      "The report that lies with the records (R-000001/report.html) is written again. Files that were exported or "
      "sent\n"
      "before are as they were, and so is the record itself, which is signed.");
}

}  // namespace penrig::cli
