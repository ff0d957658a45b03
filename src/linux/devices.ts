/**
 * linux.devices, the default devices and the links in /dev (config-linux.md, "Devices"; runtime-linux.md, "Dev symbolic
 * links").
 */
import { pointer } from "../base/pointer.ts";
import type { NodeType } from "../kernel/files.ts";
import type { Operation } from "../plan/operations.ts";
import type { Device } from "../spec/generated/config.ts";
import type { Context } from "./context.ts";
import { bindsDev, isMounted, mountTarget } from "./mount-entries.ts";

interface Node {
  readonly path: string;
  readonly type: NodeType;
  readonly major: number;
  readonly minor: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly from: string;
}

const DEFAULT_MODE = 0o666;
const PERMISSION_BITS = 0o7777;

const DEFAULT_DEVICES: readonly Node[] = [
  ["null", 1, 3],
  ["zero", 1, 5],
  ["full", 1, 7],
  ["random", 1, 8],
  ["urandom", 1, 9],
  ["tty", 5, 0],
].map(([name, major, minor]) => ({
  path: `/dev/${name}`,
  type: "character",
  major: Number(major),
  minor: Number(minor),
  mode: DEFAULT_MODE,
  uid: 0,
  gid: 0,
  from: "default devices",
}));

const TYPES = { c: "character", u: "character", b: "block", p: "fifo" } as const satisfies Record<
  Device["type"],
  NodeType
>;

/** path → target. They need a procfs. */
const PROC_LINKS: readonly (readonly [string, string])[] = [
  ["/dev/fd", "/proc/self/fd"],
  ["/dev/stdin", "/proc/self/fd/0"],
  ["/dev/stdout", "/proc/self/fd/1"],
  ["/dev/stderr", "/proc/self/fd/2"],
  ["/dev/core", "/proc/kcore"],
];

function fromSpec(device: Device, index: number): Node {
  return {
    path: mountTarget(device.path),
    type: TYPES[device.type],
    major: device.major ?? 0,
    minor: device.minor ?? 0,
    mode: (device.fileMode ?? DEFAULT_MODE) & PERMISSION_BITS,
    uid: device.uid ?? 0,
    gid: device.gid ?? 0,
    from: pointer("/linux/devices", index),
  };
}

/** init: device nodes and links, after the mounts. Nothing is made in a /dev of the host. */
export function planDevices(context: Context): Operation[] {
  if (bindsDev(context)) return [];
  const configured = (context.spec.linux?.devices ?? []).map(fromSpec);
  const paths = new Set(configured.map(({ path }) => path));
  const nodes = [...DEFAULT_DEVICES.filter(({ path }) => !paths.has(path)), ...configured];
  // mknod(2) is not allowed in a user namespace, whatever the capabilities.
  const bound = context.isolation.of("user") !== "shared" || context.facts.host.userNamespace;
  return [...nodes.map((node) => (bound && node.type !== "fifo" ? bindNode(node) : makeNode(node))), ...links(context)];
}

function makeNode({ from, path, type, major, minor, mode, uid, gid }: Node): Operation {
  return { op: "node", from, path, type, major, minor, mode, uid, gid };
}

function bindNode({ from, path, type, major, minor }: Node): Operation {
  return { op: "bind_node", from, source: path, path, type, major, minor };
}

function links(context: Context): Operation[] {
  const from = "default links";
  const operations: Operation[] = isMounted(context, "/proc")
    ? PROC_LINKS.map(([path, target]): Operation => ({ op: "symlink", from, path, target, flags: [] }))
    : [];
  // The container's own pseudoterminals, whatever the image has here (config-linux.md, "Default Devices").
  operations.push({ op: "symlink", from, path: "/dev/ptmx", target: "pts/ptmx", flags: ["replace"] });
  return operations;
}
