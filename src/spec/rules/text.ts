/** Rules about single strings, wherever they stand. */
import { pointer } from "../../base/pointer.ts";
import type { Spec } from "../generated/config.ts";
import type { Report, Rule } from "../rule.ts";

export const versionRules: readonly Rule<Spec>[] = [
  {
    name: "version",
    section: "config.md, Specification version",
    reads: ["/ociVersion"],
    check({ ociVersion }, report) {
      // Versions keep compatibility within a major one only; 0.x was before the specification was finished.
      if (!ociVersion.startsWith("1.")) {
        report("/ociVersion", `version ${ociVersion} is not supported: tsoci follows version 1 of the specification`);
      }
    },
  },
];

export const textRules: readonly Rule<Spec>[] = [
  {
    name: "no-nul",
    section: "config.md, Valid values: every string ends up in the kernel, where NUL ends it",
    // It walks over whatever is there.
    reads: [],
    check(spec, report, { text }) {
      // JSON can only write a NUL like this.
      if (text.includes("\\u0000")) reportNul(spec, "", report);
    },
  },
  {
    name: "one-line",
    section: "config.md, Valid values: the kernel and systemd read these line by line",
    reads: ["/hostname", "/domainname", "/process", "/linux/cgroupsPath", "/linux/mountLabel"],
    check({ hostname, domainname, process, linux }, report) {
      const lines: Readonly<Record<string, string | undefined>> = {
        "/hostname": hostname,
        "/domainname": domainname,
        "/process/apparmorProfile": process?.apparmorProfile,
        "/process/selinuxLabel": process?.selinuxLabel,
        "/linux/cgroupsPath": linux?.cgroupsPath,
        "/linux/mountLabel": linux?.mountLabel,
      };
      for (const [at, line] of Object.entries(lines)) {
        if (line !== undefined && /[\n\r]/.test(line)) report(at, "must not contain a line break");
      }
    },
  },
];

/** Recursive: the nesting has been bounded by `normalise`. */
function reportNul(value: unknown, at: string, report: Report): void {
  if (typeof value === "string" && value.includes("\0")) report(at, "must not contain a NUL character");
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    const place = pointer(at, key);
    if (key.includes("\0")) report(place, "the name must not contain a NUL character");
    reportNul(child, place, report);
  }
}
