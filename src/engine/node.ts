/** The planner's entry on Node. */
import { main } from "../cli/main.ts";

void main();
