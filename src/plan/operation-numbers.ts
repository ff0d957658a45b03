/** The numbers of the wire format that the executor's header has too. */
import { definitions } from "./operations.ts";

/** "TSOC" */
export const MAGIC = 0x434f5354;
/** The executor refuses a longer plan. */
export const LENGTH_LIMIT = 64 << 20;

/** In the order of the table, from 1. */
export const OPERATION_NUMBERS: ReadonlyMap<string, number> = new Map(
  Object.keys(definitions).map((name, index) => [name, index + 1]),
);
