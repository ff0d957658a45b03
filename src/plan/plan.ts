/** A plan: everything that a command will do to the machine, in order. */
import type { Operation, Section } from "./operations.ts";

export interface Plan {
  /** Stands before the message of an operation that fails: "create failed". "" for none. */
  readonly failure: string;
  /** The exit status of tsoci when an operation fails. */
  readonly failureStatus: number;
  readonly sections: { readonly [S in Section]?: readonly Operation[] };
  /** The plan of the commands that come after `create`; it travels inside a `store` operation, and stands here for readers only. */
  readonly later?: Plan;
}
