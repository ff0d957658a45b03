/** linux.maskedPaths and linux.readonlyPaths (config-linux.md): after the hooks, which may mount more. */
import { pointer } from "../base/pointer.ts";
import type { Operation } from "../plan/operations.ts";
import type { Context } from "./context.ts";

export function planMasks({ spec }: Context): Operation[] {
  const { readonlyPaths = [], maskedPaths = [] } = spec.linux ?? {};
  return [
    ...readonlyPaths.map(
      (path, index): Operation => ({ op: "readonly", from: pointer("/linux/readonlyPaths", index), path }),
    ),
    ...maskedPaths.map((path, index): Operation => ({ op: "mask", from: pointer("/linux/maskedPaths", index), path })),
  ];
}
