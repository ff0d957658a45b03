/**
 * Device rules on cgroup v2: an eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE. Kernel: Documentation/bpf/
 * standardization/instruction-set.rst, struct bpf_cgroup_dev_ctx in <linux/bpf.h>.
 */
import { ALL_ACCESS, type DeviceRule, type DeviceRules } from "./rules.ts";

/** struct bpf_cgroup_dev_ctx. Access and type share the first word: on little-endian machines type is its first half. */
const CONTEXT = { type: 0, access: 0, major: 4, minor: 8 } as const;
const ACCESS_SHIFT = 16;
const TYPES = { b: 1, c: 2 } as const;

/** r0 is the verdict, r1 the context. `asked`: the bits of the access that no rule has decided yet. */
const REGISTER = { verdict: 0, context: 1, asked: 2, field: 3 } as const;
type Register = keyof typeof REGISTER;

/** Class, size or operation, and source of an instruction in one byte. 32-bit arithmetic clears the upper half. */
const OPCODE = {
  LOAD_WORD: 0x61, // BPF_LDX | BPF_MEM | BPF_W
  LOAD_HALF: 0x69, // BPF_LDX | BPF_MEM | BPF_H
  AND: 0x54, // BPF_ALU | BPF_AND | BPF_K
  SHIFT_RIGHT: 0x74, // BPF_ALU | BPF_RSH | BPF_K
  SET: 0xb4, // BPF_ALU | BPF_MOV | BPF_K
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
    { opcode: OPCODE.LOAD_WORD, to: "asked", from: "context", offset: CONTEXT.access },
    { opcode: OPCODE.SHIFT_RIGHT, to: "asked", value: ACCESS_SHIFT },
  ];
  for (const rule of rules.toReversed()) program.push(...block(rule));
  program.push(...verdict(base.allow));
  return encode(program);
}

/**
 * One rule: whatever doesn't fit jumps over the rest of the block, so that no jump grows with the program. Each block
 * loads what it compares: the kernel's verifier would follow a field that is kept in a register, with all the values
 * that it was found to have, through all later blocks, and give up after some hundred rules.
 */
function block(rule: DeviceRule): Instruction[] {
  const decision = rule.allow ? allow(rule.access) : deny(rule.access);
  const tests = [
    { opcode: OPCODE.LOAD_HALF, offset: CONTEXT.type, value: TYPES[rule.type] },
    { opcode: OPCODE.LOAD_WORD, offset: CONTEXT.major, value: rule.major },
    { opcode: OPCODE.LOAD_WORD, offset: CONTEXT.minor, value: rule.minor },
  ].flatMap(({ value, ...load }) => (value === undefined ? [] : [{ load, value }]));
  return [
    ...tests.flatMap(({ load, value }, index): Instruction[] => {
      const rest = 2 * (tests.length - index - 1) + decision.length;
      return [
        { ...load, to: "field", from: "context" },
        { opcode: OPCODE.JUMP_UNEQUAL, to: "field", value, offset: rest },
      ];
    }),
    ...decision,
  ];
}

/** Takes the bits off what is asked, and allows when nothing is left. */
function allow(access: number): Instruction[] {
  if (access === ALL_ACCESS) return verdict(true);
  return [
    { opcode: OPCODE.AND, to: "asked", value: ALL_ACCESS & ~access },
    { opcode: OPCODE.JUMP_UNEQUAL, to: "asked", value: 0, offset: 2 },
    ...verdict(true),
  ];
}

function deny(access: number): Instruction[] {
  if (access === ALL_ACCESS) return verdict(false);
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
