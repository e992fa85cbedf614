/** Has a lease got for every link that was given to Ropewalk, and tells what came of it. */
import type { GivenLink, LeaseClients, LeaseOutcome } from "@ropewalk/host/leases";
import type { SteeringAct } from "../steering-event.ts";
import { event } from "./accounts.ts";

export class Leases {
  readonly #clients: LeaseClients | undefined;
  #given: readonly GivenLink[] = [];

  constructor(clients: LeaseClients | undefined) {
    this.#clients = clients;
  }

  /** What is wanted and is not so. */
  get unmet(): readonly string[] {
    if (this.#clients !== undefined) return this.#clients.unmet;
    return this.#given.map(({ name }) => `${name} is not leased: what is leased could not be kept`);
  }

  /** Quick: what takes time is told later. */
  follow(given: readonly GivenLink[]): void {
    this.#given = given;
    this.#clients?.want(given);
  }

  /** Gives up every lease; the routes must still be there, for the servers are told by them. */
  async purge(): Promise<{ readonly events: readonly SteeringAct[]; readonly isClean: boolean }> {
    const outcomes = (await this.#clients?.purge()) ?? [];
    const isClean = outcomes.every(({ kind }) => kind === "given-back");
    return { events: outcomes.map(leaseEvent), isClean };
  }
}

export function leaseEvent(outcome: LeaseOutcome): SteeringAct {
  const { name } = outcome;
  switch (outcome.kind) {
    case "asking":
      return event("changed", null, null, `${name} was given to Ropewalk`, [`udhcpc asks for an address of ${name}`]);
    case "refused":
      return event("refused", null, null, `${name} was given to Ropewalk, and gets no lease`, [outcome.detail]);
    case "given-back":
      return event("changed", null, null, `${name} is nobody's again`, [`the lease of ${name} was given up`]);
    case "left":
      return event("refused", null, null, `the lease of ${name} could not be given up`, [outcome.detail]);
  }
}
