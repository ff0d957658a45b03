import t from "tap";
import { exactIntegers, WIDE_PLACES } from "./integers.ts";
import { parseSpec, validateSpecText } from "./load.ts";

const config = (soft: string, more = "") =>
  `{"ociVersion":"1.0.0","root":{"path":"r"},"process":{"cwd":"/","args":["a"],
    "rlimits":[{"type":"RLIMIT_CORE","soft":${soft},"hard":18446744073709551615}]${more}}}`;
const SOFT = "/process/rlimits/0/soft";

t.test("values beyond 2^53 are exact", async (t) => {
  for (const text of ["9007199254740993", "18446744073709551615", "18446744073709551614", "9223372036854775807"]) {
    const { exact } = parseSpec(config(text), "config.json");
    t.equal(exact(SOFT), BigInt(text), text);
    t.equal(exact("/process/rlimits/0/hard"), 2n ** 64n - 1n);
    t.equal(exact("/process/rlimits/0"), undefined);
  }
  t.equal(parseSpec(config("9007199254740991"), "config.json").exact(SOFT), undefined, "safe integers are not in it");
});

t.test("bounds hold exactly", async (t) => {
  const uint64 = "must be an integer from 0 to 18446744073709551615";
  const cases: readonly (readonly [string, string])[] = [
    ["18446744073709551616", `${uint64}, not 18446744073709551616`],
    ["1.8446744073709551616e19", `${uint64}, not 18446744073709551616`],
    ["1.8446744073709551615e19", `${uint64}, not 18446744073709551616`],
    [`1${"0".repeat(400)}`, `${uint64}, not Infinity`],
    ["1e400", `${uint64}, not Infinity`],
    ["-1", `${uint64}, not -1`],
    ["1.5", `${uint64}, not 1.5`],
    ['"1"', `${uint64}, not "1"`],
  ];
  for (const [text, message] of cases) {
    const problems = validateSpecText(config(text), "config.json");
    t.match(problems, [{ pointer: SOFT, message }], text.slice(0, 40));
  }
  for (const text of ["1.0", "1e3", "-0", "0"]) t.same(validateSpecText(config(text), "config.json"), [], text);
});

t.test("signed bounds, in resources", async (t) => {
  const limit = (text: string) =>
    validateSpecText(
      `{"ociVersion":"1.0.0","root":{"path":"r"},"linux":{"resources":{"memory":{"limit":${text}}}}}`,
      "config.json",
    ).map((problem) => problem.message);
  t.same(limit("9223372036854775807"), []);
  t.same(limit("-9223372036854775808"), []);
  const message = "must be an integer from -9223372036854775808 to 9223372036854775807, not ";
  t.same(limit("9223372036854775808"), [`${message}9223372036854775808`]);
  t.same(limit("-9223372036854775809"), [`${message}-9223372036854775809`]);
});

t.test("rules compare the exact values", async (t) => {
  const text = config("18446744073709551615").replace("18446744073709551615}", "18446744073709551614}");
  const message = "the soft limit 18446744073709551615 is above the hard one, 18446744073709551614";
  t.match(validateSpecText(text, "config.json"), [{ pointer: SOFT, message }]);
});

t.test("digits in strings, and names that come twice", async (t) => {
  const env = ',"env":["A=[1234567890123456789, x","B=:9007199254740993,","\\":9007199254740993,"]';
  const text = config("9007199254740993", env);
  const { process } = JSON.parse(text);
  const found = exactIntegers(text, { process }, WIDE_PLACES.spec);
  t.same([...found.keys()], [SOFT, "/process/rlimits/0/hard"]);
  const twice = config("1", ',"rlimits":[{"type":"RLIMIT_CPU","soft":1,"hard":9007199254740993}]');
  const { exact } = parseSpec(twice, "config.json");
  t.equal(exact("/process/rlimits/0/hard"), 9007199254740993n);
});
