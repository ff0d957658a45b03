/** What callers read about a container: the output of `state`, and the state.json that monitoring tools look for. */
import { SPECIFICATION } from "../base/specification.ts";
import { NAMESPACES } from "../kernel/namespaces.ts";
import { slot, type Text } from "../plan/arguments.ts";
import type { SlotName } from "../plan/slots.ts";
import type { Context } from "./context.ts";
import { rootPath } from "./rootfs.ts";

/** Stands for a slot while JSON is made; no value of config.json can be equal to it, for it holds a NUL. */
function mark(name: SlotName): string {
  return `\0${name}\0`;
}

/** Replaces the marks in JSON text: numbers without their quotes, `status` and parts of strings inside them. */
function withSlots(json: string): Text {
  const pieces: (string | { slot: SlotName })[] = [];
  // JSON.stringify writes NUL as \u0000.
  for (const [index, piece] of json.split(/"\\u0000(pid|start_time)\\u0000"|\\u0000(\w+)\\u0000/).entries()) {
    if (piece === undefined || piece === "") continue;
    pieces.push(index % 3 === 0 ? piece : slot(piece as SlotName));
  }
  return pieces;
}

/** runtime.md, "State", with what runc adds; two spaces, and no newline at the end, as runc prints it. */
export function stateOutput(context: Context): Text {
  const { request, spec } = context;
  const state = {
    ociVersion: SPECIFICATION,
    id: request.id,
    pid: mark("pid"),
    status: mark("status"),
    bundle: request.bundle,
    rootfs: rootPath(context),
    created: request.created,
    ...(spec.annotations ? { annotations: spec.annotations } : {}),
    owner: "",
  };
  return withSlots(JSON.stringify(state, undefined, 2));
}

/** The parts of runc's state.json that others read (cAdvisor and the like; CLI.md 3.2). */
export function stateRecord(context: Context): Text {
  const { request, spec, cgroups } = context;
  const namespacePaths = Object.fromEntries(
    Object.values(NAMESPACES).map(({ flag, file }) => [flag.replace("CLONE_", ""), `/proc/${mark("pid")}/ns/${file}`]),
  );
  const labels = Object.entries(spec.annotations ?? {}).map(([key, value]) => `${key}=${value}`);
  const record = {
    id: request.id,
    init_process_pid: mark("pid"),
    init_process_start: mark("start_time"),
    created: request.created,
    cgroup_paths: cgroups.paths,
    namespace_paths: namespacePaths,
    config: {
      rootfs: rootPath(context),
      labels: [...labels, `bundle=${request.bundle}`],
      cgroups: { path: spec.linux?.cgroupsPath ?? "" },
      namespaces: context.isolation.entries.map(({ type, path }) => ({ type, path: path ?? "" })),
    },
    tsoci: {
      version: request.version,
      freezer: cgroups.freezer ?? null,
      killPath: cgroups.killPath ?? null,
      undo: cgroups.undo,
    },
  };
  return withSlots(JSON.stringify(record));
}
