/**
 * What Ropewalk says of itself, read from the lines of `ropewalk status --watch --json`: only what the demo shows, and of
 * traffic only that of IPv4.
 */

export type NodeWord =
  | { readonly kind: "picture" }
  /** `at` of these: CLOCK_MONOTONIC in nanoseconds, when Ropewalk saw it. */
  | {
      readonly kind: "uplink";
      readonly at: bigint;
      readonly name: string;
      readonly state: string;
      readonly reason: string;
    }
  | { readonly kind: "moved"; readonly at: bigint; readonly to: string; readonly cause: string }
  | { readonly kind: "ended"; readonly at: bigint; readonly evidence: readonly string[] };

interface UplinkText {
  readonly id: string;
  readonly name: string;
  readonly ipv4: { readonly state: string; readonly reason: { readonly text: string } };
}

interface SteeringText {
  readonly standing: string;
}

/** The fields of events that are read here; which of them are there depends on the kind. */
interface EventText {
  readonly kind: string;
  readonly seenAtMonotonicMs: number;
  readonly status: { readonly backhaul: { readonly uplinks: readonly UplinkText[]; readonly steering: SteeringText } };
  readonly uplink: UplinkText;
  readonly steering: SteeringText;
  readonly action: string;
  readonly family: string | null;
  readonly uplinkId: string | null;
  readonly cause: string;
  readonly evidence: readonly string[];
}

export class NodeStory {
  readonly #names = new Map<string, string>();
  readonly #states = new Map<string, string>();
  readonly #words: NodeWord[] = [];
  #standing = "unknown";

  /** Takes one line; undefined when nothing in it is told here. Throws SyntaxError when it is no JSON. */
  hear(line: string): NodeWord | undefined {
    const word = this.#read(JSON.parse(line) as EventText);
    if (word !== undefined) this.#words.push(word);
    return word;
  }

  /** True once Ropewalk moves traffic and calls these uplinks up. */
  isSteering(uplinks: readonly string[]): boolean {
    return this.#standing === "steering" && uplinks.every((name) => this.#states.get(name) === "up");
  }

  /** The first move to the uplink behind `since`. */
  moveTo(name: string, since: bigint): Extract<NodeWord, { kind: "moved" }> | undefined {
    return this.#words.filter((word) => word.kind === "moved").find(({ to, at }) => to === name && at > since);
  }

  /** The first thing it said of the uplink's state behind `since`. */
  verdictOn(uplink: string, since: bigint): Extract<NodeWord, { kind: "uplink" }> | undefined {
    return this.#words.filter((word) => word.kind === "uplink").find(({ name, at }) => name === uplink && at > since);
  }

  #read(event: EventText): NodeWord | undefined {
    switch (event.kind) {
      case "snapshot":
        this.#standing = event.status.backhaul.steering.standing;
        for (const uplink of event.status.backhaul.uplinks) this.#learn(uplink);
        return { kind: "picture" };
      case "uplink-added":
      case "uplink-changed":
        return this.#learn(event.uplink) ? uplinkWord(event.uplink, seenAt(event)) : undefined;
      case "steering":
        this.#standing = event.steering.standing;
        return this.#act(event);
      default:
        return undefined;
    }
  }

  /** True when its state is another one than before. */
  #learn({ id, name, ipv4 }: UplinkText): boolean {
    const before = this.#states.get(name);
    this.#names.set(id, name);
    this.#states.set(name, ipv4.state);
    return before !== ipv4.state;
  }

  #act(event: EventText): NodeWord | undefined {
    const { action, family, uplinkId, cause, evidence } = event;
    if (family !== "ipv4") return undefined;
    const at = seenAt(event);
    const name = this.#names.get(uplinkId ?? "") ?? "no uplink";
    if (action === "moved") return { kind: "moved", at, to: name, cause };
    return action === "ended-flows" ? { kind: "ended", at, evidence } : undefined;
  }
}

function uplinkWord({ name, ipv4 }: UplinkText, at: bigint): NodeWord {
  return { kind: "uplink", at, name, state: ipv4.state, reason: ipv4.reason.text };
}

function seenAt({ seenAtMonotonicMs }: EventText): bigint {
  return BigInt(Math.round(seenAtMonotonicMs * 1e6));
}
