/** What the tunnel, an exit and entry rest on: until when it is good, and what to type for the next. */
import type { CertificateFacts } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import { kemPinPrefix } from "@ropewalk/crypto/certificates/pure/kem-pin";
import { renewalDue } from "@ropewalk/crypto/certificates/pure/renewal";
import { shownTime } from "@ropewalk/crypto/certificates/pure/verification";
import type { TunnelConfig } from "@ropewalk/tunnel/config";
import type { FileReading, UnreadFile } from "@ropewalk/tunnel/io/certificate-files";
import {
  type CertificateFile,
  type Expiring,
  expiringOf,
  holderOf,
  lifetimeOf,
  stageOf,
} from "@ropewalk/tunnel/pure/expiring";
import { type Finding, good, lack } from "./finding.ts";

type OwnFiles = Pick<TunnelConfig, "key" | "kemKey">;

/** Who shows the certificates, and where they are named. */
export interface CertificateUser {
  readonly name: "the tunnel" | "the exit" | "entry";
  /** Of the configuration. */
  readonly table: string;
}

const theTunnel: CertificateUser = { name: "the tunnel", table: "[tunnel]" };

const names: Readonly<Record<Expiring["kind"], string>> = {
  own: "own certificate",
  authority: "CA",
  revocation_list: "revocation list",
};
/** What is lost once it has ended. */
const costs: Readonly<Record<Expiring["kind"], string>> = {
  own: "the other ends refuse this one",
  authority: "whoever it vouches for is refused",
  revocation_list: "whoever its CA vouches for is refused",
};

/** Nothing where no certificate is configured. `now` is wall time. */
export function certificateFindings(
  files: readonly FileReading[],
  own: OwnFiles,
  now: number,
  user: CertificateUser = theTunnel,
): readonly Finding[] {
  const isRead = (file: FileReading): file is CertificateFile => file.kind !== "unread";
  const isUnread = (file: FileReading): file is UnreadFile => file.kind === "unread";
  return [
    ...expiringOf(files.filter(isRead)).map((each) => finding(each, { ...own, user }, now)),
    ...files
      .filter(isUnread)
      .map(({ of, reason }) =>
        lack(
          ...(["certificate", fileNames[of], reason, `${user.name} does not start with it`] as const),
          `put a good file there, or name another in ${user.table} of the configuration`,
        ),
      ),
  ];
}

const fileNames: Readonly<Record<CertificateFile["kind"], string>> = {
  own: names.own,
  authorities: names.authority,
  "revocation-lists": names.revocation_list,
};

interface Own extends OwnFiles {
  readonly user: CertificateUser;
}

function finding(expiring: Expiring, own: Own, now: number): Finding {
  const lifetime = lifetimeOf(expiring);
  const { kind, path } = expiring;
  const [from, due, until] = [lifetime.notBefore, renewalDue(lifetime), lifetime.notAfter].map(shownTime);
  const text = (how: string) => `${holderOf(expiring)}, ${path}, ${how}`;
  switch (stageOf(expiring, now)) {
    case "fresh":
      return good("certificate", names[kind], text(`good until ${until}; to be renewed by ${due}`));
    case "not-yet-valid":
      return lack("certificate", names[kind], text(`good only from ${from} on`), costs[kind], clockCure(now));
    case "due":
      return lack("certificate", names[kind], text(`good until ${until}`), `then ${costs[kind]}`, cure(expiring, own));
    case "expired":
      return lack("certificate", names[kind], text(`ended ${until}`), costs[kind], cure(expiring, own));
  }
}

function clockCure(now: number): string {
  return `set the clock, which says ${shownTime(now)}: is it behind?`;
}

function cure(expiring: Expiring, own: Own): string {
  const { kind, path } = expiring;
  switch (kind) {
    case "own":
      return `where the CA's key is: ${orderAgain(expiring.facts, path, own)}; then put what it made here`;
    case "authority":
      return "where CAs are made: ropewalk cert ca, under another name, and what docs/operating/certificates.md says of changing a CA";
    case "revocation_list":
      return `where the CA's key is: ropewalk cert crl --ca-cert ca.crt --ca-key ca.key --crl ${word(path)}; then put the list here`;
  }
}

/** The command that issues another certificate with the same names. */
function orderAgain(facts: CertificateFacts, path: string, { key = "end.key", kemKey = "end.kem", user }: Own): string {
  const { dns, ip, uri } = facts.names;
  const commonName = /^CN=([^,\\+]+)$/.exec(facts.subject)?.[1] ?? "NAME";
  const options: readonly (readonly [string, string])[] = [
    ["--name", commonName],
    ...dns.map((name) => ["--dns", name] as const),
    ...ip.map((name) => ["--ip", name] as const),
    ...uri.filter((name) => !name.startsWith(kemPinPrefix)).map((name) => ["--uri", name] as const),
    ...([
      ["--ca-cert", "ca.crt"],
      ["--ca-key", "ca.key"],
      ["--out-cert", path],
      ["--out-key", key],
    ] as const),
    ...(facts.kemPin === undefined ? [] : [["--out-kem-key", kemKey] as const]),
  ];
  const ofEnd = facts.extendedKeyUsages?.includes("serverAuth") === true ? "server" : "client";
  const role = user === theTunnel ? ofEnd : "node";
  return `ropewalk cert ${role} ${options.map(([option, value]) => `${option} ${word(value)}`).join(" ")} --force`;
}

/** As a shell takes it. */
function word(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
