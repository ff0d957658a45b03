/** linux.resources.network: net_cls and net_prio, on v1 only. Kernel: admin-guide/cgroup-v1/net_cls.rst, net_prio.rst. */
import { pointer } from "../../../base/pointer.ts";
import type { Operation } from "../../../plan/operations.ts";
import { type ControllerPlanner, cannot, type Limits, limit, wrong } from "../limits.ts";

const AT = "/linux/resources/network";

/** Interfaces are those of the runtime's network namespace (config-linux.md, Network). */
export const network: ControllerPlanner = (limits) => {
  const { classID, priorities = [] } = limits.resources.network ?? {};
  if (limits.version === 2 && (classID || priorities.length > 0)) {
    const [file, name] = classID ? ["classID", "net_cls"] : ["priorities", "net_prio"];
    throw cannot(`${AT}/${file}`, `cgroup v2 has no ${name} controller`);
  }
  return [
    ...classes(limits),
    ...priorities.map(({ name, priority }, index) => {
      const origin = pointer(AT, "priorities", index);
      if (/\s/.test(name)) throw wrong(pointer(origin, "name"), "an interface's name has no white space");
      return limit(limits, ["net_prio", "net_prio.ifpriomap"], `${name} ${priority}`, origin);
    }),
  ];
};

/** 0 is what a new cgroup has. */
function classes(limits: Limits): Operation[] {
  const classID = limits.resources.network?.classID;
  const from = `${AT}/classID`;
  const isSet = classID === 0 && limits.version === 1 && limits.has("net_cls") && limits.place("net_cls", from).existed;
  return classID || isSet ? [limit(limits, ["net_cls", "net_cls.classid"], classID, from)] : [];
}
