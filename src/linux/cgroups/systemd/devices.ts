/** linux.resources.devices as DevicePolicy= and DeviceAllow= (systemd.resource-control(5)). */
import type { DeviceCgroupRule } from "../../../spec/generated/config.ts";
import { ACCESS, type DeviceRule, deviceRules } from "../devices/rules.ts";
import type { Properties } from "./properties.ts";
import type { Variant } from "./variant.ts";

/**
 * A unit lists what it allows, and knows no exceptions: rules that need them are left to tsoci's own filter, which
 * holds in any case, and systemd is told nothing.
 */
export function deviceProperties(config: readonly DeviceCgroupRule[] | undefined): Properties {
  const { base, rules } = deviceRules(config);
  const allowed = rules.map((rule) => [deviceName(rule), access(rule)] as const);
  if (base.allow || rules.some(({ allow }) => !allow) || allowed.some(([name]) => name === undefined)) return new Map();
  const words = allowed.flatMap(([name = "", letters]) => [name, letters]);
  return new Map<string, Variant>([
    ["DevicePolicy", { signature: "s", words: ["strict"] }],
    ["DeviceAllow", { signature: "a(ss)", words: [String(allowed.length), ...words] }],
  ]);
}

/** systemd has no name for one minor number of every driver. */
function deviceName({ type, major, minor }: DeviceRule): string | undefined {
  const kind = type === "c" ? "char" : "block";
  if (major === undefined) return minor === undefined ? `${kind}-*` : undefined;
  return minor === undefined ? `${kind}-${major}` : `/dev/${kind}/${major}:${minor}`;
}

function access({ access: bits }: DeviceRule): string {
  return (["r", "w", "m"] as const).filter((letter) => (bits & ACCESS[letter]) !== 0).join("");
}
