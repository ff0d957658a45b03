/** `tsoci create` and `tsoci run`. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { TsociError } from "../base/errors.ts";
import { planContainer } from "../linux/container.ts";
import type { Plan } from "../plan/plan.ts";
import { containerContext } from "./container-context.ts";
import type { RequestOf } from "./declaration.ts";
import type { Surroundings } from "./main.ts";

export function create(request: RequestOf<"create" | "run">, surroundings: Surroundings): Plan {
  try {
    return planContainer(containerContext(request, surroundings));
  } catch (error) {
    // The cgroup of the container that has this id may be what stands in the way.
    const inTheWay = error instanceof TsociError && error.code === "state";
    if (inTheWay && existsSync(join(surroundings.root, request.args.id))) {
      throw new TsociError("state", "container with given ID already exists", { cause: error });
    }
    throw error;
  }
}
