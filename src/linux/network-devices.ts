/**
 * The loopback device, and linux.netDevices (config-linux.md, "Network Devices"): devices of the host that become the container's. Where they go
 * when its network namespace ends is the kernel's affair, and must be (network_namespaces(7)).
 */
import { pointer } from "../base/pointer.ts";
import type { Operation } from "../plan/operations.ts";
import type { Spec } from "../spec/generated/config.ts";
import type { Context } from "./context.ts";
import type { Isolation } from "./namespaces.ts";

const from = "/linux/netDevices";

function devicesOf({ spec }: { readonly spec: Spec }): [string, { readonly name?: string | undefined }][] {
  return Object.entries(spec.linux?.netDevices ?? {});
}

export function movesDevices(context: Pick<Context, "spec">): boolean {
  return devicesOf(context).length > 0;
}

/** init: sets up the loopback device of a new network namespace, as runc and crun do: Docker counts on its runtime for it. */
export function startLoopback({ of, entries }: Isolation): Operation[] {
  const entry = entries.find(({ type }) => type === "network");
  return entry && of("network") === "new" ? [{ op: "loopback", from: entry.from }] : [];
}

/** init: a socket of its network namespace, with which the runtime can work there. */
export function giveNetwork(context: Context): Operation[] {
  if (!movesDevices(context)) return [];
  return [
    { op: "network_socket", from, into: "container_network" },
    { op: "give", from, slot: "container_network" },
    { op: "close", from, slot: "container_network" },
  ];
}

/** host: moves each device, with its addresses. */
export function moveDevices(context: Context): Operation[] {
  if (!movesDevices(context)) return [];
  return [
    { op: "take", from, slot: "container_network" },
    ...devicesOf(context).map(([device, { name = device }]): Operation => {
      return { op: "move_network_device", from: pointer(from, device), device, name };
    }),
    { op: "close", from, slot: "container_network" },
  ];
}
