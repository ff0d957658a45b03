/** The planner's entry on QuickJS: src/engine/main.c calls `plan` when the program is started. */
import "./globals.ts";
import { main } from "../cli/main.ts";

Object.assign(globalThis, { plan: main });
