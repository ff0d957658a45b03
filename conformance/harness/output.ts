import { type Box, type Config, script } from "../harness.ts";

/** What a script prints in a container with this process. */
export async function output(box: Box, text: string, process: Config = {}, change: Config = {}): Promise<string> {
  const { code, stdout, stderr } = await box.container(script(text, { process, ...change })).run();
  return code === 0 && stderr === "" ? stdout : `exit ${code}: ${stdout}${stderr}`;
}
