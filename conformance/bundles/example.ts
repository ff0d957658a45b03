/** The examples in bundles/, as containers of end-to-end tests: their own directories, with changes to config.json. */
import { writeFileSync } from "node:fs";
import { type Box, type Config, Container, type Invocation, merge, type Outcome } from "../harness.ts";
import { prepareExample, readExample } from "../rootfs.ts";

export class Example extends Container {
  /** A config.json beside the bundle, for the bundle is shared with others. */
  readonly #config: string;

  constructor(box: Box, bundle: string, config: Config) {
    super(box, `${box.tag}-${box.containers.length}`, bundle);
    this.#config = box.path(`${this.id}.json`);
    writeFileSync(this.#config, JSON.stringify(config));
    box.containers.push(this);
  }

  override create(flags: readonly string[] = [], options?: Invocation): Promise<Outcome> {
    return super.create(["--config", this.#config, ...flags], options);
  }

  override run(flags: readonly string[] = [], options?: Invocation): Promise<Outcome> {
    return super.run(["--config", this.#config, ...flags], options);
  }
}

/** The example with this name, changed, and with the test's mark in its environment. */
export async function example(box: Box, name: string, change: Config = {}): Promise<Example> {
  const bundle = await prepareExample(name);
  const config = merge((await readExample(name)) as unknown as Config, change);
  const env = (config.process as { readonly env: readonly string[] }).env;
  return new Example(box, bundle, merge(config, { process: { env: [...env, box.mark] } }));
}

/** The example runs another script. */
export function running(script: string): Config {
  return { process: { args: ["sh", "-c", script] } };
}
