/** process.rlimits (config.md, "POSIX process"; getrlimit(2)). */
import { pointer } from "../base/pointer.ts";
import { RLIMITS } from "../kernel/rlimits.ts";
import type { Operation } from "../plan/operations.ts";
import type { Process } from "../spec/generated/config.ts";

/** What the runtime itself needs in init until the program is executed. */
const LEAST_DESCRIPTORS = 64n;

interface Limit {
  readonly from: string;
  readonly name: keyof typeof RLIMITS;
  readonly soft: bigint;
  readonly hard: bigint;
}

function limits(process: Process, base: string, exact: (pointer: string) => bigint | undefined): Limit[] {
  return (process.rlimits ?? []).map(({ type, soft, hard }, index) => {
    const from = pointer(base, "rlimits", index);
    return {
      from,
      name: type,
      soft: exact(`${from}/soft`) ?? BigInt(soft),
      hard: exact(`${from}/hard`) ?? BigInt(hard),
    };
  });
}

function operation({ from, name, hard }: Limit, soft: bigint): Operation {
  return { op: "rlimit", from, resource: RLIMITS[name], soft, hard, name };
}

/** A low limit of descriptors would stop init itself; it lowers that one last. */
function isForInit({ name, soft }: Limit): boolean {
  return name === "RLIMIT_NOFILE" && soft < LEAST_DESCRIPTORS;
}

/**
 * host or init: every limit, but low ones of descriptors no lower than init can bear. `base` is the pointer of the
 * process; `exact` gives integers beyond 2^53.
 */
export function generalLimits(
  process: Process,
  base: string,
  exact: (pointer: string) => bigint | undefined,
): Operation[] {
  return limits(process, base, exact).flatMap((limit) => {
    if (!isForInit(limit)) return operation(limit, limit.soft);
    // Both at the end: anyone may lower them.
    return limit.hard < LEAST_DESCRIPTORS ? [] : operation(limit, LEAST_DESCRIPTORS);
  });
}

/** init: what is left to do right before the program is executed. */
export function lastLimits(
  process: Process,
  base: string,
  exact: (pointer: string) => bigint | undefined,
): Operation[] {
  return limits(process, base, exact)
    .filter(isForInit)
    .map((limit) => operation(limit, limit.soft));
}
