/**
 * Deprecates addresses and gives them back: how long each was preferred is written down before it is changed, so that no crash
 * forgets it. What the kernel or another program renewed meanwhile is its own, and stays.
 */
import { describeError } from "@ropewalk/kernel/errors";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { AddressLifetimes, Lifetime, LifetimeJournal, LivingAddress, OwnAddress } from "./address-lifetimes.ts";

export interface DeprecationOutcome {
  readonly address: OwnAddress;
  /** `given-up`: it is gone, was renewed, or would be deprecated by now in any case. */
  readonly result:
    | { readonly kind: "deprecated" | "restored" | "given-up" }
    | { readonly kind: "refused"; readonly detail: string };
}

export class DeprecationKeeper {
  readonly #lifetimes: Pick<AddressLifetimes, "read" | "prefer">;
  readonly #journal: LifetimeJournal;

  constructor(lifetimes: Pick<AddressLifetimes, "read" | "prefer">, journal: LifetimeJournal) {
    this.#lifetimes = lifetimes;
    this.#journal = journal;
  }

  /** Deprecates these, again when they were renewed, and gives back those that were wanted before and are not any more. */
  want(wanted: readonly OwnAddress[]): readonly DeprecationOutcome[] {
    const names = new Set(wanted.map(nameOf));
    return [
      ...this.#journal
        .all()
        .filter((before) => !names.has(nameOf(before)))
        .map((before) => attempted(before, () => this.#restore(before))),
      ...wanted.map((address) => attempted(address, () => this.#deprecate(address))),
    ].filter((outcome) => outcome !== undefined);
  }

  #deprecate(address: OwnAddress): DeprecationOutcome["result"] | undefined {
    const present = this.#lifetimes.read(address);
    if (present === undefined || isDeprecated(present)) return undefined;
    this.#journal.put(present);
    const fault = this.#lifetimes.prefer(address, millis(0));
    return fault === undefined ? { kind: "deprecated" } : { kind: "refused", detail: fault };
  }

  #restore(before: LivingAddress): DeprecationOutcome["result"] {
    const present = this.#lifetimes.read(before);
    const left = present === undefined || !isDeprecated(present) ? undefined : leftOf(before, present.valid);
    if (left === undefined || left === 0) {
      this.#journal.remove(before);
      return { kind: "given-up" };
    }
    const fault = this.#lifetimes.prefer(before, left);
    if (fault !== undefined) return { kind: "refused", detail: fault };
    this.#journal.remove(before);
    return { kind: "restored" };
  }
}

/**
 * What would be left of the preferred lifetime had nobody touched it. How long ago that was, its valid lifetime tells, which we
 * never change; where that has no end, nothing tells, and the preferred one begins anew.
 */
function leftOf(before: LivingAddress, valid: Lifetime): Lifetime {
  if (before.preferred === "forever" || valid === "forever") return before.preferred;
  const passed = before.valid === "forever" ? 0 : Math.max(0, before.valid - valid);
  return millis(Math.max(0, Math.min(before.preferred - passed, valid)));
}

function isDeprecated({ preferred }: LivingAddress): boolean {
  return preferred === (0 as Millis);
}

function nameOf({ ifindex, address }: OwnAddress): string {
  return `${ifindex} ${address}`;
}

function attempted(
  { ifindex, address }: OwnAddress,
  work: () => DeprecationOutcome["result"] | undefined,
): DeprecationOutcome | undefined {
  let result: DeprecationOutcome["result"] | undefined;
  try {
    result = work();
  } catch (error) {
    result = { kind: "refused", detail: describeError(error) };
  }
  return result === undefined ? undefined : { address: { ifindex, address }, result };
}
