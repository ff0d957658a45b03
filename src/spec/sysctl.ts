/** Names of kernel parameters: "net.ipv4.ip_forward" or "net/ipv4/ip_forward" (sysctl.d(5)). */

/**
 * Splits the name of a kernel parameter into the parts of its path below /proc/sys. The first separator decides: after
 * a dot, dots separate and a slash stands for a dot in a name ("net.ipv4.conf.eth0/1.forwarding"); after a slash, dots
 * are as they are. Returns undefined for a name that can't be a path there.
 */
export function sysctlPath(name: string): string[] | undefined {
  const dotted = /[./]/.exec(name)?.[0] !== "/";
  const parts = dotted ? name.split(".").map((part) => part.replaceAll("/", ".")) : name.split("/");
  return parts.every((part) => part !== "" && part !== "." && part !== "..") ? parts : undefined;
}
