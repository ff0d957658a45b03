/** Writes the executor's view of the plan's vocabulary: src/executor/generated/operations.h. */
import { SIGNALS } from "../kernel/signals.ts";
import type { ArgumentKind, WireKind } from "../plan/arguments.ts";
import { computeFingerprint, numberFor } from "../plan/fingerprint.ts";
import { LENGTH_LIMIT, MAGIC, OPERATION_NUMBERS } from "../plan/operation-numbers.ts";
import { definitions, SECTIONS, STATUS, STEPS } from "../plan/operations.ts";
import { slots } from "../plan/slots.ts";

const C_TYPES: Readonly<Record<WireKind, string>> = {
  number: "uint64_t",
  slot: "uint64_t",
  text: "struct text",
  list: "struct list",
  bytes: "struct bytes",
};

const SIGNATURE: Readonly<Record<WireKind, string>> = { number: "n", slot: "s", text: "t", list: "l", bytes: "b" };

/** Tables of the kernel's own flags are used by the kernel's own names. */
const KERNEL_NAME = /^(MS_|MOUNT_ATTR_|CLONE_|O_|SECCOMP_|SOCK_)/;

/** The C header: one struct, enum and dispatch entry for each operation. */
export function header(): string {
  const out: string[] = [
    "/* Generated from src/plan/operations.ts by src/build/header.ts; do not edit. */",
    "#ifndef TSOCI_OPERATIONS_H",
    "#define TSOCI_OPERATIONS_H",
    "#include <stdint.h>",
    "#include <stddef.h>",
    '#include "../values.h"',
    "",
    `#define PLAN_MAGIC 0x${MAGIC.toString(16)}u`,
    `#define PLAN_FINGERPRINT 0x${computeFingerprint().toString(16)}u`,
    `#define PLAN_LENGTH_LIMIT ${LENGTH_LIMIT}u`,
    "",
    ...enumeration("section", "SECTION", SECTIONS),
    `#define SECTION_COUNT ${Math.max(...Object.values(SECTIONS)) + 1}`,
    ...enumeration("step", "STEP", STEPS),
    ...enumeration("container_status", "STATUS", STATUS),
    ...enumeration("slot_number", "SLOT", Object.fromEntries(Object.entries(slots).map(([n, s]) => [n, s.number]))),
    `#define SLOT_COUNT ${Math.max(...Object.values(slots).map((s) => s.number)) + 1}`,
    ...enumeration("operation_kind", "OP", Object.fromEntries(OPERATION_NUMBERS)),
    `#define OPERATION_COUNT ${OPERATION_NUMBERS.size + 1}`,
    "",
    "enum slot_type { SLOT_TYPE_NONE, SLOT_TYPE_NUMBER, SLOT_TYPE_STATUS, SLOT_TYPE_DESCRIPTOR };",
    "#define SLOT_TYPES { \\",
    ...Object.entries(slots).map(([n, s]) => `    [SLOT_${n.toUpperCase()}] = SLOT_TYPE_${s.type.toUpperCase()}, \\`),
    "}",
    "",
    "#define SIGNAL_NAMES { \\",
    ...Object.entries(SIGNALS).map(([name, number]) => `    { "${name.slice(3)}", ${number} }, \\`),
    "}",
    "",
  ];
  for (const [name, definition] of Object.entries(definitions)) out.push(...operation(name, definition.args));
  out.push(...dispatch(), "#endif", "");
  return out.join("\n");
}

function enumeration(name: string, prefix: string, values: Readonly<Record<string, number>>): string[] {
  const members = Object.entries(values).map(([member, value]) => `${prefix}_${member.toUpperCase()} = ${value}`);
  return [`enum ${name} {`, ...members.map((member) => `    ${member},`), "};", ""];
}

function operation(name: string, args: Readonly<Record<string, ArgumentKind<unknown>>>): string[] {
  const out: string[] = [];
  for (const [argument, kind] of Object.entries(args)) {
    if (kind.describe !== "flags" && kind.describe !== "name") continue;
    for (const flag of kind.names ?? []) {
      if (KERNEL_NAME.test(flag)) continue;
      out.push(
        `#define ${name.toUpperCase()}_${argument === "flags" ? "" : `${argument.toUpperCase()}_`}${flag.toUpperCase()} ${numberFor(kind, flag)}u`,
      );
    }
  }
  const fields = Object.entries(args).map(([argument, kind]) => `    ${C_TYPES[kind.wire]} ${field(argument)};`);
  // ISO C has no empty structs.
  out.push(`struct op_${name} {`, ...(fields.length > 0 ? fields : ["    char nothing;"]), "};", "");
  return out;
}

/** Argument names that are words of C. */
function field(name: string): string {
  return ["signal", "open", "mode"].includes(name) || !/^(default|switch|int)$/.test(name) ? name : `${name}_`;
}

function dispatch(): string[] {
  const names = Object.keys(definitions);
  return [
    "struct run;",
    ...names.map((name) => `int op_${name}(struct run *run, const struct op_${name} *a);`),
    "",
    "struct operation_entry {",
    "    const char *name;",
    "    const char *signature;",
    "    size_t size;",
    "    int (*execute)(struct run *run, const void *arguments);",
    "};",
    "",
    "#ifdef DEFINE_OPERATION_TABLE",
    ...names.map(
      (name) =>
        `static int run_${name}(struct run *run, const void *a) { return op_${name}(run, (const struct op_${name} *)a); }`,
    ),
    "const struct operation_entry operation_table[OPERATION_COUNT] = {",
    ...Object.entries(definitions).map(([name, definition]) => {
      const signature = Object.values(definition.args)
        .map((kind) => SIGNATURE[kind.wire])
        .join("");
      return `    [OP_${name.toUpperCase()}] = { "${name}", "${signature}", sizeof(struct op_${name}), run_${name} },`;
    }),
    "};",
    "#else",
    "extern const struct operation_entry operation_table[OPERATION_COUNT];",
    "#endif",
    "",
  ];
}
