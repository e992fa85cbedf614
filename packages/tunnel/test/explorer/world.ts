/**
 * A world that the explorer goes through: who talks to whom over which TLS connections, what of it the attacker holds, and what is
 * then lost. Whatever a world does not say is lost must hold.
 */
import type { Mode, Role } from "@ropewalk/tunnel/pure/handshake/message";

/** Alice and Bob are honest; Mallory is the attacker, with a certificate that is as good as theirs. */
export type Name = "alice" | "bob" | "mallory";

/** One end of one handshake, always an honest one. */
export interface EndPlan {
  readonly name: string;
  readonly role: Role;
  readonly owner: Name;
  /** Whose certificate TLS proved. */
  readonly peer: Name;
  readonly mode: Mode;
  readonly capabilities: number;
  /** Whose public KEM key it kept as the peer's. */
  readonly keptKey: Name | undefined;
  /** Ends with the same exporter have the same TLS connection, as far as TLS can tell. */
  readonly exporter: string;
  readonly wire: Wire;
}

export type Wire =
  /** TLS holds: the attacker may delay, cut, and do nothing else between this end and the one named. */
  | { readonly kind: "sealed"; readonly other: string }
  /** The attacker ended the connection, or broke its key exchange: it has the exporter, and sends what it likes. */
  | { readonly kind: "open" };

export interface World {
  readonly title: string;
  readonly ends: readonly EndPlan[];
  /** Whose secret KEM keys the attacker has while all this goes on; it has its own besides. */
  readonly stolen: readonly Name[];
  /** What it gets when all is over: secret KEM keys, and the exporters of connections that held. */
  readonly afterwards: { readonly stolen: readonly Name[]; readonly exporters: "hold" | "broken" };
  /** Whose KEM key Mallory had put into its certificate. */
  readonly malloryPins: Name;
  /** Connections that TLS resumed from another's secrets. */
  readonly resumed: Readonly<Record<string, string>>;
  /** How inventive the attacker is about what nobody sent: see `attacker.ts`. */
  readonly wits: "relay" | "lean" | "full";
  /** Whether an end's KEM answers before anything else happens to it, or at any time after. */
  readonly kem: "at once" | "at any time";
  /** "PROPERTY: END", each of which must be found violated. */
  readonly breaks: readonly string[];
  /** Which ends come to a session in some run. */
  readonly concludes: readonly string[];
}

/** Nothing stolen, nothing lost. */
export function world(title: string, ends: readonly EndPlan[], change: Partial<World> = {}): World {
  return {
    ...{ title, ends, stolen: [], afterwards: { stolen: ["alice", "bob"], exporters: "hold" } },
    ...{ malloryPins: "mallory", resumed: {}, wits: "lean", kem: "at once", breaks: [] },
    concludes: ends.map(({ name }) => name),
    ...change,
  };
}

type EndChange = Partial<Omit<EndPlan, "wire">>;

/** An end with Mallory, or who plays the peer, at the other side of its connection. */
export function lone(name: string, role: Role, owner: Name, peer: Name, change: EndChange = {}): EndPlan {
  return {
    ...{ name, role, owner, peer, mode: "hybrid", capabilities: 7, keptKey: peer, exporter: `of ${name}` },
    ...change,
    wire: { kind: "open" },
  };
}

/** `sNAME` and `dNAME`: Alice's source and Bob's destination, joined by a connection whose key exchange holds or not. */
export function joint(
  name: string,
  wire: Wire["kind"],
  both: EndChange = {},
  one: { readonly source?: EndChange; readonly destination?: EndChange } = {},
): readonly EndPlan[] {
  const exporter = `of ${name}`;
  const source = lone(`s${name}`, "source", "alice", "bob", { exporter, ...both, ...one.source });
  const destination = lone(`d${name}`, "destination", "bob", "alice", { exporter, ...both, ...one.destination });
  if (wire === "open") return [source, destination];
  return [
    { ...source, wire: { kind: "sealed", other: destination.name } },
    { ...destination, wire: { kind: "sealed", other: source.name } },
  ];
}

/** Whose secret key opens what is encapsulated for the key in `name`'s certificate. */
export function keyOwner({ malloryPins }: World, name: Name): Name {
  return name === "mallory" ? malloryPins : name;
}

/** Whether an end was promised something, for its peer is honest and not all that keeps the two is lost. */
export function isGuarded({ stolen }: World, { mode, peer, wire }: EndPlan): boolean {
  if (peer === "mallory") return false;
  return wire.kind === "sealed" || (mode === "hybrid" && !stolen.includes(peer));
}

/** Whether a session that was guarded stays secret when everything that `afterwards` tells has come out. */
export function isGuardedForever(plan: World, end: EndPlan): boolean {
  if (!isGuarded(plan, end)) return false;
  const lost = [...plan.stolen, ...plan.afterwards.stolen];
  const isExporterLost = end.wire.kind === "open" || plan.afterwards.exporters === "broken";
  return !isExporterLost || (end.mode === "hybrid" && !(lost.includes(end.peer) && lost.includes(end.owner)));
}

export type Time = "meanwhile" | "afterwards";

/** What the attacker holds by itself, of the secrets that were drawn. */
export function holding(plan: World, time: Time): (secret: string) => boolean {
  const { stolen, afterwards, ends } = plan;
  const keys = new Set<string>(["mallory", "nobody", ...stolen, ...(time === "afterwards" ? afterwards.stolen : [])]);
  const exporters = new Set(
    ends
      .filter(({ wire }) => wire.kind === "open" || (time === "afterwards" && afterwards.exporters === "broken"))
      .map(({ exporter }) => exporter),
  );
  return (secret) => {
    const [kind, whose = ""] = secret.split(" ", 2);
    if (kind === "kem") return keys.has(whose);
    return kind === "exporter" ? exporters.has(secret.slice("exporter ".length)) : kind === "mallory's";
  };
}
