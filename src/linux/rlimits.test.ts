/** process.rlimits: exact numbers, and who sets which limit when. */
import { test } from "tap";
import type { Process } from "../spec/generated/config.ts";
import { generalLimits, lastLimits } from "./rlimits.ts";
import { PROCESS } from "./testing/context.ts";

const INFINITE = (1n << 64n) - 1n;
const inexact = () => undefined;

function processWith(...rlimits: NonNullable<Process["rlimits"]>): Process {
  return { ...PROCESS, rlimits };
}

/** "RLIMIT_CORE 0 1": name, soft, hard. */
function lines(operations: readonly { readonly op: string }[]): string[] {
  return operations.map((operation) => {
    const { name, soft, hard } = operation as { name?: string; soft?: bigint; hard?: bigint };
    return `${name} ${soft} ${hard}`;
  });
}

test("limits are set as they are", async (t) => {
  const process = processWith(
    { type: "RLIMIT_CORE", soft: 0, hard: 1 },
    { type: "RLIMIT_NOFILE", soft: 1024, hard: 4096 },
  );
  t.same(lines(generalLimits(process, "/process", inexact)), ["RLIMIT_CORE 0 1", "RLIMIT_NOFILE 1024 4096"]);
  t.same(lastLimits(process, "/process", inexact), []);
});

test("the kernel's number, and the entry", async (t) => {
  const [first] = generalLimits(processWith({ type: "RLIMIT_RTTIME", soft: 1, hard: 2 }), "/p", inexact);
  t.match(first, { op: "rlimit", from: "/p/rlimits/0", resource: 15 });
});

test("integers beyond 2^53 are exact", async (t) => {
  const process = processWith({ type: "RLIMIT_CORE", soft: 2 ** 64, hard: 2 ** 64 });
  const exact = (pointer: string) => (pointer.startsWith("/process/rlimits/0/") ? INFINITE : undefined);
  t.same(lines(generalLimits(process, "/process", exact)), [`RLIMIT_CORE ${INFINITE} ${INFINITE}`]);
});

test("few descriptors: init lowers its own limit last", async (t) => {
  const cases = [
    { soft: 8, hard: 1000, general: ["RLIMIT_NOFILE 64 1000"], last: ["RLIMIT_NOFILE 8 1000"] },
    { soft: 8, hard: 9, general: [], last: ["RLIMIT_NOFILE 8 9"] },
    { soft: 64, hard: 64, general: ["RLIMIT_NOFILE 64 64"], last: [] },
  ];
  for (const { soft, hard, general, last } of cases) {
    const process = processWith({ type: "RLIMIT_NOFILE", soft, hard });
    t.same(lines(generalLimits(process, "/process", inexact)), general);
    t.same(lines(lastLimits(process, "/process", inexact)), last);
  }
});
