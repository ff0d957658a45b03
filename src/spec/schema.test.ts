/** Walks over schemas/config.json, so that every property is tried with every wrong type, and every bound is tried. */
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { pointer, tokens } from "../base/pointer.ts";
import { NAMESPACES } from "../kernel/namespaces.ts";
import { RLIMITS } from "../kernel/rlimits.ts";
import { validateSpec } from "./generated/validate.js";
import { BOUNDS } from "./integers.ts";
import { validateSpecText } from "./load.ts";

interface Schema {
  readonly $ref?: string;
  readonly $defs: Readonly<Record<string, Schema>>;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}

const root: Schema = JSON.parse(readFileSync(new URL("../../schemas/config.json", import.meta.url), "utf8"));
const ajv = new Ajv2020({ allErrors: true, strict: false }).compile(root);

interface Place {
  readonly at: string;
  readonly schema: Schema;
  readonly wide: keyof typeof BOUNDS | undefined;
  readonly required: boolean;
}

/** A name that a map takes, by the map's pointer. */
const KEYS: Readonly<Record<string, string>> = { "/linux/sysctl": "net.core.somaxconn", "/linux/netDevices": "eth0" };

function collect(schema: Schema, at = "", required = true): Place[] {
  const name = schema.$ref?.replace("#/$defs/", "");
  const target = name === undefined ? schema : root.$defs[name];
  if (target === undefined) return [];
  const wide = name === "int64" || name === "uint64" ? name : undefined;
  const inner = Object.entries(target.properties ?? {}).flatMap(([key, property]) =>
    collect(property, pointer(at, key), target.required?.includes(key) ?? false),
  );
  const items = target.items === undefined ? [] : collect(target.items, pointer(at, 0));
  const more = target.additionalProperties;
  const entries = typeof more === "object" ? collect(more, pointer(at, KEYS[at] ?? "a.b")) : [];
  return [{ at, schema: target, wide, required }, ...inner, ...items, ...entries];
}

const places = collect(root).filter((place) => place.at !== "");

/** A configuration with this JSON text at a place, and as little as possible around it. */
function configWith(at: string, text: string): string {
  const config = { ociVersion: "1.3.0", root: { path: "rootfs" } };
  let holder: object = config;
  const path = tokens(at);
  path.forEach((token, index) => {
    const next = path[index + 1];
    const existing: unknown = Reflect.get(holder, token);
    const inner = typeof existing === "object" && existing !== null ? existing : next === "0" ? [] : {};
    Reflect.set(holder, token, next === undefined ? "@" : inner);
    holder = inner;
  });
  return JSON.stringify(config).replace('"@"', text);
}

/** The messages about one place. */
function messages(at: string, text: string): string[] {
  const config = configWith(at, text);
  const value: unknown = JSON.parse(config);
  if (validateSpec(value) !== ajv(value)) throw new TypeError(`the validator differs from ajv: ${config}`);
  return validateSpecText(config, "config.json")
    .filter((problem) => problem.pointer === at)
    .map((problem) => problem.message);
}

const EXAMPLES: Readonly<Record<string, string>> = {
  string: '"x\\ty"',
  integer: "1.5",
  boolean: "true",
  array: "[]",
  object: "{}",
};

t.test("every property refuses every other type", async (t) => {
  t.ok(places.length > 220, `${places.length} places`);
  for (const { at, schema } of places) {
    for (const [type, text] of Object.entries(EXAMPLES)) {
      if (type === schema.type && type !== "integer") continue;
      const [message, ...more] = messages(at, text);
      const found = { array: "an array", object: "an object" }[type] ?? text;
      if (!message?.startsWith("must be ") || !message.endsWith(`, not ${found}`) || more.length > 0) {
        t.fail(`${at}: ${text}: ${message} ${more}`);
      }
    }
  }
});

t.test("null and the empty string are taken for absent, but not as entries of arrays and maps", async (t) => {
  for (const { at, schema, required } of places) {
    const key = tokens(at).at(-1);
    const parent = at.slice(0, at.lastIndexOf("/"));
    const entry = key === "0" || key === "a.b" || KEYS[parent] === key || parent === "/linux/timeOffsets";
    for (const text of ["null", '""']) {
      const found = messages(at, text).filter((message) => /^(?:must be|is required)/.test(message));
      const accepted = text === '""' && schema.type === "string" && new RegExp(schema.pattern ?? "").test("");
      if (entry && !accepted) t.match(found, [/^must be/], `${at} ${text}`);
      else if (!entry && required) t.same(found, ["is required"], `${at} ${text}`);
      else t.same(found, [], `${at} ${text}`);
    }
  }
});

t.test("every integer has bounds, and they hold exactly", async (t) => {
  for (const { at, schema, wide } of places) {
    if (schema.type !== "integer") continue;
    const bounds = wide === undefined ? [schema.minimum, schema.maximum] : BOUNDS[wide];
    const [least, greatest] = bounds.map((bound) => BigInt(bound ?? Number.NaN));
    if (least === undefined || greatest === undefined) throw new TypeError(at);
    const schemaMessages = (value: bigint) =>
      messages(at, String(value)).filter((m) => m.startsWith("must be an integer"));
    for (const value of [least, greatest]) t.same(schemaMessages(value), [], `${at} ${value}`);
    for (const value of [least - 1n, greatest + 1n]) {
      t.same(
        schemaMessages(value),
        [`must be an integer from ${least} to ${greatest}, not ${value}`],
        `${at} ${value}`,
      );
    }
  }
});

t.test("every name of an enumeration, and no other", async (t) => {
  for (const { at, schema } of places) {
    for (const name of schema.enum ?? [])
      t.notMatch(messages(at, JSON.stringify(name)), [/^must be one of/], `${at} ${name}`);
    if (schema.enum === undefined) continue;
    for (const name of [`${schema.enum[0]}x`, schema.enum[0]?.toLowerCase().replace(/^[a-z]*$/, "X")]) {
      const expected = `must be one of ${schema.enum.join(", ")}, not ${JSON.stringify(name)}`;
      t.same(messages(at, JSON.stringify(name)), [expected]);
    }
  }
});

t.test("the names that the kernel's tables hold", async (t) => {
  t.same(root.$defs.NamespaceType?.enum?.toSorted(), Object.keys(NAMESPACES).toSorted());
  t.same(root.$defs.RlimitType?.enum?.toSorted(), Object.keys(RLIMITS).toSorted());
});

t.test("forms of strings", async (t) => {
  const forms: readonly (readonly [at: string, good: readonly string[], bad: readonly string[]])[] = [
    ["/process/cwd", ["/", "//a"], ["a", "./a", " /a"]],
    ["/hooks/prestart/0/path", ["/a"], ["a"]],
    ["/linux/devices/0/path", ["/dev/a"], ["dev/a"]],
    ["/linux/namespaces/0/path", ["/proc/1/ns/pid"], ["ns"]],
    ["/linux/maskedPaths/0", ["/a"], ["a", ""]],
    ["/linux/readonlyPaths/0", ["/a"], ["a", ""]],
    ["/linux/resources/devices/0/access", ["r", "wm", "mwr"], ["x", "rwmx", "r w"]],
    ["/linux/resources/hugepageLimits/0/pageSize", ["64KB", "2MB", "16GB"], ["64kB", "2M", "0MB", "02MB", "2TB", "MB"]],
    ["/linux/intelRdt/schemata/0", ["L3:0=f", ""], ["L3:0=f\nL2:0=f"]],
    ["/linux/intelRdt/memBwSchema", ["MB:0=20"], ["L3:0=f", "MB:0=20\n", " MB:0=20"]],
    ["/linux/intelRdt/l3CacheSchema", ["L3:0=f", "L3DATA:0=f\nL3CODE:0=f"], []],
  ];
  for (const [at, good, bad] of forms) {
    for (const text of good) t.same(messages(at, JSON.stringify(text)), [], `${at} ${text}`);
    for (const text of bad) t.match(messages(at, JSON.stringify(text)), [/^must be /], `${at} ${text}`);
  }
});

t.test("entries that others need", async (t) => {
  const device = (text: string) => validateSpecText(configWith("/linux/devices/0", text), "config.json").length;
  t.equal(device('{"type":"p","path":"/a"}'), 0);
  t.equal(device('{"type":"c","path":"/a","major":1,"minor":1,"fileMode":438,"uid":1,"gid":1}'), 0);
  for (const type of ["b", "c", "u"]) t.equal(device(`{"type":"${type}","path":"/a"}`), 2, type);
  const weight = (text: string) => messages("/linux/resources/blockIO/weightDevice/0", text);
  t.same(weight('{"major":8,"minor":0}'), ["needs weight or leafWeight"]);
  t.same(weight('{"major":8,"minor":0,"leafWeight":5}'), []);
  t.same(messages("/linux/resources/rdma/mlx5_1", "{}"), ["needs hcaHandles or hcaObjects"]);
  t.same(messages("/linux/personality/flags", '["x"]'), ["must be empty"]);
  t.same(messages("/linux/personality/domain", "null"), ["is required"]);
  t.same(messages("/annotations", '{"":"x"}'), []);
  t.same(messages("/annotations/", '"x"'), ["the name must not be empty"]);
});

t.test("what is unknown is ignored", async (t) => {
  const unknown = { x: [1, { y: 2 }] };
  for (const at of [
    "",
    "/process",
    "/process/user",
    "/root",
    "/linux",
    "/linux/resources",
    "/linux/resources/cpu",
    "/hooks",
  ]) {
    const inner = at === "/process" ? { ...unknown, cwd: "/", args: ["a"] } : { ...unknown, path: "a", uid: 0, gid: 0 };
    const text = at === "" ? configWith("/x", "5") : configWith(at, JSON.stringify(inner));
    t.same(
      validateSpecText(text, "config.json").filter((problem) => problem.pointer.startsWith(`${at}/x`)),
      [],
      at,
    );
  }
  for (const platform of ["windows", "solaris", "vm", "zos", "freebsd"]) {
    t.same(messages(`/${platform}`, JSON.stringify(unknown)), [], platform);
  }
  t.same(messages("/process/capabilities/bounding/0", '"CAP_FROM_THE_FUTURE"'), []);
});
