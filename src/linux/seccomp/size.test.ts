/** The size and speed of filters, beside libseccomp's. */
import t from "tap";
import { ARCHITECTURES } from "../../kernel/seccomp.ts";
import { syscallNumbers } from "../../kernel/syscalls.ts";
import { compileSeccomp } from "./compile.ts";
import { interpret } from "./interpret.ts";
import { askLibseccomp, missingOracle } from "./testing/oracle.ts";
import { typicalProfile } from "./testing/typical.ts";

const NAMES = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"] as const;

/** The steps that a filter takes for the system calls of one architecture. */
function steps(filter: Uint8Array, name: (typeof NAMES)[number]): { worst: number; mean: number } {
  const { audit, base, table } = ARCHITECTURES[name];
  const numbers = [...syscallNumbers(table).values()];
  const counts = numbers.map((number) => {
    const args = [99n, 0n, 0n, 0n, 0n, 0n];
    return interpret(filter, { number: base + number, audit, args }, true).steps;
  });
  return { worst: Math.max(...counts), mean: counts.reduce((sum, count) => sum + count, 0) / counts.length };
}

function report(name: string, filter: Uint8Array): string {
  const each = NAMES.map((architecture) => {
    const { worst, mean } = steps(filter, architecture);
    return `${ARCHITECTURES[architecture].table} ${mean.toFixed(1)} (worst ${worst})`;
  });
  return `${name}: ${filter.length / 8} instructions; steps for a call: ${each.join(", ")}`;
}

t.test("a typical profile is small and quick to pass", async (t) => {
  const { filter } = compileSeccomp(typicalProfile(), { arch: "x64" });
  t.ok(filter.length / 8 < 350, "instructions");
  for (const name of NAMES) t.ok(steps(filter, name).mean < 12, `${name}, mean of steps`);
  t.ok(steps(filter, "SCMP_ARCH_X86_64").worst < 32, "the conditions of personality");
  t.comment(report("tsoci", filter));
});

t.test("beside libseccomp", { skip: missingOracle() ?? false }, async (t) => {
  const { defaultAction, architectures = [], syscalls = [] } = typicalProfile();
  const rules = syscalls.map((rule) => ({
    ...rule,
    args: (rule.args ?? []).map((arg) => ({ ...arg, value: BigInt(arg.value), valueTwo: BigInt(arg.valueTwo ?? 0) })),
  }));
  for (const tree of [false, true]) {
    const [answer] = askLibseccomp([{ machine: "x64", defaultAction, architectures, rules }], tree);
    const theirs = answer && "filter" in answer ? answer.filter : new Uint8Array();
    t.comment(report(tree ? "libseccomp, its search tree" : "libseccomp", theirs));
    t.ok(compileSeccomp(typicalProfile(), { arch: "x64" }).filter.length < theirs.length);
  }
});
