/** Rules about `hooks` (config.md, POSIX-platform Hooks). */
import { pointer } from "../../base/pointer.ts";
import type { Spec } from "../generated/config.ts";
import type { Rule } from "../rule.ts";
import { checkEnvironment } from "./environment.ts";

const STAGES = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"] as const;

export const hookRules: readonly Rule<Spec>[] = [
  {
    name: "hook-environment",
    section: "config.md, POSIX-platform Hooks",
    reads: ["/hooks"],
    each: STAGES.map((stage) => `/hooks/${stage}`),
    check({ hooks }, report) {
      for (const stage of STAGES) {
        hooks?.[stage]?.forEach(({ env }, index) => {
          checkEnvironment(env, pointer("/hooks", stage, index, "env"), report);
        });
      }
    },
  },
];
