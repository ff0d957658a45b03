import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { TsociError } from "../base/errors.ts";
import { loadProcess, loadResources, loadSpec, parseSpec } from "./load.ts";

const TEXT = `{
  "ociVersion": "1.3.0", "unknown": {"x": [1]},
  "root": {"path": "rootfs", "readonly": null},
  "hostname": "",
  "process": {"cwd": "/", "args": ["a", ""], "user": {"uid": 0, "gid": 0, "additionalGids": null}},
  "linux": {"namespaces": [{"type": "pid", "path": ""}], "resources": {"memory": {"limit": 9223372036854775807}}},
  "windows": {"layerFolders": 5}
}
`;

t.test("config.json", async (t) => {
  const file = join(t.testdir({ "config.json": TEXT }), "config.json");
  const { spec, text, exact, position } = loadSpec(file);
  t.equal(text, TEXT);
  t.match(spec, { root: { path: "rootfs" }, process: { args: ["a", ""] }, windows: { layerFolders: 5 } });
  t.same(spec.root, { path: "rootfs" });
  t.same(spec.process?.user, { uid: 0, gid: 0 });
  t.same(spec.linux?.namespaces, [{ type: "pid" }]);
  t.notOk("hostname" in spec);
  t.equal(exact("/linux/resources/memory/limit"), 2n ** 63n - 1n);
  t.equal(exact("/process/user/uid"), undefined);
  t.same(position("/process/args/1"), { line: 5, column: 41 });
  t.same(position("/linux/seccomp"), { line: 6, column: 12 });
  t.throws(() => loadSpec(join(file, "../missing/config.json")), {
    code: "file",
    message: "JSON specification file config.json not found",
  });
});

t.test("a config.json cut off anywhere", async (t) => {
  const length = TEXT.trimEnd().length;
  for (let end = 0; end < length; end++) {
    try {
      parseSpec(TEXT.slice(0, end), "config.json");
      t.fail(`cut at ${end}: accepted`);
    } catch (error) {
      const fine = error instanceof TsociError && error.code === "json" && /^[^\n]*$/.test(error.message);
      if (!fine || !/\(config\.json:\d+:\d+\)$|^config\.json is empty$/.test(error.message)) t.fail(`${end}: ${error}`);
    }
  }
});

t.test("deep nesting", async (t) => {
  for (const levels of [1000, 100_000]) {
    for (const [open, close] of [
      ["[", "]"],
      ['{"a":', "}"],
      ['[{"a":', "}]"],
    ] as const) {
      const text = TEXT.replace("[1]", `${open.repeat(levels)}1${close.repeat(levels)}`);
      const message = /^config\.json is nested (?:more than 500 levels deep|too deeply)$/;
      t.throws(() => parseSpec(text, "config.json"), { name: "TsociError", message }, `${levels} × ${open}`);
    }
  }
});

t.test("the process of exec", async (t) => {
  const directory = t.testdir({
    "p.json":
      '{"cwd":"/","args":["a"],"rlimits":[{"type":"RLIMIT_CORE","soft":0,"hard":18446744073709551615}],"env":null}',
    "q.json": '{"cwd":"x","args":["a"]}',
    "r.json": '{"cwd":"/","args":["a"],"env":["A"]}',
    "s.json": '{"cwd":"/","args":["a"],\n"rlimits":[{"type":"RLIMIT_CORE","soft":0,"hard":18446744073709551616}]}',
  });
  const { process, exact, position } = loadProcess(join(directory, "p.json"));
  t.same(process.args, ["a"]);
  t.equal(exact("/rlimits/0/hard"), 2n ** 64n - 1n);
  t.same(position("/cwd"), { line: 1, column: 8 });
  const fails = (name: string, pointer: string, message: string) =>
    t.throws(() => loadProcess(join(directory, name)), { code: "config", pointer, message });
  fails("q.json", "/cwd", 'must be an absolute path, not "x" (q.json:1:8)');
  fails("r.json", "/env/0", 'invalid environment variable: there is no "=" in "A" (r.json:1:32)');
  const message = "must be an integer from 0 to 18446744073709551615, not 18446744073709551616 (s.json:2:50)";
  fails("s.json", "/rlimits/0/hard", message);
  t.throws(() => loadProcess(join(directory, "t.json")), {
    code: "file",
    message: /t\.json: no such file or directory$/,
  });
});

t.test("the resources of update", async (t) => {
  const { resources, exact } = loadResources(
    '{"memory":{"limit":9223372036854771712,"swap":null},"devices":null}',
    "-",
  );
  t.same(Object.keys(resources), ["memory"]);
  t.equal(exact("/memory/limit"), 9223372036854771712n);
  const fails = (text: string, pointer: string, message: string) =>
    t.throws(() => loadResources(text, "resources"), { code: "config", pointer, message });
  const message = `must be an integer from ${-(2n ** 63n)} to ${2n ** 63n - 1n}, not "1" (resources:1:18)`;
  fails('{"pids":{"limit":"1"}}', "/pids/limit", message);
  fails('{"unified":{"a/b":"1"}}', "/unified/a~1b", '"a/b" is not the name of a file of a cgroup (resources:1:19)');
  t.throws(() => loadResources("{", "resources"), { code: "json" });
});

t.test("files that are not files", async (t) => {
  const directory = t.testdir();
  writeFileSync(join(directory, "config.json"), "");
  t.throws(() => loadSpec(join(directory, "config.json")), { code: "json", message: "config.json is empty" });
  t.throws(() => loadSpec(directory), { code: "file" });
});
