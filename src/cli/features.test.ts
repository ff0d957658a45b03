import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { CAPABILITIES } from "../kernel/capabilities.ts";
import { parseMountOptions } from "../kernel/mount-options.ts";
import { features, supportedFeatures } from "./features.ts";
import { parseArguments } from "./parse.ts";

const found = supportedFeatures();

t.test("features are valid", (t) => {
  const schema = JSON.parse(readFileSync(new URL("../../schemas/features.json", import.meta.url), "utf8"));
  const validate = new Ajv2020().compile(schema);
  t.ok(validate(found), JSON.stringify(validate.errors));
  t.end();
});

t.test("what callers read", (t) => {
  t.match(found, { ociVersionMin: "1.0.0", ociVersionMax: "1.3.0" });
  t.ok(found.linux, "containerd dereferences it");
  t.same(found.linux?.namespaces, ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"]);
  t.same(found.linux?.capabilities, CAPABILITIES);
  t.match(found.linux?.cgroup, { v1: true, v2: true, systemd: true, systemdUser: true });
  t.ok(found.mountOptions?.includes("rro"), "Kubernetes looks for it before recursive read-only mounts");
  t.equal(found.annotations?.["org.opencontainers.runc.commit"], undefined, "that one is runc's alone");
  t.end();
});

t.test("no option that is listed reaches a filesystem", (t) => {
  for (const option of found.mountOptions ?? []) t.same(parseMountOptions([option]).data, [], option);
  t.end();
});

t.test("what is carried out is listed", (t) => {
  t.ok(found.linux?.seccomp?.actions?.includes("SCMP_ACT_NOTIFY"));
  t.same(found.linux?.seccomp?.supportedFlags, found.linux?.seccomp?.knownFlags);
  t.match(found.linux, {
    apparmor: { enabled: true },
    selinux: { enabled: true },
    netDevices: { enabled: true },
    mountExtensions: { idmap: { enabled: true } },
    intelRdt: { enabled: true, schemata: true, monitoring: true },
  });
  const { $defs } = JSON.parse(readFileSync(new URL("../../schemas/config.json", import.meta.url), "utf8"));
  t.same([...(found.linux?.memoryPolicy?.modes ?? [])].sort(), [...$defs.MemoryPolicyMode.enum].sort());
  t.same([...(found.linux?.memoryPolicy?.flags ?? [])].sort(), [...$defs.MemoryPolicyFlag.enum].sort());
  t.end();
});

t.test("the plan prints JSON, indented by 4", (t) => {
  const request = parseArguments(["features"]);
  if (request.command !== "features") return t.fail("not features");
  const text = `${JSON.stringify(found, null, 4)}\n`;
  t.same(features(request).sections, { host: [{ op: "print", from: "features", descriptor: 1, text }] });
  return t.end();
});
