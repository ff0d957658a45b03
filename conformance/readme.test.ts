/** Every command that the README shows does what it says. */
import { readFileSync } from "node:fs";
import { baseConfig, e2e, merge, succeeded } from "./harness.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The indented lines, without comments. */
const commands = readme
  .split("\n")
  .filter((line) => line.startsWith("    "))
  .map((line) => line.replace(/\s+#.*$/, "").trim());

/** Commands that other tests, or CI itself, run: installing, building, and everything. */
const ELSEWHERE = ["npm ci && npm run hello", "npm ci && npm test", "npm run build"];

e2e(
  "the commands of the README",
  async (t, box) => {
    const container = box.container(merge(baseConfig(), { process: { args: ["/bin/sleep", "60"] } }));
    const own = commands.filter((command) => !ELSEWHERE.includes(command));
    t.ok(own.length >= 10, "the README shows commands");
    for (const command of own) {
      // The box only knows of its own containers; the README calls its one demo.
      const words = command.replaceAll("/path/to/bundle", container.bundle).replace(/\bdemo\b/, container.id);
      const [program, ...args] = words.split(" ");
      t.equal(program, "bin/tsoci", command);
      // The example of `spec` is for a bundle without a configuration; `run` returns when its program has ended.
      if (args[0] === "spec") args[2] = box.path("out");
      if (args[0] === "run") args.splice(1, 0, "--detach");
      succeeded(t, await box.tsoci(args), command);
      if (args[0] === "run") succeeded(t, await container.delete(["--force"]), "make room for the next example");
      if (args[0] === "kill") await container.waitFor("stopped");
    }
  },
  { once: true },
);
