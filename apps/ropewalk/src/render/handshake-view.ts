/** What a handshake came to, for people and for programs. */
import { shownTime } from "@ropewalk/crypto/certificates/pure/verification";
import type { Established } from "@ropewalk/tunnel/io/thread-messages";
import { identityNames } from "@ropewalk/tunnel/pure/allowed-names";
import { describeRefusal, type Refusal } from "@ropewalk/tunnel/pure/refusal";
import { alignRows, printable } from "./table.ts";

/** Lines about a session that both ends agreed on. `connect` is how long TCP took, where this end opened it. */
export function sessionLines(established: Established, connect?: number): readonly string[] {
  const { session, peer, negotiated, times, chain, until } = established;
  const { leaf } = peer;
  const took = [`TLS ${shown(times.tls)}`, `in all ${shown(times.established)}`];
  const rows = [
    ["peer", identityNames(leaf.names).join(", ")],
    ["certificate", `${leaf.subject}, serial ${leaf.serial}, SHA-256 ${leaf.fingerprint}`],
    [
      "signed by",
      chain
        .slice(1)
        .map(({ subject }) => subject)
        .join(" < "),
    ],
    ["good until", `${shownTime(until)}, with its CA and lists of revoked certificates`],
    ["KEM key", leaf.kemPin === undefined ? "none is named" : `SHA-384 ${leaf.kemPin.toHex()}`],
    ["TLS", `${negotiated.tlsVersion}, ${negotiated.group}, ${negotiated.cipher}, ${negotiated.signature}`],
    ["protocol", `${negotiated.protocol}, handshake version ${session.version}`],
    ["mode", session.mode],
    ["session", session.id.toHex()],
    ["took", (connect === undefined ? took : [`TCP ${shown(connect)}`, ...took]).join(", ")],
  ];
  return alignRows(
    rows.map(([label = "", text = ""]) => [label, printable(text)]),
    "  ",
  );
}

/** The same for programs. */
export function sessionDocument(established: Established, connect?: number): object {
  const { session, peer, negotiated, times, chain, until } = established;
  const { leaf } = peer;
  return {
    outcome: "established",
    peer: {
      names: identityNames(leaf.names),
      subject: leaf.subject,
      issuer: leaf.issuer,
      serial: leaf.serial,
      fingerprint: leaf.fingerprint,
      notBefore: shownTime(leaf.notBefore),
      notAfter: shownTime(leaf.notAfter),
      kemPin: leaf.kemPin?.toHex() ?? null,
    },
    chain: chain.map(({ subject, fingerprint }) => ({ subject, fingerprint })),
    goodUntil: shownTime(until),
    tls: negotiated,
    handshakeVersion: session.version,
    mode: session.mode,
    sessionId: session.id.toHex(),
    transcript: session.transcript.toHex(),
    times: {
      ...(connect === undefined ? {} : { connectMs: connect }),
      tlsMs: times.tls,
      establishedMs: times.established,
    },
  };
}

export function refusalLine(refusal: Refusal): string {
  return printable(describeRefusal(refusal));
}

export function refusalDocument(refusal: Refusal): object {
  const { by, reason, detail } = refusal;
  return { outcome: "refused", by, reason, detail, text: describeRefusal(refusal) };
}

function shown(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}
