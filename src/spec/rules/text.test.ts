import t from "tap";
import { isolated, testRules } from "./rule-cases.ts";

const version = (ociVersion: string) => ({ ociVersion });
const unsupported = (version: string) =>
  `/ociVersion: version ${version} is not supported: tsoci follows version 1 of the specification`;
const malformed = (version: string) => `/ociVersion: must be a version such as 1.3.0, not ${JSON.stringify(version)}`;

testRules(t, {
  version: [
    ...["1.0.0", "1.0.2-dev", "1.3.0", "1.999.0", "1.2.0-rc.1+build.5"].map((text) => [version(text)] as const),
    ...["0.5.0-dev", "0.9.9", "2.0.0", "10.0.0", "11.1.1"].map((text) => [version(text), unsupported(text)] as const),
    ...["1", "1.0", "v1.0.0", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0 ", "latest", "1.0.0\n"].map(
      (text) => [version(text), malformed(text)] as const,
    ),
  ],
  "no-nul": [
    [{ annotations: { "a.b": "\\u0000" } }],
    [{ annotations: { "a.b": "x\0" } }, "/annotations/a.b: must not contain a NUL character"],
    [{ annotations: { "a/b\0": "x" } }, "/annotations/a~1b\0: the name must not contain a NUL character"],
    [{ unknown: [[{ x: "\0" }]] }, "/unknown/0/0/x: must not contain a NUL character"],
    [
      { process: { cwd: "/\0", args: ["a", "\0"], env: ["A=\0"] } },
      "/process/cwd: must not contain a NUL character",
      "/process/args/1: must not contain a NUL character",
      "/process/env/0: must not contain a NUL character",
    ],
  ],
  "one-line": [
    [{ ...isolated("uts"), hostname: "a", process: { cwd: "/", args: ["sh", "-c", "a\nb"], env: ["A=b\nc"] } }],
    [{ ...isolated("uts"), hostname: "a\nb" }, "/hostname: must not contain a line break"],
    [{ ...isolated("uts"), domainname: "a\rb" }, "/domainname: must not contain a line break"],
    [{ linux: { cgroupsPath: "/a\n" } }, "/linux/cgroupsPath: must not contain a line break"],
    [{ linux: { mountLabel: "\na" } }, "/linux/mountLabel: must not contain a line break"],
    [
      { process: { cwd: "/", args: ["a"], apparmorProfile: "a\n", selinuxLabel: "\n" } },
      "/process/apparmorProfile: must not contain a line break",
      "/process/selinuxLabel: must not contain a line break",
    ],
  ],
});
