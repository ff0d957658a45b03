/** The wire format: what is encoded can be read back by its description. */
import { test } from "tap";
import type { ArgumentKind } from "./arguments.ts";
import { computeFingerprint } from "./fingerprint.ts";
import { MAGIC } from "./operation-numbers.ts";
import { definitions, type Operation } from "./operations.ts";
import type { Plan } from "./plan.ts";
import { decode } from "./testing/decode.ts";
import { everyOperation, planOfEverything } from "./testing/every-operation.ts";
import { encode, message } from "./wire.ts";

const host = (...operations: readonly Operation[]): Plan => {
  return { failure: "", failureStatus: 1, sections: { host: operations } };
};

/** A value as it comes back. */
function returned(kind: ArgumentKind<unknown>, value: unknown): unknown {
  if (kind.wire === "text" || kind.wire === "list") return value;
  if (kind.wire === "bytes")
    return [...(value instanceof Uint8Array ? value : new Uint8Array(Uint32Array.from(value as number[]).buffer))];
  return BigInt.asUintN(64, BigInt(kind.encode?.(value) ?? 0));
}

test("the header", async (t) => {
  const bytes = encode({ failure: "create failed", failureStatus: 255, sections: { undo: [], host: [] } });
  t.match(decode(bytes), {
    magic: MAGIC,
    fingerprint: computeFingerprint(),
    length: bytes.length,
    failureStatus: 255,
    failure: "create failed",
    sections: { undo: [], host: [] },
  });
});

test("every operation comes back with its arguments and its message", async (t) => {
  const plan = planOfEverything();
  const decoded = decode(encode(plan)).sections.host ?? [];
  t.equal(decoded.length, Object.keys(definitions).length);
  for (const [index, operation] of everyOperation().entries()) {
    const values = operation as unknown as Record<string, unknown>;
    const args = Object.entries(definitions[operation.op].args).map(([name, kind]) => [
      name,
      returned(kind, values[name]),
    ]);
    t.same(decoded[index], { op: operation.op, message: message(operation), args: Object.fromEntries(args) });
  }
});

test("texts of every length and alphabet, and of many pieces", async (t) => {
  const texts = ["", "a", "ab", "abc", "abcd", "grün", "€€", "\u{1f4e6}", "x".repeat(300_000), '\n\t"\\'];
  const operations = texts.map((text): Operation => ({ op: "warn", from: "test", message: text }));
  const decoded = decode(encode(host(...operations))).sections.host ?? [];
  t.same(
    decoded.map(({ args }) => args.message),
    texts,
  );
  const many = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? `${index}` : ({ slot: "pid" } as const)));
  t.same(decode(encode(host({ op: "warn", from: "test", message: many }))).sections.host?.[0]?.args.message, many);
});

test("numbers have 64 bits", async (t) => {
  const numbers = [0, 1, 0xffffffff, 2 ** 32, Number.MAX_SAFE_INTEGER, (1n << 64n) - 1n, -1n];
  for (const mask of numbers) {
    const [operation] = decode(encode(host({ op: "bounding", from: "test", mask }))).sections.host ?? [];
    t.equal(operation?.args.mask, BigInt.asUintN(64, BigInt(mask)));
  }
});

test("the same plan is the same bytes, whatever was in memory before", async (t) => {
  const first = Buffer.from(encode(planOfEverything()));
  for (let index = 0; index < 50; index++) {
    Buffer.allocUnsafeSlow(1 << 17).fill(0xaa);
    if (!first.equals(encode(planOfEverything()))) t.fail(`differs in round ${index}`);
  }
});

test("messages name the entry, where there is one", async (t) => {
  t.equal(message({ op: "setsid", from: "/process" }), "/process: start a session");
  t.equal(message({ op: "setsid", from: "security" }), "start a session");
});

test("a plan that the executor would refuse is not sent", async (t) => {
  const huge = "x".repeat(33 << 20);
  const operation: Operation = { op: "warn", from: "test", message: huge };
  t.throws(() => encode(host(operation, operation)), {
    code: "config",
    message: /^the plan takes \d+ bytes, more than/,
  });
});

test("the fingerprint follows the table", async (t) => {
  t.equal(computeFingerprint(), computeFingerprint());
  t.ok(Number.isInteger(computeFingerprint()) && computeFingerprint() > 0);
});
