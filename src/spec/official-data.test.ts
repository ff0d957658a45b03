/** The verdicts on the specification's own test data, where a copy of it stands beside the project. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { TsociError } from "../base/errors.ts";
import { parseSpec } from "./load.ts";

const SPEC = new URL("../../../shared/spec/", import.meta.url);
const skip = existsSync(SPEC) ? false : "no copy of the specification at ../shared/spec";

/** Where tsoci differs from the official verdict, and why. */
const DIFFERENT: Readonly<Record<string, RegExp | "accepted">> = {
  // FreeBSD's section is not read on Linux.
  "bad/freebsd-vnet-disable.json": "accepted",
  // Version 0.x is not version 1.
  "good/spec-example.json": /^version 0\.5\.0-dev is not supported/,
  "good/zos-example.json": /^version 0\.5\.0-dev is not supported/,
  // Without a namespace of its own, the container would rename the host, or take its devices for nothing.
  "good/freebsd-example.json": /^unable to set hostname without a private UTS namespace/,
  "good/linux-netdevice.json": /^unable to move network devices without a private network namespace/,
};

/** "accepted", or the message of the refusal. */
function verdict(text: string): string {
  try {
    parseSpec(text, "config.json");
    return "accepted";
  } catch (error) {
    if (error instanceof TsociError) return error.message;
    throw error;
  }
}

function* data(kind: string): Generator<readonly [name: string, text: string]> {
  for (const folder of ["good", "bad"]) {
    const directory = new URL(`schema/test/${kind}/${folder}/`, SPEC);
    for (const file of readdirSync(directory))
      yield [`${folder}/${file}`, readFileSync(new URL(file, directory), "utf8")];
  }
}

t.test("config", { skip }, async (t) => {
  for (const [name, text] of data("config")) {
    const expected = DIFFERENT[name] ?? (name.startsWith("good/") ? "accepted" : /^(?:must|expected) /);
    t.match(verdict(text), expected, name);
  }
});

t.test("the example of config.md", { skip }, async (t) => {
  const page = readFileSync(new URL("config.md", SPEC), "utf8");
  const [, example] = /Configuration Schema Example\n.*?```json\n(.*?)```/s.exec(page) ?? [];
  t.equal(verdict(example ?? ""), "accepted");
});

for (const kind of ["state", "features"]) {
  t.test(kind, { skip }, async (t) => {
    const schema = readFileSync(new URL(`../../schemas/${kind}.json`, import.meta.url), "utf8");
    const validate = new Ajv2020({ strictTypes: false, strictRequired: false }).compile(JSON.parse(schema));
    for (const [name, text] of data(kind)) {
      let valid = false;
      try {
        valid = validate(JSON.parse(text));
      } catch {
        // Not JSON.
      }
      t.equal(valid, name.startsWith("good/"), name);
    }
  });
}
