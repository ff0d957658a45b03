/** Asks libseccomp for the filter of a profile, through Debian's python3-seccomp. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ACTIONS, MACHINES } from "../../../kernel/seccomp.ts";
import type { SeccompAction } from "../../../spec/generated/config.ts";
import type { Case } from "./profiles.ts";

const PYTHON = "/usr/bin/python3";
const SCRIPT = fileURLToPath(new URL("./libseccomp.py", import.meta.url));

export type Answer = { readonly filter: Uint8Array } | { readonly error: string };

/** Why there is nobody to ask, or undefined. */
export function missingOracle(): string | undefined {
  const { status } = spawnSync(PYTHON, ["-c", "import seccomp"]);
  return status === 0 ? undefined : "needs python3-seccomp (Debian), which is not installed";
}

/** `tree`: libseccomp's own search tree, which runc asks for with long profiles. */
export function askLibseccomp(cases: readonly Case[], tree: boolean): Answer[] {
  const input = JSON.stringify(cases.map((given) => question(given, tree)));
  const { stdout, stderr, status } = spawnSync(PYTHON, [SCRIPT], { input, maxBuffer: 2 ** 30, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  const answers: { filter?: string; error?: string }[] = JSON.parse(stdout);
  return answers.map(({ filter, error }) => {
    return filter === undefined ? { error: error ?? "" } : { filter: new Uint8Array(Buffer.from(filter, "base64")) };
  });
}

function question(given: Case, tree: boolean) {
  const [native] = MACHINES[given.machine];
  return {
    default: word(given.defaultAction, given.defaultErrnoRet),
    architectures: [native, ...given.architectures.filter((name) => name !== native)],
    tree,
    rules: given.rules.map(({ names, action, errnoRet, args }) => ({
      names,
      action: word(action, errnoRet),
      args: args.map(({ index, op, value, valueTwo }) => ({ index, op, value: `${value}`, two: `${valueTwo}` })),
    })),
  };
}

function word(action: SeccompAction, errno = 1): number {
  const { value, data } = ACTIONS[action];
  return data ? value | errno : value;
}
