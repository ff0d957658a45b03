/** What was measured, for people: a table with ratios, and bars. */
import { PHASES, type Phase } from "./lifecycle.ts";
import { PEERS } from "./runtimes.ts";

export type Samples = ReadonlyMap<string, readonly Readonly<Record<Phase, number>>[]>;

const BAR_WIDTH = 50;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

function quantile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? Number.NaN;
}

function sorted(samples: Samples, name: string, phase: Phase): number[] {
  return (samples.get(name) ?? []).map((sample) => sample[phase]).sort((a, b) => a - b);
}

export function median(samples: Samples, name: string, phase: Phase): number {
  return quantile(sorted(samples, name, phase), 0.5);
}

/** "12.3 (11.9–14.0)": the median, and the middle half. */
function cell(samples: Samples, name: string, phase: Phase): string {
  const times = sorted(samples, name, phase);
  const [low, middle, high] = [0.25, 0.5, 0.75].map((fraction) => quantile(times, fraction).toFixed(1));
  return `${middle} (${low}–${high})`;
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("   ")
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join("");
}

/** Milliseconds by phase and runtime, then how they compare with the peers. */
export function table(samples: Samples): string {
  const names = [...samples.keys()];
  const times = [
    ["ms", ...names],
    ...PHASES.map((phase) => [phase, ...names.map((name) => cell(samples, name, phase))]),
  ];
  const ratios = PEERS.filter((peer) => samples.has(peer)).map((peer) => {
    const others = names.filter((name) => name !== peer);
    const ratio = (name: string, phase: Phase) =>
      (median(samples, name, phase) / median(samples, peer, phase)).toFixed(2);
    return columns([
      [`× ${peer}`, ...others],
      ...PHASES.map((phase) => [phase, ...others.map((name) => ratio(name, phase))]),
    ]);
  });
  return [columns(times), ...ratios].join("\n");
}

function bar(value: number, most: number): string {
  const eighths = Math.max(1, Math.round((value / most) * BAR_WIDTH * 8));
  return "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

/** Medians as bars, one scale for all. */
export function bars(samples: Samples): string {
  const names = [...samples.keys()];
  const most = Math.max(...PHASES.flatMap((phase) => names.map((name) => median(samples, name, phase))));
  const width = Math.max(...names.map((name) => name.length));
  return PHASES.map((phase) => {
    const lines = names.map((name) => {
      const value = median(samples, name, phase);
      return `  ${name.padEnd(width)}  ${bar(value, most)} ${value.toFixed(1)}\n`;
    });
    return `${phase}\n${lines.join("")}`;
  }).join("\n");
}
