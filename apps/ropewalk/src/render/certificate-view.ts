/** Certificates, requests and revocation lists as people and as programs read them. */
import type {
  CertificateFacts,
  CrlFacts,
  ReadNames,
  RequestFacts,
} from "@ropewalk/crypto/certificates/pure/certificate-facts";
import { renewalOf } from "@ropewalk/crypto/certificates/pure/renewal";
import { shownTime } from "@ropewalk/crypto/certificates/pure/verification";

export type ShownFacts = CertificateFacts | CrlFacts | RequestFacts;
type Row = readonly [string, string];

/** Rows of name and value; `now` is wall time. */
export function factsRows(facts: ShownFacts, now: number): readonly Row[] {
  switch (facts.kind) {
    case "certificate":
      return certificateRows(facts, now);
    case "request":
      return [
        ["request of", facts.subject],
        ["key", `${facts.keyAlgorithm}, and the request is signed by it`],
        ["asks for", namesText(facts.names)],
        ...pinRows(facts.kemPin),
        ["fingerprint", `sha256 ${facts.fingerprint}`],
      ];
    case "crl":
      return crlRows(facts, now);
  }
}

function certificateRows(facts: CertificateFacts, now: number): readonly Row[] {
  return [
    ["certificate of", facts.subject],
    ["issued by", facts.issuer],
    ["serial", facts.serial],
    ["good", `from ${shownTime(facts.notBefore)} until ${shownTime(facts.notAfter)}${renewalText(facts, now)}`],
    ["for", purposeText(facts)],
    ["known by", namesText(facts.names)],
    ...pinRows(facts.kemPin),
    ["key", `${facts.keyAlgorithm}; signed with ${facts.signatureAlgorithm}`],
    ["fingerprint", `sha256 ${facts.fingerprint}`],
  ];
}

function crlRows(facts: CrlFacts, now: number): readonly Row[] {
  const ended = now > facts.nextUpdate ? ", and has ENDED: it refuses everybody" : "";
  const revoked = facts.revoked.map(({ serial, at }): Row => ["", `${serial}, revoked ${shownTime(at)}`]);
  return [
    ["revocations of", facts.issuer],
    ["number", facts.number?.toString() ?? "none"],
    ["good", `from ${shownTime(facts.thisUpdate)} until ${shownTime(facts.nextUpdate)}${ended}`],
    [
      "revoked",
      revoked.length === 0 ? "nothing" : revoked.length === 1 ? "1 certificate" : `${revoked.length} certificates`,
    ],
    ...revoked,
    ["signed with", facts.signatureAlgorithm],
    ["fingerprint", `sha256 ${facts.fingerprint}`],
  ];
}

function renewalText(facts: CertificateFacts, now: number): string {
  const { kind, dueAt } = renewalOf(facts, now);
  switch (kind) {
    case "fresh":
      return `; renew by ${shownTime(dueAt)}`;
    case "due":
      return "; renew it NOW";
    case "expired":
      return "; it has EXPIRED";
  }
}

function purposeText({ isCa, pathLength, extendedKeyUsages }: CertificateFacts): string {
  if (!isCa) return extendedKeyUsages?.map(purposeName).join(", ") ?? "nothing in particular";
  if (pathLength === undefined) return "issuing (CA), any number of CAs below it";
  return `issuing (CA), ${pathLength === 0 ? "no CA" : `at most ${pathLength} CA${pathLength === 1 ? "" : "s"}`} below it`;
}

function purposeName(usage: string): string {
  if (usage === "serverAuth") return "server";
  return usage === "clientAuth" ? "client" : usage;
}

function namesText({ dns, ip, uri, email }: ReadNames): string {
  const pins = /^urn:ropewalk:kem:mceliece460896:sha384:[0-9a-f]{96}$/;
  const all = [...dns, ...ip, ...uri.filter((name) => !pins.test(name)), ...email];
  return all.length === 0 ? "nothing" : all.join(", ");
}

function pinRows(pin: Uint8Array | undefined): readonly Row[] {
  return pin === undefined ? [] : [["McEliece key", `sha384 ${pin.toHex()}`]];
}

/** What `--json` prints: times in ISO 8601, octets in hexadecimal, what is absent as null. */
export function factsDocument(facts: ShownFacts): Readonly<Record<string, unknown>> {
  const { der: _der, ...shown } = facts;
  const entries = Object.entries(shown).map(([key, value]) => [key, documentValue(key, value)] as const);
  const renewBy = facts.kind === "certificate" ? { renewBy: shownTime(renewalOf(facts, facts.notBefore).dueAt) } : {};
  return { ...Object.fromEntries(entries), ...renewBy };
}

const times: readonly string[] = ["notBefore", "notAfter", "thisUpdate", "nextUpdate", "at"];

function documentValue(key: string, value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return value.toHex();
  if (typeof value === "number" && times.includes(key)) return shownTime(value);
  if (key === "revoked" && Array.isArray(value))
    return value.map(({ serial, at }: CrlFacts["revoked"][number]) => ({ serial, at: shownTime(at) }));
  return value;
}
