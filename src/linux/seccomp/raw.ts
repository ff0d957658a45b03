/** A filter that somebody else compiled, as base64 of an array of struct sock_filter in the machine's byte order. */
import { decodeBase64 } from "../../base/base64.ts";
import { TsociError } from "../../base/errors.ts";
import { ACTIONS, MAX_INSTRUCTIONS } from "../../kernel/seccomp.ts";

const INSTRUCTION = 8;
/** BPF_RET | BPF_K */
const RETURN = 0x06;
/** SECCOMP_RET_ACTION_FULL */
const ACTION = 0xffff_0000;

/** Refuses what can't be a program; the kernel checks the rest. `at`: the entry of config.json. */
export function decodeProgram(data: string, at: string): Uint8Array {
  const program = decodeBase64(data);
  if (program === undefined) throw new TsociError("config", "must be base64", { pointer: at });
  const length = program.length / INSTRUCTION;
  if (Number.isInteger(length) && length > 0 && length <= MAX_INSTRUCTIONS) return program;
  const message = `must be 1 to ${MAX_INSTRUCTIONS} instructions of ${INSTRUCTION} bytes each, not ${program.length} bytes`;
  throw new TsociError("config", message, { pointer: at });
}

/** Whether some instruction returns SECCOMP_RET_USER_NOTIF. */
export function notifies(program: Uint8Array): boolean {
  const halves = new Uint16Array(program.slice().buffer);
  const words = new Uint32Array(halves.buffer);
  for (let at = 0; at < words.length; at += 2) {
    const value = (words[at + 1] ?? 0) & ACTION;
    if (halves[2 * at] === RETURN && value >>> 0 === ACTIONS.SCMP_ACT_NOTIFY.value) return true;
  }
  return false;
}
