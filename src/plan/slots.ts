/**
 * The closed list of values that are unknown while planning. `number` is its place in the executor's array; `type` says
 * whether it holds a number, a name (number shown as a word) or a file descriptor, which the executor closes before the
 * user's program starts.
 */
export const slots = {
  /** init's pid, in the pid namespace of the runtime. 0 once the container has stopped. */
  pid: { number: 1, type: "number" },
  /** The intermediate process of a user namespace or of joined namespaces. */
  stage: { number: 2, type: "number" },
  /** Field 22 of /proc/PID/stat: with the pid, the identity of a process. */
  start_time: { number: 3, type: "number" },
  /** init's pid as init itself sees it, for hooks in the container's namespaces. */
  own_pid: { number: 4, type: "number" },
  /** created, running, paused or stopped. */
  status: { number: 5, type: "status" },
  /** The signal of `tsoci kill`. */
  signal: { number: 6, type: "number" },

  /** The listening socket where init waits for `tsoci start`. */
  start_socket: { number: 17, type: "descriptor" },
  console_socket: { number: 18, type: "descriptor" },
  /** The pseudoterminal's master. */
  terminal: { number: 19, type: "descriptor" },
  /** The container's root directory; every path in the container is resolved below it. */
  rootfs: { number: 20, type: "descriptor" },
  /** A private procfs that no container can cover. */
  procfs: { number: 21, type: "descriptor" },
  /** A mount that is not attached yet. */
  tree: { number: 22, type: "descriptor" },
  /** /dev/null, verified. */
  null: { number: 23, type: "descriptor" },
  /** An empty read-only directory, to hide directories with. */
  empty: { number: 24, type: "descriptor" },
  namespace_user: { number: 25, type: "descriptor" },
  namespace_mount: { number: 26, type: "descriptor" },
  namespace_pid: { number: 27, type: "descriptor" },
  namespace_network: { number: 28, type: "descriptor" },
  namespace_ipc: { number: 29, type: "descriptor" },
  namespace_uts: { number: 30, type: "descriptor" },
  namespace_cgroup: { number: 31, type: "descriptor" },
  namespace_time: { number: 32, type: "descriptor" },
  /** pidfd of the container's init, for `exec`. */
  container: { number: 33, type: "descriptor" },
  pidfd_socket: { number: 34, type: "descriptor" },
  /** Of the slot `pid`, for the caller. */
  pidfd: { number: 35, type: "descriptor" },
  /** Where the container says that it is ready. */
  notify: { number: 36, type: "descriptor" },
  /** A routing socket of the container's network namespace. */
  container_network: { number: 37, type: "descriptor" },
  /** Where the seccomp filter tells of system calls (SECCOMP_RET_USER_NOTIF). */
  seccomp_listener: { number: 38, type: "descriptor" },
  /** Of the seccomp agent. */
  agent_socket: { number: 39, type: "descriptor" },
  /** The state directory, locked by `start`. */
  start_lock: { number: 56, type: "descriptor" },
  /** A user namespace whose maps say who owns what on a mount. */
  ids: { number: 57, type: "descriptor" },
  /** Files `tasks` of cgroups v1, one for each hierarchy. */
  tasks_0: { number: 40, type: "descriptor" },
  tasks_1: { number: 41, type: "descriptor" },
  tasks_2: { number: 42, type: "descriptor" },
  tasks_3: { number: 43, type: "descriptor" },
  tasks_4: { number: 44, type: "descriptor" },
  tasks_5: { number: 45, type: "descriptor" },
  tasks_6: { number: 46, type: "descriptor" },
  tasks_7: { number: 47, type: "descriptor" },
  tasks_8: { number: 48, type: "descriptor" },
  tasks_9: { number: 49, type: "descriptor" },
  tasks_10: { number: 50, type: "descriptor" },
  tasks_11: { number: 51, type: "descriptor" },
  tasks_12: { number: 52, type: "descriptor" },
  tasks_13: { number: 53, type: "descriptor" },
  tasks_14: { number: 54, type: "descriptor" },
  tasks_15: { number: 55, type: "descriptor" },
} as const satisfies Record<string, { number: number; type: "number" | "status" | "descriptor" }>;

export type SlotName = keyof typeof slots;

/** In order; hosts with more hierarchies are joined in the slower way. */
export const TASKS_SLOTS: readonly SlotName[] = (Object.keys(slots) as SlotName[]).filter((name) =>
  name.startsWith("tasks_"),
);
