/** linux.resources.blockIO on cgroup v1. Kernel: admin-guide/cgroup-v1/blkio-controller.rst, block/bfq-iosched.rst. */
import { pointer } from "../../../base/pointer.ts";
import type { Operation } from "../../../plan/operations.ts";
import { type ControllerPlanner, cannot, type Limits, limit } from "../limits.ts";
import { throttles } from "./throttle.ts";

const AT = "/linux/resources/blockIO";

interface WeightFiles {
  readonly weight: string;
  readonly device: string;
}

const CFQ: WeightFiles = { weight: "blkio.weight", device: "blkio.weight_device" };
const CFQ_LEAF: WeightFiles = { weight: "blkio.leaf_weight", device: "blkio.leaf_weight_device" };
const BFQ: WeightFiles = { weight: "blkio.bfq.weight", device: "blkio.bfq.weight_device" };

export const blkio: ControllerPlanner = (limits) => [
  ...weights(limits, "weight", weightFiles),
  ...weights(limits, "leafWeight", leafFiles),
  ...throttles(limits, (_, from, device, rate, file) =>
    // 0 removes a limit.
    limit(limits, ["blkio", `blkio.throttle.${file}`], `${device} ${rate}`, from),
  ),
];

function weights(limits: Limits, name: "weight" | "leafWeight", files: typeof weightFiles): Operation[] {
  const blockIO = limits.resources.blockIO;
  const operations: Operation[] = [];
  const from = `${AT}/${name}`;
  const value = blockIO?.[name];
  if (value) operations.push(limit(limits, ["blkio", files(limits, from).weight], value, from));
  for (const [index, device] of (blockIO?.weightDevice ?? []).entries()) {
    const weight = device[name];
    if (!weight) continue;
    const origin = pointer(`${AT}/weightDevice`, index, name);
    const data = `${device.major}:${device.minor} ${weight}`;
    operations.push(limit(limits, ["blkio", files(limits, origin).device], data, origin));
  }
  return operations;
}

/** The scheduler behind the weights decides the name: CFQ until kernel 4.20, BFQ since. */
function weightFiles(limits: Limits, from: string): WeightFiles {
  // A hierarchy's root has BFQ's counters, but no weights.
  if (exists(limits, from, BFQ.weight) || exists(limits, from, "blkio.bfq.io_service_bytes")) return BFQ;
  if (exists(limits, from, CFQ.weight)) return CFQ;
  throw cannot(from, "this kernel has no I/O scheduler with weights (BFQ, or CFQ before kernel 5.0)");
}

function leafFiles(limits: Limits, from: string): WeightFiles {
  if (exists(limits, from, CFQ_LEAF.weight)) return CFQ_LEAF;
  throw cannot(from, "this kernel has no blkio.leaf_weight (it went with CFQ in kernel 5.0)");
}

function exists(limits: Limits, from: string, file: string): boolean {
  return limits.files.exists(`${limits.place("blkio", from).parent}/${file}`);
}
