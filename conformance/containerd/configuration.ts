/** The configuration of containerd: this harness's own settings, and then docs/kubernetes.md, word for word. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { statusField } from "../harness/host.ts";
import { PROJECT } from "../rootfs.ts";
import { networkPlugins } from "./needs.ts";

export const PAUSE = "localhost/pause:tsoci";

const CAP_SYS_RESOURCE = 24n;

/** The fenced blocks of docs/kubernetes.md in one language. */
function documented(language: string): string[] {
  const text = readFileSync(join(PROJECT, "docs/kubernetes.md"), "utf8");
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, block = ""]) =>
    name === language ? [block] : [],
  );
}

/** The handler that the documented RuntimeClass names. */
export function documentedHandler(): string {
  const manifest = documented("yaml").find((text) => text.includes("kind: RuntimeClass"));
  const handler = /^handler: (\S+)$/m.exec(manifest ?? "")?.[1];
  if (handler === undefined) throw new Error("docs/kubernetes.md has no RuntimeClass with a handler");
  return handler;
}

/** Whoever starts "runc" from this directory on PATH gets this runtime. */
export function replace(runtime: string, directory: string): void {
  mkdirSync(join(directory, "replaced"));
  symlinkSync(runtime, join(directory, "replaced/runc"));
}

/** Writes config.toml and the network configuration, and returns the path of the former. */
export function writeConfiguration(directory: string, socket: string): string {
  const may = (BigInt(`0x${statusField(process.pid, "CapEff")}`) >> CAP_SYS_RESOURCE) & 1n;
  const networks = join(directory, "networks");
  mkdirSync(networks);
  writeFileSync(join(networks, "10-pods.conflist"), JSON.stringify(network(directory)));
  const own = `version = 2
root = ${JSON.stringify(join(directory, "root"))}
state = ${JSON.stringify(join(directory, "state"))}

[grpc]
  address = ${JSON.stringify(socket)}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${JSON.stringify(PAUSE)}
  restrict_oom_score_adj = ${may === 0n}

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = ${JSON.stringify(networkPlugins() ?? "/opt/cni/bin")}
  conf_dir = ${JSON.stringify(networks)}
`;
  const file = join(directory, "config.toml");
  writeFileSync(file, [own, ...documented("toml")].join("\n"));
  return file;
}

/** A pair of virtual devices for each pod; all of it ends with the network namespace. */
function network(directory: string): object {
  const ranges = [[{ subnet: "10.88.0.0/24" }]];
  const ipam = { type: "host-local", dataDir: join(directory, "leases"), ranges, routes: [{ dst: "0.0.0.0/0" }] };
  return { cniVersion: "0.4.0", name: "pods", plugins: [{ type: "ptp", ipam }] };
}
