import { test } from "tap";
import type { DeviceCgroupRule } from "../../../spec/generated/config.ts";
import { compileDeviceFilter } from "./filter.ts";
import { ACCESS, deviceRules } from "./rules.ts";

interface Access {
  readonly type: "b" | "c";
  readonly major: number;
  readonly minor: number;
  readonly access: number;
}

const TYPES = { b: 1, c: 2 } as const;

/** As much of an eBPF machine as the filters use; anything else, and any jump out of the program, is an error. */
function run(program: Uint8Array, { type, major, minor, access }: Access): number {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const context: Readonly<Record<number, number>> = { 0: (access << 16) | TYPES[type], 4: major, 8: minor };
  const registers: (number | undefined)[] = [];
  for (let at = 0; at + 8 <= program.length; at += 8) {
    const [to, from] = [view.getUint8(at + 1) & 15, view.getUint8(at + 1) >> 4];
    const [offset, value] = [view.getInt16(at + 2, true), view.getInt32(at + 4, true)];
    const get = (register: number): number => {
      const held = registers[register];
      if (held === undefined) throw new RangeError(`r${register} is read before it is written, at ${at / 8}`);
      return held;
    };
    const opcode = view.getUint8(at);
    if (opcode === 0x61 || opcode === 0x69) {
      const loaded = context[offset];
      if (from !== 1 || loaded === undefined) throw new RangeError(`bad load at ${at / 8}`);
      registers[to] = opcode === 0x69 ? loaded & 0xffff : loaded;
    } else if (opcode === 0x54) registers[to] = (get(to) & value) >>> 0;
    else if (opcode === 0x74) registers[to] = get(to) >>> value;
    else if (opcode === 0xb4) registers[to] = value;
    else if (opcode === 0x05) at += offset * 8;
    else if (opcode === 0x55) at += get(to) !== value ? offset * 8 : 0;
    else if (opcode === 0x45) at += get(to) & value ? offset * 8 : 0;
    else if (opcode === 0x95) return get(0);
    else throw new RangeError(`opcode ${opcode.toString(16)} at ${at / 8}`);
  }
  throw new RangeError("the program runs over its end");
}

/** The meaning of the rules, bit by bit: the last one that fits decides, and all bits must be allowed. */
function allowed(config: readonly DeviceCgroupRule[], asked: Access): boolean {
  const { base, rules } = deviceRules(config);
  return Object.values(ACCESS).every((bit) => {
    if ((asked.access & bit) === 0) return true;
    const last = rules.findLast(
      (rule) =>
        rule.type === asked.type &&
        (rule.major ?? asked.major) === asked.major &&
        (rule.minor ?? asked.minor) === asked.minor &&
        (rule.access & bit) !== 0,
    );
    return (last ?? base).allow;
  });
}

/** Deterministic: mulberry32. */
function randomSource(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function randomRule(random: (below: number) => number): DeviceCgroupRule {
  const letters = ["r", "w", "m"].filter(() => random(2) === 1).join("");
  const type = (["a", "b", "c"] as const)[random(3)];
  return {
    allow: random(2) === 1,
    ...(type && random(4) > 0 ? { type } : {}),
    ...(random(3) > 0 ? { major: random(4) - 1 } : {}),
    ...(random(3) > 0 ? { minor: random(4) - 1 } : {}),
    ...(letters !== "" ? { access: letters } : {}),
  };
}

test("differential: compiled filters do what the rules mean", async (t) => {
  const random = randomSource(20251121);
  let wrong = 0;
  for (let round = 0; round < 2000; round++) {
    const config = Array.from({ length: random(8) }, () => randomRule(random));
    const program = compileDeviceFilter(deviceRules(config));
    for (let access = 1; access < 8; access++) {
      const asked = { type: random(2) ? "b" : "c", major: random(4), minor: random(6), access } as const;
      if ((run(program, asked) === 1) !== allowed(config, asked) && wrong++ < 5) {
        t.fail("differs", { config, asked });
      }
    }
  }
  t.equal(wrong, 0);
});

test("cases that other runtimes get wrong", async (t) => {
  const ask = (config: readonly DeviceCgroupRule[], type: "b" | "c", major: number, minor: number, access: string) => {
    const bits = [...access].reduce((sum, letter) => sum | (letter === "r" ? 2 : letter === "w" ? 4 : 1), 0);
    return run(compileDeviceFilter(deviceRules(config)), { type, major, minor, access: bits }) === 1;
  };
  t.notOk(ask([], "b", 254, 0, "r"), "no rules: the host's disk is denied");
  t.ok(ask([], "b", 254, 0, "m"), "but its node may be made");
  t.ok(ask([], "c", 1, 3, "rwm"), "null");
  t.ok(ask([], "c", 136, 77, "rw"), "pts");
  t.notOk(ask([{ allow: true, type: "c", major: 1 }], "b", 1, 0, "r"), "only allow rules: still closed");
  const half: DeviceCgroupRule[] = [{ allow: true }, { allow: false, type: "b", major: 8, access: "w" }];
  t.ok(ask(half, "b", 8, 0, "r"));
  t.notOk(ask(half, "b", 8, 0, "rw"), "one denied bit denies all");
  const two: DeviceCgroupRule[] = [
    { allow: true, type: "c", major: 10, access: "r" },
    { allow: true, type: "c", major: 10, minor: 229, access: "w" },
  ];
  t.ok(ask(two, "c", 10, 229, "rw"), "two rules may allow together");
  t.notOk(ask(two, "c", 10, 228, "rw"));
  t.ok(ask([{ allow: true }], "b", 8, 0, "rwm"));
});

test("asking for nothing (access(2) with X_OK) is allowed where anything is", async (t) => {
  const program = compileDeviceFilter(deviceRules([{ allow: false }]));
  t.equal(run(program, { type: "c", major: 1, minor: 3, access: 0 }), 1);
});

test("length grows by at most eight instructions a rule", async (t) => {
  const config = Array.from({ length: 500 }, (_, minor) => ({ allow: true, type: "b", major: 8, minor }) as const);
  t.ok(compileDeviceFilter(deviceRules(config)).length / 8 <= 100 + 500 * 8);
});
