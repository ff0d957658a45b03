/** The form of environment variables, for the process and for hooks (IEEE Std 1003.1-2008, environ). */
import { pointer } from "../../base/pointer.ts";
import type { Report } from "../rule.ts";

/** Reports every entry of an `env` that is not NAME=value. `at` is the pointer of the array. */
export function checkEnvironment(env: readonly string[] | undefined, at: string, report: Report): void {
  env?.forEach((variable, index) => {
    const separator = variable.indexOf("=");
    if (separator > 0) return;
    const why = separator === 0 ? "the name is empty" : 'there is no "="';
    report(pointer(at, index), `invalid environment variable: ${why} in ${JSON.stringify(variable)}`);
  });
}
