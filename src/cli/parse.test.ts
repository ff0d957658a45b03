import { inspect } from "node:util";
import t from "tap";
import type { ErrorCode } from "../base/errors.ts";
import { type Command, type CommandName, commands, notYet } from "./declaration.ts";
import { type Flag, type Flags, globalFlags, helpFlag } from "./flags.ts";
import { commandIn, parseArguments } from "./parse.ts";

/** Command line; command; flags, of tsoci and of the command, that are not as when none is given; arguments. */
const GOOD: readonly (readonly [string, CommandName, object, object])[] = [
  // Forms of flags.
  ["create c", "create", {}, { id: "c" }],
  ["create --bundle /b c", "create", { bundle: "/b" }, { id: "c" }],
  ["create --bundle=/b c", "create", { bundle: "/b" }, { id: "c" }],
  ["create -bundle /b c", "create", { bundle: "/b" }, { id: "c" }],
  ["create -bundle=/b=c c", "create", { bundle: "/b=c" }, { id: "c" }],
  ["create --b /b c", "create", { bundle: "/b" }, { id: "c" }],
  ["create c -b /b", "create", { bundle: "/b" }, { id: "c" }],
  ["create --bundle= c", "create", { bundle: "" }, { id: "c" }],
  ["create --pid-file -x c", "create", { pidFile: "-x" }, { id: "c" }],
  ["create --pid-file -- c", "create", { pidFile: "--" }, { id: "c" }],
  ["create -b /a -b /b c", "create", { bundle: "/b" }, { id: "c" }],
  ["run -no-subreaper c", "run", { noSubreaper: true }, { id: "c" }],
  ["run --detach=false --keep=T c", "run", { keep: true }, { id: "c" }],
  ["run -d=1 c", "run", { detach: true }, { id: "c" }],
  ["run --detach --detach=0 c", "run", {}, { id: "c" }],
  ["run --detach= c", "run", { detach: true }, { id: "c" }],
  ["create --preserve-fds 3 c", "create", { preserveFds: 3 }, { id: "c" }],
  // Where flags end.
  ["create -- -c", "create", {}, { id: "-c" }],
  ["-- create -b /b -- -c", "create", { bundle: "/b" }, { id: "-c" }],
  ["delete -", "delete", {}, { id: "-" }],
  ["delete -9", "delete", {}, { id: "-9" }],
  ["kill c -9", "kill", {}, { id: "c", signal: "-9" }],
  ["kill c --all", "kill", {}, { id: "c", signal: "--all" }],
  ["kill -r ^c 9", "kill", { regex: true }, { id: "^c", signal: "9" }],
  ["delete --regex --force c.*", "delete", { regex: true, force: true }, { id: "c.*" }],
  ["kill -a c 9", "kill", { all: true }, { id: "c", signal: "9" }],
  ["pause c", "pause", {}, { id: "c" }],
  ["resume c --debug", "resume", { debug: true }, { id: "c" }],
  ["update c", "update", {}, { id: "c" }],
  ["update --resources=- c", "update", { resources: "-" }, { id: "c" }],
  ["update -r - c", "update", { resources: "-" }, { id: "c" }],
  ["update --memory 64m --memory-swap=-1 c", "update", { memory: 67108864n, memorySwap: -1n }, { id: "c" }],
  [
    "update --memory 1.5GiB --memory-reservation 1 c",
    "update",
    { memory: 1610612736n, memoryReservation: 1n },
    { id: "c" },
  ],
  ["update --memory 2T --kernel-memory 1kb c", "update", { memory: 2199023255552n, kernelMemory: 1024n }, { id: "c" }],
  ["update --cpu-quota -1 -cpu-period=1000 c", "update", { cpuQuota: -1n, cpuPeriod: 1000n }, { id: "c" }],
  ["update --cpu-share 18446744073709551615 c", "update", { cpuShare: 18446744073709551615n }, { id: "c" }],
  [
    "update --cpu-idle 1 --cpu-burst 0 --pids-limit -1 c",
    "update",
    { cpuIdle: "1", cpuBurst: 0n, pidsLimit: -1n },
    { id: "c" },
  ],
  ["update --cpuset-cpus 0-2,7 --cpuset-mems= c", "update", { cpusetCpus: "0-2,7", cpusetMems: "" }, { id: "c" }],
  ["events --interval 1m30.5s c", "events", { interval: 90500 }, { id: "c" }],
  ["events --interval=500ms c --stats", "events", { interval: 500, stats: true }, { id: "c" }],
  ["events --interval 1ns c", "events", { interval: 1 }, { id: "c" }],
  ["exec c ls -la --debug", "exec", {}, { id: "c", command: ["ls", "-la", "--debug"] }],
  ["exec c -- ls -- x", "exec", {}, { id: "c", command: ["ls", "--", "x"] }],
  ["exec -- c ls", "exec", {}, { id: "c", command: ["ls"] }],
  ["exec c --help", "exec", {}, { id: "c", command: ["--help"] }],
  ["ps --format json c", "ps", { format: "json" }, { id: "c", options: [] }],
  ["ps c -ef", "ps", {}, { id: "c", options: ["-ef"] }],
  // Values.
  ["exec -e A=1,2 -e B= c", "exec", { env: ["A=1,2", "B="] }, { id: "c", command: [] }],
  ["exec -g 1 -g 2 -c CAP_CHOWN c", "exec", { additionalGids: [1, 2], cap: ["CAP_CHOWN"] }, { id: "c", command: [] }],
  ["exec -u 4294967294 c", "exec", { user: { uid: 4294967294 } }, { id: "c", command: [] }],
  ["exec -u 0:5 c", "exec", { user: { uid: 0, gid: 5 } }, { id: "c", command: [] }],
  ["exec --no-new-privs=false c", "exec", { noNewPrivs: false }, { id: "c", command: [] }],
  ["exec --tty=no c", "exec", {}, { id: "c", command: [] }],
  ["list -f json -q", "list", { format: "json", quiet: true }, {}],
  ["spec --rootless -f x.json", "spec", { rootless: true, file: "x.json" }, {}],
  ["validate /b/config.json --format json", "validate", { format: "json" }, { file: "/b/config.json" }],
  ["plan -b /b --format=json", "plan", { bundle: "/b", format: "json" }, {}],
  ["explain", "explain", {}, {}],
  // Flags of tsoci itself.
  ["--root /r state c", "state", { root: "/r" }, { id: "c" }],
  ["state --root /r c", "state", { root: "/r" }, { id: "c" }],
  ["--root /a state c --root=/b", "state", { root: "/b" }, { id: "c" }],
  ["--log /l --log-format json --debug start c", "start", { log: "/l", logFormat: "json", debug: true }, { id: "c" }],
  ["--rootless=true list", "list", { rootless: true }, {}],
  ["--rootless AUTO list", "list", {}, {}],
  ["--rootless= list", "list", {}, {}],
  ["--criu /usr/sbin/criu list", "list", { criu: "/usr/sbin/criu" }, {}],
  ["--cgroup-manager disabled create c", "create", { cgroupManager: "disabled" }, { id: "c" }],
  ["--systemd-cgroup=false create c", "create", {}, { id: "c" }],
  ["--systemd-cgroup create c", "create", { systemdCgroup: true }, { id: "c" }],
  ["--cgroup-manager=systemd create c", "create", { cgroupManager: "systemd" }, { id: "c" }],
  ["-- list", "list", {}, {}],
  // Help and version.
  ["", "help", {}, {}],
  ["--help", "help", {}, {}],
  ["create -h", "help", {}, { command: "create" }],
  ["--help create", "help", {}, { command: "create" }],
  ["kill --regex --help", "help", {}, { command: "kill" }],
  ["help run", "help", {}, { command: "run" }],
  ["--root /r --log /l --log-format json --version", "version", { root: "/r", log: "/l", logFormat: "json" }, {}],
  ["-v", "version", {}, {}],
  ["-V", "version", {}, {}],
];

/** What flags are when none is given. */
function absent(name: CommandName): ReadonlyMap<string, unknown> {
  const all: readonly [string, Flag][] = [
    ...Object.entries(globalFlags),
    ...Object.entries<Flag>(commands[name].flags),
  ];
  return new Map(
    all.map(([flag, { kind }]) => [flag.replace(/-(.)/g, (_, c: string) => c.toUpperCase()), kind.absent]),
  );
}

t.test("requests", (t) => {
  for (const [line, command, flags, args] of GOOD) {
    const request = parseArguments(words(line));
    const nothing = absent(command);
    const set = Object.entries({ ...request.global, ...request.flags }).filter(
      ([name, value]) => inspect(value) !== inspect(nothing.get(name)),
    );
    const found = { command: request.command, flags: Object.fromEntries(set), args: defined(request.args) };
    t.same(found, { command, flags, args }, line);
  }
  t.end();
});

function words(line: string): string[] {
  return line.split(" ").filter((word) => word !== "");
}

function defined(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** Command line; message; code of the error, where it is not "usage". */
const BAD: readonly (readonly [string, string | RegExp, ErrorCode?])[] = [
  ["--nope list", "flag provided but not defined: -nope"],
  ["list -nope=1", "flag provided but not defined: -nope"],
  ["run -dt c", "flag provided but not defined: -dt"],
  ["list --version", "flag provided but not defined: -version"],
  ["list --constructor", "flag provided but not defined: -constructor"],
  ["create c --bundle", "flag needs an argument: --bundle"],
  ["create c -b", "flag needs an argument: -b"],
  ["create", '"create" requires exactly 1 argument(s)'],
  ["create -- c -b", '"create" requires exactly 1 argument(s)'],
  ["create a b", '"create" requires exactly 1 argument(s)'],
  ["list a", '"list" requires exactly 0 argument(s)'],
  ["kill", '"kill" requires a minimum of 1 argument(s)'],
  ["kill a b c", '"kill" requires a maximum of 2 argument(s)'],
  ["exec", '"exec" requires a minimum of 1 argument(s)'],
  ["update --cpu-quota abc c", /^invalid value "abc" for flag --cpu-quota: expected a number from -9223/],
  ["update --cpu-period -1 c", /^invalid value "-1" for flag --cpu-period: /],
  ["update --cpu-share 18446744073709551616 c", /^invalid value "18446744073709551616" for flag --cpu-share: /],
  ["update --cpu-idle 2 c", /^invalid value "2" for flag --cpu-idle: expected 0, 1$/],
  ["update --blkio-weight 1001 c", /^invalid value "1001" for flag --blkio-weight: /],
  ["update --memory 12xx c", /^invalid value "12xx" for flag --memory: expected a number of bytes/],
  ["update --memory -2 c", /^invalid value "-2" for flag --memory: /],
  ["update --memory 8192P c", /^invalid value "8192P" for flag --memory: /],
  ["events --interval 5 c", /^invalid value "5" for flag --interval: expected a time such as 5s/],
  ["events --interval 0s c", "duration interval must be greater than 0"],
  ["events --interval -5s c", "duration interval must be greater than 0"],
  ["plan a b", '"plan" requires a maximum of 1 argument(s)'],
  ["nope", 'unknown command "nope"'],
  ["nope --help", 'unknown command "nope"'],
  ["constructor", 'unknown command "constructor"'],
  ["-9 list", 'unknown command "-9"'],
  ["checkpoint --help", "not supported yet: checkpoint", "unsupported"],
  ["restore --lsm-mount-context", "not supported yet: restore", "unsupported"],
  ["run --detach=maybe c", 'invalid value "maybe" for flag --detach: expected true or false'],
  ["--rootless=maybe list", 'invalid value "maybe" for flag --rootless: expected true or false'],
  ["--log-format xml list", "invalid log-format: xml"],
  ["list --format xml", "invalid format option"],
  ["plan --format xml", 'invalid value "xml" for flag --format: expected text, json'],
  ["create --preserve-fds x c", 'invalid value "x" for flag --preserve-fds: expected a number from 0 to 1048576'],
  ["create --preserve-fds -1 c", 'invalid value "-1" for flag --preserve-fds: expected a number from 0 to 1048576'],
  ["create --preserve-fds 010 c", 'invalid value "010" for flag --preserve-fds: expected a number from 0 to 1048576'],
  ["exec -u root c", 'bad uid: "root" is not a number from 0 to 4294967294'],
  ["exec -u 4294967296 c", 'bad uid: "4294967296" is not a number from 0 to 4294967294'],
  ["exec -u -1 c", 'bad uid: "-1" is not a number from 0 to 4294967294'],
  ["exec -u 1: c", 'bad gid: "" is not a number from 0 to 4294967294'],
  ["exec -u 1:2:3 c", 'bad gid: "2:3" is not a number from 0 to 4294967294'],
  ["exec -g -1 c", 'invalid value "-1" for flag --additional-gids: expected a number from 0 to 4294967294'],
];

t.test("errors", (t) => {
  for (const [line, message, code = "usage"] of BAD) {
    t.throws(() => parseArguments(words(line)), { name: "TsociError", code, message }, line);
  }
  t.end();
});

t.test("words that no shell would split", (t) => {
  t.match(parseArguments(["create", "--bundle", "", "c"]), { flags: { bundle: "" }, args: { id: "c" } });
  t.match(parseArguments(["state", ""]), { args: { id: "" } });
  t.match(parseArguments(["exec", "c", "", "-x"]), { args: { id: "c", command: ["", "-x"] } });
  t.match(parseArguments(["ps", "c", "-o pid,args"]), { args: { options: ["-o pid,args"] } });
  t.match(parseArguments(["exec", "--env=A=\n=", "c"]), { flags: { env: ["A=\n="] } });
  t.end();
});

t.test("every type is what it says", (t) => {
  const request = parseArguments(["exec", "-u", "1", "c"]);
  if (request.command !== "exec") return t.fail("not exec");
  // These lines compile only if the types follow the declaration.
  const id: string = request.args.id;
  const command: readonly string[] = request.args.command;
  const uid: number | undefined = request.flags.user?.uid;
  const format: "text" | "json" = request.global.logFormat;
  t.same([id, command, uid, format], ["c", [], 1, "text"]);
  return t.end();
});

t.test("the command beside a usage error", (t) => {
  t.equal(commandIn(["--root", "/r", "create", "--nope"]), "create");
  t.equal(commandIn(["--nope", "create"]), undefined);
  t.equal(commandIn(["nope"]), undefined);
  t.equal(commandIn([]), undefined);
  t.end();
});

const ORDER = ["required", "optional", "rest"];

t.test("the declaration", (t) => {
  for (const [name, command] of Object.entries<Command>(commands)) {
    const flags: Flags = { ...globalFlags, ...helpFlag, ...command.flags };
    const shorts = Object.values(flags).flatMap(({ short }) => short ?? []);
    t.equal(new Set(shorts).size, shorts.length, `${name}: a letter is one flag`);
    const kinds = Object.values(command.args);
    t.same(
      kinds,
      [...kinds].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)),
      `${name}: required arguments first`,
    );
    t.notOk(notYet.has(name), `${name}: here or not yet`);
  }
  t.end();
});
