/** Uplinks at one moment after another, made by chance, for the properties of the choice. */
import type { Candidate } from "@ropewalk/backhaul/pure/candidate";
import { kindBias } from "@ropewalk/backhaul/pure/kind-bias";
import { reasonCodes, type UplinkKind, type UplinkReasonCode } from "@ropewalk/backhaul/status";
import fc from "fast-check";
import { as, candidate, score } from "./choice-fixture.ts";

const unusableCodes = ["disabled", "no-carrier", "dormant", "no-address", "no-route"];
const codes: fc.Arbitrary<UplinkReasonCode> = fc.oneof(
  fc.constantFrom("healthy", "loss", "mtu"),
  fc.constantFrom(...Object.values(reasonCodes).flat()),
);
export const measured = fc.record({ code: codes, total: fc.option(fc.integer({ min: 700, max: 1_000 })) });

export const traits = fc.record({
  kind: fc.constantFrom(...(Object.keys(kindBias) as UplinkKind[])),
  metered: fc.constantFrom(true, false, null),
  metric: fc.option(fc.nat({ max: 3 })),
});

export type History = readonly { readonly passed: number; readonly candidates: readonly Candidate[] }[];

/** The same few uplinks at one moment after another. One of which nothing is seen is not there; often all is as it was before. */
export const histories: fc.Arbitrary<History> = fc
  .integer({ min: 1, max: 4 })
  .chain((count) => {
    const seen = fc.array(fc.option(measured, { freq: 8 }), { minLength: count, maxLength: count });
    const moment = fc.record({ passed: fc.oneof(fc.nat(3_000), fc.nat(70_000)), seen: fc.option(seen, { freq: 2 }) });
    return fc.tuple(
      fc.array(traits, { minLength: count, maxLength: count }),
      fc.array(moment, { minLength: 1, maxLength: 25, size: "max" }),
    );
  })
  .map(([fixed, moments]) => {
    let candidates: readonly Candidate[] = [];
    return moments.map(({ passed, seen }) => {
      if (seen !== null) {
        candidates = seen.flatMap((one, index) => (one === null ? [] : [made(index, fixed[index] as Traits, one)]));
      }
      return { passed, candidates };
    });
  });

type Traits = Pick<Candidate, "kind" | "metered" | "metric">;

export function made(
  index: number,
  fixed: Traits,
  { code, total }: { readonly code: UplinkReasonCode; readonly total: number | null },
): Candidate {
  const isUsable = !unusableCodes.includes(code);
  return candidate(`w${index}`, { ...fixed, ...as(code), isUsable, score: total === null ? null : score(total) });
}
