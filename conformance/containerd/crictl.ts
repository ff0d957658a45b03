/** crictl, built from the Go modules that crictl/go.mod names, once. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { find } from "../bench/runtimes.ts";
import { cacheDirectory } from "../rootfs.ts";

const MODULE = fileURLToPath(new URL("crictl/", import.meta.url));

/** The path of crictl, or the reason why there is none. */
export type Crictl = { readonly path: string } | { readonly missing: string };

/** Finds or builds it, which takes minutes and the Go module proxy the first time. */
export async function buildCrictl(): Promise<Crictl> {
  const go = find("go") ?? (existsSync("/usr/local/go/bin/go") ? "/usr/local/go/bin/go" : undefined);
  const version = createHash("sha256")
    .update(readFileSync(join(MODULE, "go.sum")))
    .digest("hex")
    .slice(0, 12);
  const path = join(await cacheDirectory(), `crictl-${version}`);
  if (existsSync(path)) return { path };
  if (go === undefined) return { missing: "crictl is built from Go modules, and go is not installed" };
  console.log("building crictl, once …");
  const target = "github.com/kubernetes-sigs/cri-tools/cmd/crictl";
  const flags = ["-trimpath", "-buildvcs=false", "-ldflags", "-s -w"];
  const built = await execa(go, ["build", ...flags, "-o", path, target], { cwd: MODULE, reject: false });
  return built.exitCode === 0 ? { path } : { missing: `crictl could not be built: ${built.stderr.split("\n").at(-1)}` };
}
