/** linux.resources.blockIO on cgroup v2. Kernel: admin-guide/cgroup-v2.rst (IO), block/bfq-iosched.rst. */
import { pointer } from "../../../base/pointer.ts";
import type { Operation } from "../../../plan/operations.ts";
import { type ControllerPlanner, cannot, type Limits, limit } from "../limits.ts";
import { throttles } from "./throttle.ts";

const AT = "/linux/resources/blockIO";

/** A file that takes weights, how it counts, and whether it may be missing. */
interface Weights {
  readonly file: "io.bfq.weight" | "io.weight";
  readonly convert: (weight: number) => number;
  readonly flags: readonly "optional"[];
}

const BFQ: Weights = { file: "io.bfq.weight", convert: (weight) => weight, flags: [] };
const COST: Weights = { file: "io.weight", convert: ioWeight, flags: [] };

export const io: ControllerPlanner = (limits) => {
  refuseLeafWeight(limits);
  return [
    ...weights(limits),
    ...throttles(limits, (key, from, device, rate) =>
      // v1 removes a limit with 0, v2 with "max".
      limit(limits, ["io", "io.max"], `${device} ${key}=${rate === 0n ? "max" : rate}`, from),
    ),
  ];
};

function weights(limits: Limits): Operation[] {
  const { weight, weightDevice = [] } = limits.resources.blockIO ?? {};
  const operations: Operation[] = [];
  const add = (from: string, value: number, device: string) => {
    for (const { file, convert, flags } of weightFiles(limits, from)) {
      operations.push(limit(limits, ["io", file], `${device}${convert(value)}`, from, flags));
    }
  };
  if (weight) add(`${AT}/weight`, weight, "");
  for (const [index, { major, minor, weight: value }] of weightDevice.entries()) {
    if (value) add(pointer(`${AT}/weightDevice`, index, "weight"), value, `${major}:${minor} `);
  }
  return operations;
}

/**
 * Weights belong to BFQ (io.bfq.weight) or to the cost model (io.weight). No cgroup shows these files before it has
 * the io controller, and the root never does: it only tells of the cost model, by io.cost.qos.
 */
function weightFiles(limits: Limits, from: string): readonly Weights[] {
  const { parent, hierarchy } = limits.place("io", from);
  for (const known of [BFQ, COST]) if (limits.files.exists(`${parent}/${known.file}`)) return [known];
  if (limits.files.exists(`${hierarchy.mount}/io.cost.qos`)) return [{ ...BFQ, flags: ["optional"] }, COST];
  return [BFQ];
}

/** v1's weight (10 to 1000) as io.weight (1 to 10000), as runc and crun convert it. */
function ioWeight(weight: number): number {
  return Math.min(10000, 1 + Math.floor((Math.max(0, weight - 10) * 9999) / 990));
}

function refuseLeafWeight(limits: Limits): void {
  const { leafWeight, weightDevice = [] } = limits.resources.blockIO ?? {};
  const why = "cgroup v2 has no leaf weights";
  if (leafWeight) throw cannot(`${AT}/leafWeight`, why);
  const index = weightDevice.findIndex((device) => device.leafWeight);
  if (index >= 0) throw cannot(pointer(`${AT}/weightDevice`, index, "leafWeight"), why);
}
