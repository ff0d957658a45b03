/** OCI images made of a root filesystem, for callers that take archives: nothing is pulled from anywhere. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";

/** The names of Go, which images use. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64", riscv64: "riscv64" };
const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface Image {
  /** With registry and tag: "docker.io/library/busybox:tsoci". */
  readonly name: string;
  readonly rootfs: string;
  readonly command: readonly string[];
}

/** Writes an archive with the layout of the OCI image specification 1.0, one layer, owned by root. */
export function writeImage(archive: string, { name, rootfs, command }: Image): void {
  const layout = mkdtempSync(join(tmpdir(), "tsoci-image-"));
  try {
    mkdirSync(join(layout, "blobs/sha256"), { recursive: true });
    const blob = (mediaType: string, content: Buffer) => {
      const hash = createHash("sha256").update(content).digest("hex");
      writeFileSync(join(layout, "blobs/sha256", hash), content);
      return { mediaType: `application/vnd.oci.image.${mediaType}`, digest: `sha256:${hash}`, size: content.length };
    };
    const json = (value: object) => Buffer.from(JSON.stringify(value));
    const platform = { architecture: ARCHITECTURES[process.arch] ?? process.arch, os: "linux" };
    const layer = blob("layer.v1.tar", pack(rootfs));
    const config = { Cmd: command, Env: [PATH] };
    const files = { type: "layers", diff_ids: [layer.digest] };
    const configuration = blob("config.v1+json", json({ ...platform, config, rootfs: files }));
    const manifest = blob("manifest.v1+json", json({ schemaVersion: 2, config: configuration, layers: [layer] }));
    const annotations = { "io.containerd.image.name": name, "org.opencontainers.image.ref.name": name };
    const index = { schemaVersion: 2, manifests: [{ ...manifest, platform, annotations }] };
    writeFileSync(join(layout, "index.json"), json(index));
    writeFileSync(join(layout, "oci-layout"), json({ imageLayoutVersion: "1.0.0" }));
    execaSync("tar", ["-C", layout, "-cf", archive, "."]);
  } finally {
    rmSync(layout, { recursive: true, force: true });
  }
}

function pack(directory: string): Buffer {
  const flags = ["--numeric-owner", "--owner=0", "--group=0", "--sort=name"];
  const { stdout } = execaSync("tar", ["-C", directory, ...flags, "-cf", "-", "."], { encoding: "buffer" });
  return Buffer.from(stdout);
}
