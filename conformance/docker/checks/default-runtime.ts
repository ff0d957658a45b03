/** dockerd --default-runtime: whatever does not name a runtime runs with it. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "../../harness/checks.ts";
import { type Docker, IMAGE } from "../caller.ts";
import { RUNTIME } from "../configuration.ts";

const DOCKERFILE = `
FROM ${IMAGE}
WORKDIR /made
RUN echo "by $(id -u)" >text && chown 1000 text
USER 1000
RUN echo more >>text
CMD ["cat", "text"]
`;

export const DEFAULT_RUNTIME: readonly Check<Docker>[] = [
  {
    name: "dockerd --default-runtime: run without a flag, and build",
    body: async (docker) => {
      const other = docker.another("default", [`--default-runtime=${RUNTIME}`]);
      await other.start();
      try {
        const directory = other.directory();
        writeFileSync(join(directory, "Dockerfile"), DOCKERFILE);
        await other.ok(["build", "--tag", "built", directory]);
        const name = other.unique();
        assert.equal(await other.ok(["run", "--name", name, "built"]), "by 0\nmore\n");
        assert.equal(await other.inspect(name, "{{.HostConfig.Runtime}}"), RUNTIME);
      } finally {
        await other.clean();
        await other.daemon.stop();
      }
    },
  },
];
