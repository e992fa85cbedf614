/** What those who run entry ask: whether it is well, and whether it is ready for production. */

import type { ReadinessDocument } from "@ropewalk/api/entry";
import { entryHealthSchema, readinessSchema } from "@ropewalk/api/entry-schema";
import type { HealthRegistry } from "@ropewalk/ops/health";
import type { Metrics } from "@ropewalk/ops/metrics";
import { ProblemError } from "../problem-error.ts";
import { type Route, readRoute } from "../route.ts";

export interface OperationRouteDeps {
  readonly health: Pick<HealthRegistry, "snapshot">;
  readonly readiness: () => Promise<ReadinessDocument>;
  readonly metrics: Pick<Metrics, "render">;
  /** The description of all routes, as JSON. */
  readonly description: () => Promise<string>;
}

export function operationRoutes({ health, readiness, metrics, description }: OperationRouteDeps): readonly Route[] {
  return [
    readRoute({
      ...{ operation: "health", method: "GET", path: "/healthz", policy: "public" },
      summary: "Whether entry is well enough to be left running",
      result: entryHealthSchema,
      problems: ["unavailable"],
      answer: async () => {
        const { state, ready } = health.snapshot();
        if (state === "unhealthy" || state === "draining") throw new ProblemError("unavailable", `entry is ${state}`);
        return { state, ready };
      },
    }),
    readRoute({
      ...{ operation: "ready", method: "GET", path: "/readyz", policy: "public" },
      summary: "Whether entry should be sent requests",
      result: entryHealthSchema,
      problems: ["unavailable"],
      answer: async () => {
        const { state, ready } = health.snapshot();
        if (!ready) throw new ProblemError("unavailable", `entry is not ready: it is ${state}`, { retryAfter: 1 });
        return { state, ready };
      },
    }),
    readRoute({
      ...{ operation: "readiness", method: "GET", path: "/v1/admin/readiness", policy: "admin" },
      summary: "Each gate before production, with its reason",
      result: readinessSchema,
      problems: [],
      answer: () => readiness(),
    }),
    {
      ...{ kind: "document", operation: "metrics", method: "GET", path: "/metrics", policy: "operations" },
      summary: "Metrics for Prometheus",
      problems: [],
      answer: () => metrics.render(),
    },
    {
      ...{ kind: "document", operation: "description", method: "GET", path: "/openapi.json", policy: "public" },
      summary: "This description",
      problems: [],
      answer: async () => ({ contentType: "application/json; charset=utf-8", body: await description() }),
    },
  ];
}
