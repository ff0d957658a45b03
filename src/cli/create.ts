/** `tsoci create` and `tsoci run`. */
import { planContainer } from "../linux/container.ts";
import type { Plan } from "../plan/plan.ts";
import { containerContext } from "./container-context.ts";
import type { RequestOf } from "./declaration.ts";
import type { Surroundings } from "./main.ts";

export function create(request: RequestOf<"create" | "run">, surroundings: Surroundings): Plan {
  return planContainer(containerContext(request, surroundings));
}
