/** Who has the wheel of a node, how it is taken and given back, and what was done to the machine's traffic. */
import { z } from "zod";

/** `watching` and `dry-run` by configuration; `waiting` for `ropewalk uplink take`; `trial` until somebody confirms. */
export type StandingName = "watching" | "dry-run" | "waiting" | "trial" | "steering";

export interface SteeringDocument {
  readonly standing: StandingName;
  /** One sentence for people: what it means, and what changes it. */
  readonly text: string;
  /** When everything is given back unless somebody confirms; null when nothing waits for that. ISO 8601. */
  readonly confirmBy: string | null;
  /** What is wanted of the kernel and is not so. */
  readonly unmet: readonly string[];
}

export function isMovingTraffic({ standing }: SteeringDocument): boolean {
  return standing === "trial" || standing === "steering";
}

/** The words after `routes.steering`, each a POST over the Unix socket. */
export const steeringVerbs = ["take", "confirm", "purge"] as const;
export type SteeringVerb = (typeof steeringVerbs)[number];

/** The words after `routes.uplink` and an uplink's id, or after `routes.uplink` alone to release all; each a POST. */
export const orderVerbs = ["use", "pin", "drain", "release"] as const;
export type OrderVerb = (typeof orderVerbs)[number];

const actions = [
  "taken",
  "confirmed",
  "given-back",
  "moved",
  "changed",
  "ended-flows",
  "drained",
  "repaired",
  "put-off",
  "refused",
] as const;

/** One thing that was done, with its cause, and the state of the wheel behind it. */
export interface SteeringActDocument {
  readonly action: (typeof actions)[number];
  readonly family: "ipv4" | "ipv6" | null;
  readonly uplinkId: string | null;
  readonly cause: string;
  /** The commands that would have done the same, and what came of them. */
  readonly evidence: readonly string[];
  readonly steering: SteeringDocument;
}

export const steeringSchema: z.ZodType<SteeringDocument> = z.object({
  standing: z.enum(["watching", "dry-run", "waiting", "trial", "steering"]),
  text: z.string(),
  confirmBy: z.string().nullable(),
  unmet: z.array(z.string()),
});

export const steeringActFields: { readonly [Key in keyof SteeringActDocument]: z.ZodType<SteeringActDocument[Key]> } = {
  action: z.enum(actions),
  family: z.enum(["ipv4", "ipv6"]).nullable(),
  uplinkId: z.string().nullable(),
  cause: z.string(),
  evidence: z.array(z.string()),
  steering: steeringSchema,
};
