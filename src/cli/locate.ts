/**
 * Where an entry that failed stands in config.json. The executor reports failures by JSON Pointer, for nobody should pay
 * for line numbers while nothing fails; when something did, it asks with the same command line again.
 */
import { resolve } from "node:path";
import type { Plan } from "../plan/plan.ts";
import { positions } from "../spec/position.ts";
import { readText } from "../spec/read-json.ts";
import { parseArguments } from "./parse.ts";

/** `message` begins with a prefix and a JSON Pointer: "create failed: /mounts/3: …". */
export function locate([message = "", ...argv]: readonly string[]): Plan {
  const pointer = /(?:^|: )(\/[^: ]+)(?=: )/.exec(message)?.[1];
  const request = parseArguments(argv);
  let text = message;
  if (pointer !== undefined && "flags" in request && "config" in request.flags) {
    const { bundle, config } = request.flags;
    const position = positions(readText(resolve(bundle, config)))(pointer);
    if (position) text = `${message} (${config}:${position.line}:${position.column})`;
  }
  return {
    failure: "",
    failureStatus: 1,
    sections: { host: [{ op: "fail", from: "locate", message: text, status: 1 }] },
  };
}
