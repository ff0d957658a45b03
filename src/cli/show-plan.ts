/** `tsoci plan` and `tsoci explain`: what `run` would do, without doing it. They need no root and touch nothing. */
import { planContainer } from "../linux/container.ts";
import type { Plan } from "../plan/plan.ts";
import { planJson, planText, shellText } from "../plan/show.ts";
import { containerContext } from "./container-context.ts";
import type { RequestOf } from "./declaration.ts";
import type { Surroundings } from "./main.ts";
import { printing } from "./printing.ts";

export function showPlan(request: RequestOf<"plan">, surroundings: Surroundings): Plan {
  const plan = planContainer(containerContext(request, surroundings));
  return printing(request.flags.format === "json" ? planJson(plan) : planText(plan), "plan");
}

export function explain(request: RequestOf<"explain">, surroundings: Surroundings): Plan {
  const plan = planContainer(containerContext(request, surroundings));
  return printing(request.flags.format === "json" ? planJson(plan) : shellText(plan), "explain");
}
