/** Makes whom this machine asks for names follow its traffic: the list is changed before the routes are. */
import type { LinkDnsOutcome } from "../io/resolved-link-dns.ts";
import type { FollowOutcome, ResolverFollower } from "../io/resolver-follower.ts";
import { isEqual } from "../pure/equal.ts";
import type { Picture } from "../pure/picture.ts";
import { planResolvers, type ResolverPlan } from "../pure/resolver-plan.ts";
import type { SteeringAct } from "../steering-event.ts";
import { event } from "./accounts.ts";

export class Names {
  readonly #follower: ResolverFollower;
  #plan: ResolverPlan | undefined;
  #fault: string | undefined;

  constructor(follower: ResolverFollower) {
    this.#follower = follower;
  }

  /** Why names do not follow; undefined while they do, or need not. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Quick, for routes wait for it. What was done, to be told later. */
  follow({ uplinks, decisions }: Picture): readonly SteeringAct[] {
    const plan = planResolvers(uplinks, decisions);
    if (isEqual(plan, this.#plan)) return [];
    this.#plan = plan;
    return this.#account(this.#follower.follow(plan));
  }

  /** What systemd-resolved answered, which comes later than what it was told. */
  heard(outcome: LinkDnsOutcome): readonly SteeringAct[] {
    this.#fault = outcome.kind === "refused" ? outcome.detail : undefined;
    switch (outcome.kind) {
      case "told":
        return [changed(`systemd-resolved asks the servers of ${outcome.asked.join(", ")}`)];
      case "reverted":
        return [changed(`systemd-resolved has again what it had of ${outcome.links.join(", ")}`)];
      case "refused":
        return [refused([outcome.detail])];
    }
  }

  /** What could not be given back; nothing is followed any more. */
  async restore(): Promise<{ readonly events: readonly SteeringAct[]; readonly isClean: boolean }> {
    this.#plan = undefined;
    const outcomes = await this.#follower.restore();
    const left = outcomes.flatMap(({ what, result }) =>
      result.kind === "refused" ? [`${what}: ${result.detail}`] : [],
    );
    return { events: left.length === 0 ? [] : [refused(left)], isClean: left.length === 0 };
  }

  #account(outcome: FollowOutcome): readonly SteeringAct[] {
    this.#fault = outcome.kind === "refused" ? outcome.detail : undefined;
    switch (outcome.kind) {
      case "unchanged":
      case "sent":
      // Whose it is, `doctor` says.
      case "left":
        return [];
      case "written":
        return [changed(`resolv.conf names ${outcome.servers.join(", ")}`)];
      case "put-back":
        return [changed("resolv.conf is as it was, for the servers in it were another uplink's")];
      case "adopted":
        return [changed("somebody else wrote resolv.conf, and it stays as he wrote it until another uplink is used")];
      case "refused":
        return [refused([outcome.detail])];
    }
  }
}

function changed(text: string): SteeringAct {
  return event("changed", null, null, "names are asked of the uplink in use", [text]);
}

function refused(details: readonly string[]): SteeringAct {
  return event("refused", null, null, "the list of resolvers could not be changed", details);
}
