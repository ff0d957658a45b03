/** What a profile asks for and a filter leaves out, where the specification lets a runtime do so. */
import { pointer } from "../../base/pointer.ts";
import { ARCHITECTURES, type Architecture, SECCOMP_FLAGS } from "../../kernel/seccomp.ts";
import { MULTIPLEXED } from "../../kernel/syscalls/multiplexed.ts";
import { type SyscallTable, syscallNumbers } from "../../kernel/syscalls.ts";
import type { Seccomp } from "../../spec/generated/config.ts";
import { asksAgent, SECCOMP } from "./profile.ts";

export interface SeccompWarning {
  readonly about: "architecture" | "name" | "flag";
  readonly pointer: string;
  readonly message: string;
}

/** Names that no architecture of the filter has, architectures of other machines, and flags that have no effect. */
export function seccompWarnings(seccomp: Seccomp, architectures: readonly Architecture[]): SeccompWarning[] {
  const { architectures: listed = [], syscalls = [], flags = [] } = seccomp;
  const asked = asksAgent(seccomp);
  const foreign = listed.flatMap((name, index) => {
    if (architectures.includes(ARCHITECTURES[name])) return [];
    const message = `${name} ignored: not of this machine`;
    return [{ about: "architecture" as const, pointer: pointer(SECCOMP, "architectures", index), message }];
  });
  const tables = architectures.map(({ table }) => table);
  const names = syscalls.flatMap(({ names }, entry) =>
    names.flatMap((name, index) => {
      if (tables.some((table) => has(table, name))) return [];
      const message = `no system call ${JSON.stringify(name)} on ${tables.join(", ")}`;
      return [{ about: "name" as const, pointer: pointer(SECCOMP, "syscalls", entry, "names", index), message }];
    }),
  );
  const useless = flags.flatMap((flag, index) => {
    if (asked || !SECCOMP_FLAGS[flag].listener) return [];
    const message = `${flag} ignored: no rule uses SCMP_ACT_NOTIFY`;
    return [{ about: "flag" as const, pointer: pointer(SECCOMP, "flags", index), message }];
  });
  return [...foreign, ...names, ...useless];
}

function has(table: SyscallTable, name: string): boolean {
  const numbers = syscallNumbers(table);
  return numbers.has(name) || (numbers.has("socketcall") && MULTIPLEXED.has(name));
}
