/** Containers in pods that are in the node's network: these need no plugins. */
import type { Containerd } from "./caller.ts";
import { type Message, NODE, type Pod, startContainer, startPod } from "./pod.ts";

export const SECURITY = { namespace_options: { network: NODE } };

export const pod = (caller: Containerd): Promise<Pod> => startPod(caller, SECURITY);

/** The "linux" part of a container's description. */
export const linux = (security: Message = {}, resources: Message = {}) => ({
  linux: { security_context: { ...SECURITY, ...security }, resources },
});

export const script = (text: string) => ({ command: ["sh", "-c", text] });

/** The id of a container that runs in a pod of its own. */
export async function running(caller: Containerd, change: Message = {}): Promise<string> {
  return await startContainer(caller, await pod(caller), { ...linux(), ...change });
}
