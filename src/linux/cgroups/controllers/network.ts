/** linux.resources.network: net_cls and net_prio, on v1 only. Kernel: admin-guide/cgroup-v1/net_cls.rst, net_prio.rst. */
import { pointer } from "../../../base/pointer.ts";
import { type ControllerPlanner, cannot, limit, wrong } from "../limits.ts";

const AT = "/linux/resources/network";

/** Interfaces are those of the runtime's network namespace (config-linux.md, Network). */
export const network: ControllerPlanner = (limits) => {
  const { classID, priorities = [] } = limits.resources.network ?? {};
  const from = classID ? `${AT}/classID` : `${AT}/priorities`;
  if (limits.version === 2 && (classID || priorities.length > 0)) {
    throw cannot(from, `cgroup v2 has no ${classID ? "net_cls" : "net_prio"} controller`);
  }
  return [
    // 0 is what a new cgroup has.
    ...(classID ? [limit(limits, ["net_cls", "net_cls.classid"], classID, from)] : []),
    ...priorities.map(({ name, priority }, index) => {
      const origin = pointer(AT, "priorities", index);
      if (/\s/.test(name)) throw wrong(pointer(origin, "name"), "an interface's name has no white space");
      return limit(limits, ["net_prio", "net_prio.ifpriomap"], `${name} ${priority}`, origin);
    }),
  ];
};
