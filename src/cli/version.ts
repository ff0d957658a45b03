/** What `tsoci --version` prints. */
import packageJson from "../../package.json" with { type: "json" };
import { SPECIFICATION } from "../base/specification.ts";
import type { Plan } from "../plan/plan.ts";
import type { RequestOf } from "./declaration.ts";
import { printing } from "./printing.ts";

/** The build defines it (src/build/planner.ts); sources run as they are have none. */
declare const TSOCI_COMMIT: string | undefined;

export const VERSION: string = packageJson.version;
export const COMMIT: string = typeof TSOCI_COMMIT === "string" ? TSOCI_COMMIT : "unknown";

/**
 * The text in runc's form. containerd reads the lines by their beginnings; Docker takes what stands after "version" in
 * the last line that has the word, so no other line may contain it.
 */
export function versionText(): string {
  return `tsoci version ${VERSION}\ncommit: ${COMMIT}\nspec: ${SPECIFICATION}\n`;
}

/** `tsoci --version` */
export function version(_request: RequestOf<"version">): Plan {
  return printing(versionText(), "--version");
}
