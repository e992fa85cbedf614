/** What an end of the tunnel rests on and will run out, and what is to be said of it: each thing once, before it ends and again then. */
import type { CertificateFacts, CrlFacts } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import { type Lifetime, type Renewal, renewalOf } from "@ropewalk/crypto/certificates/pure/renewal";
import { newer } from "@ropewalk/crypto/certificates/pure/revocation";

/** What was in one file. */
export type CertificateFile =
  | { readonly kind: "own" | "authorities"; readonly path: string; readonly certificates: readonly CertificateFacts[] }
  | { readonly kind: "revocation-lists"; readonly path: string; readonly lists: readonly CrlFacts[] };

/** Kinds are named as the metrics' label has them. */
export type Expiring =
  | { readonly kind: "own" | "authority"; readonly path: string; readonly facts: CertificateFacts }
  | { readonly kind: "revocation_list"; readonly path: string; readonly facts: CrlFacts };

export type Stage = "not-yet-valid" | Renewal["kind"];

/** Each thing once, however many files hold it; of a CA's lists the newest, for it alone counts. */
export function expiringOf(files: readonly CertificateFile[]): readonly Expiring[] {
  const found = new Map<string, Expiring>();
  for (const file of files) {
    const all = file.kind === "revocation-lists" ? file.lists.map(listIn(file.path)) : certificatesIn(file);
    for (const each of all) {
      const key = each.kind === "revocation_list" ? listKey(each.facts) : each.facts.fingerprint;
      const before = found.get(key);
      if (before === undefined || isReplaced(before, each)) found.set(key, each);
    }
  }
  return [...found.values()];
}

type ListFound = Extract<Expiring, { readonly kind: "revocation_list" }>;
type FileOfCertificates = Exclude<CertificateFile, { readonly kind: "revocation-lists" }>;

function certificatesIn({ kind, path, certificates }: FileOfCertificates): readonly Expiring[] {
  // What follows an end's own certificate are CAs that lead to the one that is trusted.
  return certificates.map((facts, index) => ({
    kind: kind === "own" && index === 0 ? "own" : "authority",
    ...{ path, facts },
  }));
}

function listIn(path: string): (facts: CrlFacts) => ListFound {
  return (facts) => ({ kind: "revocation_list", path, facts });
}

function listKey({ issuer, authorityKeyIdentifier }: CrlFacts): string {
  return JSON.stringify([issuer, authorityKeyIdentifier]);
}

function isReplaced(before: Expiring, by: Expiring): boolean {
  if (before.kind !== "revocation_list" || by.kind !== "revocation_list") return false;
  return newer(before.facts, by.facts) === by.facts;
}

export function lifetimeOf({ facts }: Expiring): Lifetime {
  return facts.kind === "crl" ? { notBefore: facts.thisUpdate, notAfter: facts.nextUpdate } : facts;
}

/** As its certificate, or its list, names it: "CN=site a". */
export function holderOf({ facts }: Expiring): string {
  return facts.kind === "crl" ? facts.issuer : facts.subject;
}

/** How it stands at `now`, wall time. */
export function stageOf(expiring: Expiring, now: number): Stage {
  const lifetime = lifetimeOf(expiring);
  return now < lifetime.notBefore ? "not-yet-valid" : renewalOf(lifetime, now).kind;
}

export interface Notice {
  readonly expiring: Expiring;
  readonly stage: Exclude<Stage, "fresh">;
}

/** What was said; what is no longer there is forgotten. */
export type Said = ReadonlySet<string>;

export function noticesOf(
  all: readonly Expiring[],
  said: Said,
  now: number,
): { readonly notices: readonly Notice[]; readonly said: Said } {
  const notices: Notice[] = [];
  const still = new Set<string>();
  for (const expiring of all) {
    const of = (stage: Stage) => `${stage} ${expiring.facts.fingerprint}`;
    const stage = stageOf(expiring, now);
    if (stage !== "fresh" && !said.has(of(stage))) notices.push({ expiring, stage });
    const known = stages.filter((each) => said.has(of(each)) || each === stage);
    for (const each of known) still.add(of(each));
  }
  return { notices, said: still };
}

const stages: readonly Stage[] = ["not-yet-valid", "due", "expired"];
