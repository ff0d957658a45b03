/** Device rules on cgroup v1: devices.allow and devices.deny. Kernel: admin-guide/cgroup-v1/devices.rst. */
import type { Operation } from "../../../plan/operations.ts";
import { type ControllerPlanner, cannot, type Limits, limit } from "../limits.ts";
import { DEFAULT_ORIGIN, type DeviceRule, type DeviceRules, deviceRules } from "./rules.ts";

/**
 * First the rule about all devices, which also empties the list, then config.json's rules one by one, as they are and
 * in their order, then the defaults. A default that the parent cgroup forbids is left out: nobody asked for it.
 */
export const deviceList: ControllerPlanner = (limits) => {
  // Only the initial user namespace may write these files (devcgroup_access_write).
  const tolerant = limits.request.rootless || limits.request.host.userNamespace;
  if (limits.request.disabled || (tolerant && !limits.has("devices"))) return [];
  if (!limits.has("devices")) throw cannot("/linux/resources/devices", "the devices controller is not available");
  const rules = deviceRules(limits.resources.devices);
  refuseHoles(rules);
  const { base } = rules;
  return [
    write(limits, base.allow, "a", base.from, tolerant),
    ...rules.rules.map((rule) =>
      write(limits, rule.allow, line(rule), rule.from, tolerant || rule.from === DEFAULT_ORIGIN),
    ),
  ];
};

function write(limits: Limits, allow: boolean, data: string, from: string, optional: boolean): Operation {
  return limit(limits, ["devices", allow ? "devices.allow" : "devices.deny"], data, from, optional ? ["optional"] : []);
}

/** By the bits of ACCESS, in the order in which devices.list shows the letters. */
const LETTERS = ["", "m", "r", "rm", "w", "wm", "rw", "rwm"];

/** "c 1:3 rwm" */
function line(rule: DeviceRule): string {
  return `${rule.type} ${rule.major ?? "*"}:${rule.minor ?? "*"} ${LETTERS[rule.access]}`;
}

/**
 * The kernel keeps a list of exceptions to the rule about all devices. A rule that agrees with that one can only take
 * back an exception with the same numbers; out of a wider one it takes nothing, without an error. Throws TsociError
 * "host" for such a rule of config.json.
 */
function refuseHoles({ base, rules }: DeviceRules): void {
  const exceptions: DeviceRule[] = [];
  for (const rule of rules) {
    if (rule.from === DEFAULT_ORIGIN) continue;
    if (rule.allow !== base.allow) {
      exceptions.push(rule);
      continue;
    }
    const wider = exceptions.find((exception) => overlap(exception, rule) && !sameNumbers(exception, rule));
    if (wider) throw cannot(rule.from, `cgroup v1 can't make an exception to the rule at ${wider.from}`);
    takeBack(exceptions, rule);
  }
}

function takeBack(exceptions: DeviceRule[], rule: DeviceRule): void {
  for (const [index, exception] of exceptions.entries()) {
    if (sameNumbers(exception, rule)) exceptions[index] = { ...exception, access: exception.access & ~rule.access };
  }
}

function sameNumbers(a: DeviceRule, b: DeviceRule): boolean {
  return a.type === b.type && a.major === b.major && a.minor === b.minor;
}

function overlap(a: DeviceRule, b: DeviceRule): boolean {
  const meet = (x: number | undefined, y: number | undefined) => x === undefined || y === undefined || x === y;
  return a.type === b.type && meet(a.major, b.major) && meet(a.minor, b.minor) && (a.access & b.access) !== 0;
}
