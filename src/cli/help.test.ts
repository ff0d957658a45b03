import t from "tap";
import { type Command, commands } from "./declaration.ts";
import { type Flags, globalFlags } from "./flags.ts";
import { help, helpText, incorrectUsage } from "./help.ts";
import { parseArguments } from "./parse.ts";

/** Declared, and not hidden: what help must name. */
function visible(flags: Flags): string[] {
  return Object.entries(flags).flatMap(([name, flag]) => (flag.hidden ? [] : [`--${name}`]));
}

t.test("help for tsoci names every command and every flag of its own", async (t) => {
  const text = helpText();
  t.match(text, /^Usage: tsoci \[flags\] COMMAND/);
  for (const [name, command] of Object.entries<Command>(commands)) {
    t.equal(new RegExp(`^  ${name} `, "m").test(text), !command.hidden, name);
  }
  for (const flag of visible(globalFlags)) t.ok(text.includes(` ${flag}`), flag);
  t.notMatch(text, "--criu");
});

t.test("help for a command names its flags and arguments", async (t) => {
  for (const [name, command] of Object.entries<Command>(commands)) {
    const text = helpText(name);
    const usage = text.split("\n")[0] ?? "";
    t.match(usage, `Usage: tsoci ${name} [flags]`);
    for (const argument of Object.keys(command.args))
      t.ok(usage.includes(argument.toUpperCase()), `${name} ${argument}`);
    for (const flag of visible(command.flags)) t.ok(text.includes(` ${flag}`), `${name} ${flag}`);
    t.match(text, "-h, --help");
  }
  t.match(helpText("exec"), "--apparmor PROFILE");
  t.match(helpText("list"), "(default: table)");
  t.notMatch(helpText("update"), "--kernel-memory");
});

t.test("a command that does not exist", async (t) => {
  t.throws(() => helpText("nope"), { code: "usage", message: 'unknown command "nope"' });
  t.throws(() => helpText("checkpoint"), { code: "unsupported", message: "not supported yet: checkpoint" });
});

t.test("help beside a usage error", async (t) => {
  t.match(incorrectUsage(["create"]), /^Incorrect Usage\.\n\nUsage: tsoci create \[flags\] ID\n/);
  t.match(incorrectUsage(["nope"]), /^Incorrect Usage\.\n\nUsage: tsoci \[flags\] COMMAND/);
});

t.test("--help is a plan that prints", async (t) => {
  const request = parseArguments(["create", "--help"]);
  if (request.command !== "help") return t.fail("not help");
  const text = helpText("create");
  t.same((await help(request)).sections, { host: [{ op: "print", from: "--help", descriptor: 1, text }] });
  return undefined;
});
