/** Waiting on slow machines, such as emulated ones: every limit of time in the tests is multiplied by this. */

/** The setting TSOCI_E2E_PATIENCE, 1 without it. */
export const PATIENCE = Number(process.env.TSOCI_E2E_PATIENCE || 1);
if (!(PATIENCE >= 1))
  throw new Error(`TSOCI_E2E_PATIENCE is not a number from 1 on: ${process.env.TSOCI_E2E_PATIENCE}`);

/** So many milliseconds on an ordinary machine. */
export const patiently = (milliseconds: number): number => milliseconds * PATIENCE;
