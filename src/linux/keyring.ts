/** The session keyring of a container (session-keyring(7)): the caller's keys are not the container's. */
import type { Operation } from "../plan/operations.ts";

const from = "--no-new-keyring";

/** KEY_POS_ALL, KEY_USR_VIEW, KEY_USR_READ, KEY_USR_LINK: what the kernel gives a new session keyring. */
const USUAL = 0x3f130000;
/** KEY_USR_SEARCH: `exec` finds the keyring by its name, as the same user. */
const SEARCH = 0x00080000;

function nameOf(id: string): string {
  return `_ses.${id}`;
}

/** init of a container: a new keyring. */
export function makeKeyring(id: string): Operation[] {
  return [{ op: "session_keyring", from, name: nameOf(id), permissions: USUAL | SEARCH }];
}

/** init of `exec`: the container's own. */
export function joinKeyring(id: string): Operation[] {
  return [{ op: "session_keyring", from, name: nameOf(id), permissions: 0 }];
}
