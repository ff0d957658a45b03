/** The parts of a plan, the points where its processes meet, and the states of a container. */

/** Who carries out which operations, and when. */
export const SECTIONS = {
  /** The runtime itself. */
  host: 1,
  /** An intermediate process, where user namespaces or joined namespaces need one. */
  stage: 2,
  /** The process that becomes the user's program. */
  init: 3,
  /** Takes back what the runtime did; every operation may run twice. */
  undo: 4,
  /** Hooks that run once a container has been destroyed. */
  poststop: 5,
  /** What later commands do, stored with the container. */
  start: 6,
  state: 7,
  kill: 8,
  delete: 9,
  pause: 10,
  resume: 11,
  /** `kill --all` */
  kill_all: 12,
  /** Ends init, which `start` could not start. */
  abandon: 13,
} as const;

export type Section = keyof typeof SECTIONS;

/** Points where the runtime (host), the stage and init wait for one another. */
export const STEPS = {
  /** stage → host: the user namespace exists; its id maps can be written. */
  unshared: 1,
  /** host → stage: the id maps are written. */
  mapped: 2,
  /** stage → host: init exists; fills the slot `pid`. */
  cloned: 3,
  /** host → init: init is in its cgroups. */
  placed: 4,
  /** init → host: the root filesystem stands; fills the slot `own_pid` for nobody but init's hooks. */
  mounted: 5,
  /** host → init: the prestart and createRuntime hooks have run. */
  hooked: 6,
  /** init → host: everything is set up. */
  ready: 7,
  /** host → init: everything is recorded; init may outlive the runtime from here on. */
  committed: 8,
} as const;

export type Step = keyof typeof STEPS;

/** States of a container (runtime.md, State). */
export const STATUS = { created: 1, running: 2, paused: 4, stopped: 8 } as const;
