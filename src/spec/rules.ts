/**
 * What a configuration must fulfil beyond its schema, in the order in which it is checked. A rule is about what the
 * configuration says, never about this host: that is the planners' part.
 */
import type { Resources, Spec } from "./generated/config.ts";
import { type Rule, within } from "./rule.ts";
import { cgroupRules, resourceRules } from "./rules/cgroups.ts";
import { hookRules } from "./rules/hooks.ts";
import { idMappingRules } from "./rules/id-mappings.ts";
import { memoryPolicyRules } from "./rules/memory-policy.ts";
import { mountRules } from "./rules/mounts.ts";
import { namespaceRules } from "./rules/namespaces.ts";
import { networkDeviceRules } from "./rules/network-devices.ts";
import { processRules } from "./rules/process.ts";
import { seccompListenerRules, seccompRules } from "./rules/seccomp.ts";
import { sysctlRules } from "./rules/sysctl.ts";
import { textRules, versionRules } from "./rules/text.ts";

export { processRules };

/** Rules of `update --resources`. */
export const updateRules: readonly Rule<Resources>[] = resourceRules;

/** Every rule of config.json. */
export const rules: readonly Rule<Spec>[] = [
  ...versionRules,
  ...textRules,
  ...within("/process", (spec) => spec.process, processRules),
  ...namespaceRules,
  ...idMappingRules,
  ...mountRules,
  ...hookRules,
  ...networkDeviceRules,
  ...sysctlRules,
  ...cgroupRules,
  ...within("/linux/resources", (spec) => spec.linux?.resources, resourceRules),
  ...within("/linux/memoryPolicy", (spec) => spec.linux?.memoryPolicy, memoryPolicyRules),
  ...within("/linux/seccomp", (spec) => spec.linux?.seccomp, seccompRules),
  ...seccompListenerRules,
];
