/** What a handshake came to, for people and for programs. */
import type { Established } from "@ropewalk/tunnel/io/thread-messages";
import { describeRefusal, type Refusal } from "@ropewalk/tunnel/pure/refusal";
import { alignRows, printable } from "./table.ts";

/** Lines about a session that both ends agreed on. `connect` is how long TCP took, where this end opened it. */
export function sessionLines({ session, peer, negotiated, times }: Established, connect?: number): readonly string[] {
  const rows = [
    ["peer", peer.names.join(", ")],
    ["certificate", `${peer.subject}, serial ${peer.serial}, SHA-256 ${peer.fingerprint}`],
    ["signed by", peer.issuer],
    ["valid", `${shownDate(peer.notBefore)} to ${shownDate(peer.notAfter)}`],
    ["TLS", `${negotiated.tlsVersion}, ${negotiated.group}, ${negotiated.cipher}, ${negotiated.signature}`],
    ["protocol", `${negotiated.protocol}, handshake version ${session.version}`],
    ["mode", session.mode],
    ["session", session.id.toHex()],
    [
      "took",
      [
        ...(connect === undefined ? [] : [`TCP ${shown(connect)}`]),
        `TLS ${shown(times.tls)}`,
        `in all ${shown(times.established)}`,
      ].join(", "),
    ],
  ];
  return alignRows(
    rows.map(([label = "", text = ""]) => [label, printable(text)]),
    "  ",
  );
}

/** The same for programs. */
export function sessionDocument({ session, peer, negotiated, times }: Established, connect?: number): object {
  return {
    outcome: "established",
    peer: {
      names: peer.names,
      subject: peer.subject,
      issuer: peer.issuer,
      serial: peer.serial,
      fingerprint: peer.fingerprint,
      notBefore: new Date(peer.notBefore).toISOString(),
      notAfter: new Date(peer.notAfter).toISOString(),
    },
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

export function refusalDocument({ by, reason, detail }: Refusal): object {
  return { outcome: "refused", by, reason, detail };
}

function shownDate(wall: number): string {
  return new Date(wall).toISOString().slice(0, 16).replace("T", " ");
}

function shown(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}
