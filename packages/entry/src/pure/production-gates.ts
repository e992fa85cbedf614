/**
 * What stands between an entry and production: each gate with its reason. Those that follow from the configuration keep it from starting
 * in production; those that change while it runs are told by its readiness.
 */
import type { Millis } from "@ropewalk/kernel/units";

export interface Gate {
  readonly name: string;
  /** warns: it is served, and would not be in production. */
  readonly state: "passes" | "warns" | "fails";
  readonly reason: string;
}

export interface ConfiguredFacts {
  readonly environment: "development" | "production";
  readonly database: "own" | "near" | "verified" | "unverified";
  readonly http: "tls" | "loopback" | "proxies";
  readonly adminKeys: "own" | "given";
  readonly tokenKeys: "own" | "given";
  readonly presharedSecret: "own" | "given";
  readonly nodes: "listening" | "off";
}

export function configuredGates(facts: ConfiguredFacts): readonly Gate[] {
  const gate = (name: string, isRight: boolean, right: string, wrong: string): Gate => {
    if (isRight) return { name, state: "passes", reason: right };
    return { name, state: facts.environment === "production" ? "fails" : "warns", reason: wrong };
  };
  return [
    gate(
      "database",
      facts.database === "near" || facts.database === "verified",
      "a server of its own, which other replicas can share",
      facts.database === "own"
        ? "entry runs its own database, which nobody else can share: give entry.database.url"
        : "the database's certificate is not verified: give sslmode=verify-full in entry.database.url",
    ),
    gate(
      "http",
      true,
      facts.http === "tls"
        ? "TLS of its own"
        : facts.http === "loopback"
          ? "plain on loopback, for a proxy of this machine"
          : "plain, and answers listed proxies alone",
      "",
    ),
    gate(
      "admin keys",
      facts.adminKeys === "given",
      "given, so that every replica has the same",
      "entry made one for itself alone: give entry.admin.keys",
    ),
    gate(
      "token keys",
      facts.tokenKeys === "given",
      "given, so that every replica has the same",
      "entry made one for itself alone: give entry.tokens.keys",
    ),
    gate(
      "preshared secret",
      facts.presharedSecret === "given",
      "given, so that every replica has the same",
      "entry made one for itself alone: give entry.preshared.secret",
    ),
    gate(
      "nodes",
      facts.nodes === "listening",
      "nodes reach it, by mutual TLS",
      "no node can tell of itself: give entry.nodes.listen, certificate, key and authorities",
    ),
  ];
}

export interface LiveFacts {
  /** Why it does not answer; undefined: it does. */
  readonly databaseFault: string | undefined;
  /** Age of each node's last heartbeat that is registered for sessions, open and healthy. */
  readonly heartbeatAges: readonly (Millis | undefined)[];
  readonly freshness: Millis;
}

export function liveGates({ databaseFault, heartbeatAges, freshness }: LiveFacts): readonly Gate[] {
  const fresh = heartbeatAges.filter((age) => age !== undefined && age <= freshness).length;
  return [
    {
      name: "database answers",
      state: databaseFault === undefined ? "passes" : "fails",
      reason: databaseFault ?? "it does, with the newest migration",
    },
    {
      name: "exits",
      state: fresh > 0 ? "passes" : "fails",
      reason:
        fresh > 0
          ? `${fresh} of ${heartbeatAges.length} that are open were heard of`
          : "no exit that is open was heard of: nobody can begin a session",
    },
  ];
}
