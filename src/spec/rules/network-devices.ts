/** Rules about `linux.netDevices` (config-linux.md, Network Devices). */
import { pointer } from "../../base/pointer.ts";
import type { Spec } from "../generated/config.ts";
import type { Rule } from "../rule.ts";
import { namespaceOf } from "./namespaces.ts";

/** IFNAMSIZ, less the final NUL. */
const MAX_NAME = 15;

export const networkDeviceRules: readonly Rule<Spec>[] = [
  {
    name: "network-devices-need-network",
    section: "config-linux.md, Network Devices",
    reads: ["/linux/netDevices", "/linux/namespaces"],
    check(spec, report) {
      if (Object.keys(spec.linux?.netDevices ?? {}).length === 0 || namespaceOf(spec, "network")) return;
      report("/linux/netDevices", "unable to move network devices without a private network namespace");
    },
  },
  {
    name: "network-device-names",
    section: "config-linux.md, Network Devices",
    reads: ["/linux/netDevices"],
    check({ linux }, report) {
      const taken = new Map<string, string>();
      for (const [host, { name }] of Object.entries(linux?.netDevices ?? {})) {
        const at = pointer("/linux/netDevices", host);
        const place = name === undefined ? at : `${at}/name`;
        const inside = name ?? host;
        if (!validName(host)) report(at, `${JSON.stringify(host)} is not a name of a network device`);
        // A template such as eth%d is the container's part only.
        if (name !== undefined && !validName(name.replace("%d", "0"))) {
          report(place, `${JSON.stringify(name)} is not a name of a network device`);
        }
        const other = taken.get(inside);
        if (other !== undefined && !inside.includes("%d")) report(place, `${inside} is the name of ${other} already`);
        taken.set(inside, host);
      }
    },
  },
];

/** The kernel's own conditions (dev_valid_name), and no "%", which it would read as a template. */
function validName(name: string): boolean {
  return name !== "." && name !== ".." && /^[^\s/:%]+$/.test(name) && Buffer.byteLength(name) <= MAX_NAME;
}
