import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import type { RequestOf } from "./declaration.ts";
import { type DefaultSpecFacts, defaultSpec } from "./default-spec.ts";
import { parseArguments } from "./parse.ts";
import { spec } from "./spec.ts";

const ROOT: DefaultSpecFacts = { cgroup2: false, rootless: undefined };
const ROOTLESS: DefaultSpecFacts = { cgroup2: true, rootless: { uid: 1000, gid: 100 } };

function request(...args: string[]): RequestOf<"spec"> {
  const parsed = parseArguments(["spec", ...args]);
  if (parsed.command !== "spec") throw new TypeError(parsed.command);
  return parsed;
}

function namespaces(facts: DefaultSpecFacts): string[] {
  return (defaultSpec(facts).linux?.namespaces ?? []).map(({ type }) => type);
}

t.test("the default configuration is valid", (t) => {
  const schema = JSON.parse(readFileSync(new URL("../../schemas/config.json", import.meta.url), "utf8"));
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  for (const facts of [ROOT, ROOTLESS]) t.ok(validate(defaultSpec(facts)), JSON.stringify(validate.errors));
  t.end();
});

t.test("the default configuration", (t) => {
  const { process, hostname, root } = defaultSpec(ROOT);
  t.equal(hostname, "tsoci");
  t.same(root, { path: "rootfs", readonly: true });
  t.match(process, { terminal: true, args: ["sh"], cwd: "/", noNewPrivileges: true, user: { uid: 0, gid: 0 } });
  const capabilities = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];
  t.same(process?.capabilities, { bounding: capabilities, effective: capabilities, permitted: capabilities });
  t.same(namespaces(ROOT), ["pid", "network", "ipc", "uts", "mount"]);
  t.same(namespaces({ ...ROOT, cgroup2: true }), ["pid", "network", "ipc", "uts", "mount", "cgroup"]);
  t.same(defaultSpec(ROOT).linux?.resources, { devices: [{ allow: false, access: "rwm" }] });
  t.end();
});

t.test("for containers of users other than root", (t) => {
  const { linux, mounts } = defaultSpec(ROOTLESS);
  t.same(namespaces(ROOTLESS), ["pid", "ipc", "uts", "mount", "cgroup", "user"]);
  t.same(linux?.uidMappings, [{ containerID: 0, hostID: 1000, size: 1 }]);
  t.same(linux?.gidMappings, [{ containerID: 0, hostID: 100, size: 1 }]);
  t.equal(linux?.resources, undefined);
  t.match(
    mounts?.find(({ destination }) => destination === "/sys"),
    {
      type: "none",
      source: "/sys",
      options: ["rbind", "nosuid", "noexec", "nodev", "ro"],
    },
  );
  t.same(
    mounts?.flatMap(({ options = [] }) => options).filter((option) => /^[ug]id=/.test(option)),
    [],
  );
  t.end();
});

t.test("the plan writes a new file", (t) => {
  const directory = t.testdir();
  const [write, ...others] = spec(request("--bundle", directory)).sections.host ?? [];
  t.same(others, []);
  t.match(write, { op: "write", path: join(directory, "config.json"), mode: 0o666, flags: ["create", "exclusive"] });
  const data = write?.op === "write" ? String(write.data) : "";
  t.match(data, /^\{\n\t"ociVersion": "1\.3\.0",\n\t"process": \{\n\t\t"terminal": true,\n/);
  t.equal(JSON.parse(data).hostname, "tsoci");
  t.match(spec(request("-b", directory, "-f", "x.json")).sections.host, [{ path: join(directory, "x.json") }]);
  t.match(spec(request("-f", "/x.json")).sections.host, [{ path: "/x.json" }]);
  t.match(spec(request("-b", join(directory, "no/such"))).sections.host, [{ op: "write" }], "the write tells why");
  t.end();
});

t.test("a file that exists is kept", (t) => {
  const directory = t.testdir();
  writeFileSync(join(directory, "config.json"), "{}");
  symlinkSync("/no/such", join(directory, "link"));
  t.throws(() => spec(request("-b", directory)), { code: "file", message: "File config.json exists. Remove it first" });
  t.throws(() => spec(request("-b", directory, "-f", "link")), { message: "File link exists. Remove it first" });
  t.end();
});
