/**
 * Device rules on cgroup v2: an eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE. Kernel: Documentation/bpf/
 * standardization/instruction-set.rst, struct bpf_cgroup_dev_ctx in <linux/bpf.h>.
 */
import { ALL_ACCESS, type DeviceRule, type DeviceRules } from "./rules.ts";

/** struct bpf_cgroup_dev_ctx: access and type share the first word. */
const CONTEXT = { access_type: 0, major: 4, minor: 8 } as const;
const TYPES = { b: 1, c: 2 } as const;

/** r0 is the verdict, r1 the context. `asked`: the bits of the access that no rule has decided yet. */
const REGISTER = { verdict: 0, context: 1, asked: 2, type: 3, major: 4, minor: 5 } as const;
type Register = keyof typeof REGISTER;

/** Class, size or operation, and source of an instruction in one byte. 32-bit arithmetic clears the upper half. */
const OPCODE = {
  LOAD_WORD: 0x61, // BPF_LDX | BPF_MEM | BPF_W
  AND: 0x54, // BPF_ALU | BPF_AND | BPF_K
  SHIFT_RIGHT: 0x74, // BPF_ALU | BPF_RSH | BPF_K
  SET: 0xb4, // BPF_ALU | BPF_MOV | BPF_K
  COPY: 0xbc, // BPF_ALU | BPF_MOV | BPF_X
  JUMP: 0x05, // BPF_JMP | BPF_JA
  JUMP_UNEQUAL: 0x55, // BPF_JMP | BPF_JNE | BPF_K
  JUMP_ANY_BIT: 0x45, // BPF_JMP | BPF_JSET | BPF_K
  EXIT: 0x95, // BPF_JMP | BPF_EXIT
} as const;

interface Instruction {
  readonly opcode: number;
  readonly to?: Register;
  readonly from?: Register;
  readonly offset?: number;
  readonly value?: number;
}

const INSTRUCTION_BYTES = 8;

/**
 * Compiles rules into instructions of 8 bytes. The last rule that fits decides, for each bit of the access on its own:
 * reading and writing at once needs both allowed, by one rule or by two, and one of them denied denies both.
 */
export function compileDeviceFilter({ base, rules }: DeviceRules): Uint8Array {
  const program: Instruction[] = [
    { opcode: OPCODE.LOAD_WORD, to: "type", from: "context", offset: CONTEXT.access_type },
    { opcode: OPCODE.COPY, to: "asked", from: "type" },
    { opcode: OPCODE.SHIFT_RIGHT, to: "asked", value: 16 },
    { opcode: OPCODE.AND, to: "type", value: 0xffff },
    { opcode: OPCODE.LOAD_WORD, to: "major", from: "context", offset: CONTEXT.major },
    { opcode: OPCODE.LOAD_WORD, to: "minor", from: "context", offset: CONTEXT.minor },
  ];
  for (const rule of rules.toReversed()) program.push(...block(rule));
  program.push(...verdict(base.allow));
  return encode(program);
}

/** One rule: whatever doesn't fit jumps over the rest of the block, so that no jump grows with the program. */
function block(rule: DeviceRule): Instruction[] {
  const decision = rule.allow ? allow(rule.access) : deny(rule.access);
  const conditions: readonly (readonly [Register, number | undefined])[] = [
    ["type", TYPES[rule.type]],
    ["major", rule.major],
    ["minor", rule.minor],
  ];
  const tests = conditions.filter((test): test is readonly [Register, number] => test[1] !== undefined);
  return [
    ...tests.map(([to, value], index) => ({
      opcode: OPCODE.JUMP_UNEQUAL,
      to,
      value,
      offset: tests.length - index - 1 + decision.length,
    })),
    ...decision,
  ];
}

/** Takes the bits off what is asked, and allows when nothing is left. */
function allow(access: number): Instruction[] {
  return [
    { opcode: OPCODE.AND, to: "asked", value: ALL_ACCESS & ~access },
    { opcode: OPCODE.JUMP_UNEQUAL, to: "asked", value: 0, offset: 2 },
    ...verdict(true),
  ];
}

function deny(access: number): Instruction[] {
  return [
    { opcode: OPCODE.JUMP_ANY_BIT, to: "asked", value: access, offset: 1 },
    { opcode: OPCODE.JUMP, offset: 2 },
    ...verdict(false),
  ];
}

function verdict(allowed: boolean): Instruction[] {
  return [{ opcode: OPCODE.SET, to: "verdict", value: allowed ? 1 : 0 }, { opcode: OPCODE.EXIT }];
}

/** Little-endian, like every architecture that tsoci builds for. */
function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, { opcode, to, from, offset = 0, value = 0 }] of program.entries()) {
    const at = index * INSTRUCTION_BYTES;
    view.setUint8(at, opcode);
    view.setUint8(at + 1, (to ? REGISTER[to] : 0) | ((from ? REGISTER[from] : 0) << 4));
    view.setInt16(at + 2, offset, true);
    view.setInt32(at + 4, value, true);
  }
  return bytes;
}
