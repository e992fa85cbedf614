/** What a node would change on its machine to send traffic as it decided: the document of `GET /v1/plan`, schema 1. */
import { z } from "zod";

export const planSchemaNumber = 1;

/** In the order in which they would be done. */
export interface PlanStepDocument {
  readonly action: "add" | "replace" | "remove" | "set";
  readonly of: "route" | "rule" | "setting" | "resolvers" | "address" | "marks" | "lease";
  /** What does the same in a shell: iproute2, sysctl, nft, resolvectl, udhcpc, or the file written anew. */
  readonly command: string;
}

export interface PlanDocument {
  readonly schema: typeof planSchemaNumber;
  readonly at: string;
  /** True: none of it is done. */
  readonly monitorOnly: boolean;
  readonly steps: readonly PlanStepDocument[];
}

const step: z.ZodType<PlanStepDocument> = z.object({
  action: z.enum(["add", "replace", "remove", "set"]),
  of: z.enum(["route", "rule", "setting", "resolvers", "address", "marks", "lease"]),
  command: z.string(),
});

export const planSchema: z.ZodType<PlanDocument> = z.object({
  schema: z.literal(planSchemaNumber),
  at: z.string(),
  monitorOnly: z.boolean(),
  steps: z.array(step),
});
