/** linux.personality (config-linux.md, "Personality"; personality(2)). */
import type { Operation } from "../plan/operations.ts";
import type { Linux } from "../spec/generated/config.ts";

/** init, for `exec` too: it is an attribute of processes. */
export function planPersonality({ personality }: Pick<Linux, "personality">): Operation[] {
  return personality === undefined
    ? []
    : [{ op: "personality", from: "/linux/personality", domain: personality.domain }];
}
