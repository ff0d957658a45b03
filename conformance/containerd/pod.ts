/** Pods and their containers, as the kubelet describes them to the CRI plugin. */
import { mkdirSync, writeFileSync } from "node:fs";
import { type Containerd, IMAGE } from "./caller.ts";
import { documentedHandler } from "./configuration.ts";

/** A part of a description, in the words of the CRI's protocol. */
export type Message = Readonly<Record<string, unknown>>;

/** Of pods and of containers (runtime.v1.LinuxSandboxSecurityContext, LinuxContainerSecurityContext). */
export interface Security extends Message {
  readonly namespace_options?: { readonly network?: number; readonly pid?: number; readonly ipc?: number };
}

export interface Pod {
  readonly id: string;
  /** Where its description stands. */
  readonly file: string;
  readonly logs: string;
}

/** A namespace that the pod shares with the node (runtime.v1.NamespaceMode). */
export const NODE = 2;
/** One that each container has for itself. */
export const CONTAINER = 1;

/** Starts a pod with the handler of the documented RuntimeClass. */
export async function startPod(caller: Containerd, security: Security = {}, linux: Message = {}): Promise<Pod> {
  const name = caller.unique();
  const logs = caller.path(`${name}-logs`);
  mkdirSync(logs);
  const metadata = { name, namespace: "default", uid: name, attempt: 1 };
  const description = {
    metadata,
    // As the kubelet does: the node's network comes with the node's name.
    ...(security.namespace_options?.network === NODE ? {} : { hostname: name }),
    log_directory: logs,
    linux: { cgroup_parent: `/${caller.host.name}`, security_context: security, ...linux },
  };
  const file = write(caller, name, description);
  const id = await caller.crictlOk(["runp", "--runtime", documentedHandler(), file]);
  return { id: id.trim(), file, logs };
}

/** Makes and starts a container, and returns its id; by default it waits to be killed. */
export async function startContainer(caller: Containerd, pod: Pod, change: Message = {}): Promise<string> {
  const id = await createContainer(caller, pod, change);
  await caller.crictlOk(["start", id]);
  return id;
}

export async function createContainer(caller: Containerd, pod: Pod, change: Message = {}): Promise<string> {
  const name = caller.unique();
  const description = {
    metadata: { name },
    image: { image: IMAGE },
    command: ["sleep", "1000"],
    log_path: "log",
    ...change,
  };
  return (await caller.crictlOk(["create", pod.id, write(caller, name, description), pod.file])).trim();
}

function write(caller: Containerd, name: string, description: Message): string {
  const file = caller.path(`${name}.json`);
  writeFileSync(file, JSON.stringify(description));
  return file;
}

export interface ContainerStatus {
  readonly state: string;
  readonly exitCode: number;
  readonly reason: string;
}

/** What the CRI plugin tells the kubelet about a container, and its process on this host. */
export async function inspect(caller: Containerd, id: string): Promise<ContainerStatus & { readonly pid: number }> {
  const { status, info } = JSON.parse(await caller.crictlOk(["inspect", id]));
  return { ...status, pid: info.pid };
}

export async function podPid(caller: Containerd, pod: Pod): Promise<number> {
  return JSON.parse(await caller.crictlOk(["inspectp", pod.id])).info.pid;
}

export async function waitForExit(caller: Containerd, id: string): Promise<ContainerStatus> {
  const end = Date.now() + 20_000;
  for (;;) {
    const status = await inspect(caller, id);
    if (status.state === "CONTAINER_EXITED") return status;
    if (Date.now() > end) throw new Error(`${id} is ${status.state}`);
  }
}

/** The reason why there are no pods here; false: there are. */
export function noPods({ crictlProgram }: Containerd): string | false {
  return "missing" in crictlProgram ? crictlProgram.missing : false;
}
