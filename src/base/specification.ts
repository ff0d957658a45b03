/** The newest version of the OCI runtime specification that is implemented; states and features carry it. */
export const SPECIFICATION = "1.3.0";
