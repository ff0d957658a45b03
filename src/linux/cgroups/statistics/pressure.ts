/** Pressure stall information (Kernel: accounting/psi.rst), which cgroup v2 has for each cgroup. */
import type { ExactJson } from "../../../base/exact-json.ts";

const LINE = /^(some|full) avg10=([\d.]+) avg60=([\d.]+) avg300=([\d.]+) total=(\d+)$/gm;

/** From the text of a file such as cpu.pressure; undefined where the kernel does not tell. */
export function pressure(text: string | undefined): ExactJson | undefined {
  const lines = [...(text ?? "").matchAll(LINE)].map(([, kind = "", avg10, avg60, avg300, total = "0"]) => [
    kind,
    { avg10: Number(avg10), avg60: Number(avg60), avg300: Number(avg300), total: BigInt(total) },
  ]);
  return lines.length === 0 ? undefined : Object.fromEntries(lines);
}
