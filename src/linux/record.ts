/** What callers read about a container: the output of `state`, and the state.json that monitoring tools look for. */
import { SPECIFICATION } from "../base/specification.ts";
import { NAMESPACES } from "../kernel/namespaces.ts";
import { slot, type Text } from "../plan/arguments.ts";
import type { SlotName } from "../plan/slots.ts";
import type { Context } from "./context.ts";
import { rootPath } from "./rootfs.ts";

type Mark = (slot: SlotName) => string;

/** Numbers in JSON: their marks lose the quotes. */
const NUMBERS: readonly SlotName[] = ["pid", "start_time"];

/**
 * The JSON text of what `build` returns, with slots where it put marks. A mark is a slot's name between quotes that no other
 * text of it has: when there are more pieces than the marks make, it is built again with longer quotes.
 */
function withSlots(build: (mark: Mark) => unknown, indent?: number): Text {
  for (let quote = "@@"; ; quote += "@") {
    let marks = 0;
    const value = build((name) => {
      marks++;
      return `${quote}${name}${quote}`;
    });
    let json = JSON.stringify(value, undefined, indent);
    for (const name of NUMBERS) json = json.replaceAll(`"${quote}${name}${quote}"`, `${quote}${name}${quote}`);
    const pieces = json.split(quote);
    if (pieces.length === 2 * marks + 1) {
      return pieces.map((piece, index) => (index % 2 === 0 ? piece : slot(piece as SlotName)));
    }
  }
}

/** runtime.md, "State", with what runc adds; two spaces, and no newline at the end, as runc prints it. */
export function stateOutput(context: Context): Text {
  const { request, spec } = context;
  const state = (mark: Mark) => ({
    ociVersion: SPECIFICATION,
    id: request.id,
    pid: mark("pid"),
    status: mark("status"),
    bundle: request.bundle,
    rootfs: rootPath(context),
    created: request.created,
    ...(spec.annotations ? { annotations: spec.annotations } : {}),
    owner: "",
  });
  return withSlots(state, 2);
}

/** What runc records with the systemd driver. */
function systemdNames({ cgroups: { managed } }: Context) {
  if (managed === undefined) return {};
  const { parent, prefix, name } = managed.unit.parts;
  return { Systemd: true, parent, scope_prefix: prefix, name };
}

/** The parts of runc's state.json that others read (cAdvisor and the like; CLI.md 3.2). */
export function stateRecord(context: Context): Text {
  const { request, spec, cgroups } = context;
  const namespacePaths = (mark: Mark) =>
    Object.fromEntries(
      Object.values(NAMESPACES).map(({ flag, file }) => [
        flag.slice("CLONE_".length),
        `/proc/${mark("pid")}/ns/${file}`,
      ]),
    );
  const labels = Object.entries(spec.annotations ?? {}).map(([key, value]) => `${key}=${value}`);
  const record = (mark: Mark) => ({
    id: request.id,
    init_process_pid: mark("pid"),
    init_process_start: mark("start_time"),
    created: request.created,
    cgroup_paths: cgroups.paths,
    namespace_paths: namespacePaths(mark),
    ...(context.intelRdt.path === null ? {} : { intel_rdt_path: context.intelRdt.path }),
    config: {
      rootfs: rootPath(context),
      no_new_keyring: !request.newKeyring,
      labels: [...labels, `bundle=${request.bundle}`],
      cgroups: { path: spec.linux?.cgroupsPath ?? "", ...systemdNames(context) },
      namespaces: context.isolation.entries.map(({ type, path }) => ({ type, path: path ?? "" })),
    },
    tsoci: {
      version: request.version,
      freezer: cgroups.freezer ?? null,
      killPath: cgroups.killPath ?? null,
      ...(cgroups.managed ? { managed: cgroups.managed } : {}),
      undo: cgroups.undo,
      undoIntelRdt: context.intelRdt.undo,
    },
  });
  return withSlots(record);
}
