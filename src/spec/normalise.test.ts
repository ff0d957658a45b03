import t from "tap";
import { MAX_DEPTH, normalise } from "./normalise.ts";

function normalised(text: string): unknown {
  const value: unknown = JSON.parse(text);
  normalise(value, text, "config.json");
  return value;
}

t.test("what is not set is taken out", async (t) => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['{"a": null, "b": "", "c": 0, "d": false, "e": [], "f": {}}', { c: 0, d: false, e: [], f: {} }],
    ['{"a": {"b": {"c": null}}}', { a: { b: {} } }],
    ['{"a": [{"b":""}, null, ""]}', { a: [{}, null, ""] }],
    ['{"annotations": {"a": "", "b": null}}', { annotations: { a: "", b: null } }],
    ['{"linux": {"sysctl": null, "netDevices": {"eth0": {"name": ""}}}}', { linux: { netDevices: { eth0: {} } } }],
    ['{"netDevices": {"rdma": {"name": ""}}}', { netDevices: { rdma: {} } }],
    ['{"timeOffsets": {"boottime": null}}', { timeOffsets: { boottime: null } }],
    ["null", null],
    ['""', ""],
  ];
  for (const [text, expected] of cases) t.same(normalised(text), expected, text);
});

t.test("names that JavaScript treats as special are names", async (t) => {
  const value = normalised('{"__proto__": {"x": null}, "constructor": null, "toString": ""}');
  t.same(Object.keys(Object(value)), ["__proto__"]);
});

t.test("nesting is bounded", async (t) => {
  const nested = (levels: number) => `{"x":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;
  t.doesNotThrow(() => normalised(nested(MAX_DEPTH)));
  const error = { code: "config", pointer: "", message: `config.json is nested more than ${MAX_DEPTH} levels deep` };
  t.throws(() => normalised(nested(MAX_DEPTH + 1)), error);
  t.throws(() => normalised(`{"y":null,"x":${'{"a":'.repeat(5000)}1${"}".repeat(5001)}`), error);
});
