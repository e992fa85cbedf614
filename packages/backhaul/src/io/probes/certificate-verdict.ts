/**
 * Whether the certificate of a finished handshake proves a name. What does not prove it was shown by somebody else, but for
 * one case: a certificate that is not valid yet speaks of this machine's clock, which starts in the past on many boards.
 */
import { checkServerIdentity, type PeerCertificate, type TLSSocket } from "node:tls";
import type { ProbeResult } from "../../pure/health/probe.ts";
import { printable } from "../../pure/probing/printable.ts";

type Verdict = { readonly kind: "proven" } | Extract<ProbeResult, { kind: "intercepted" | "skipped" }>;

/** `wall` in milliseconds since 1970. */
export function judgeCertificate(socket: TLSSocket, serverName: string, wall: number): Verdict {
  const certificate = socket.getPeerCertificate();
  if (checkServerIdentity(serverName, certificate) !== undefined) {
    const detail = `the certificate is for ${namesIn(certificate)}, not for ${serverName}`;
    return { kind: "intercepted", detail };
  }
  if (socket.authorized) return { kind: "proven" };
  const begins = Date.parse(certificate.valid_from);
  if (codeOf(socket) === "CERT_NOT_YET_VALID" && wall < begins) {
    const [now, then] = [wall, begins].map((time) => new Date(time).toISOString().slice(0, 16));
    return { kind: "skipped", detail: `the clock of this machine says ${now}, and the certificate begins ${then}` };
  }
  const issuer = printable(String(certificate.issuer?.CN ?? certificate.issuer?.O ?? "nobody"));
  const detail = `the certificate for ${serverName} proves nothing: ${codeOf(socket)}, issued by ${issuer}`;
  return { kind: "intercepted", detail };
}

/** Node gives the code as a string, other than its types say. */
function codeOf({ authorizationError }: TLSSocket): string {
  return String(authorizationError);
}

function namesIn({ subjectaltname, subject }: PeerCertificate): string {
  const names = subjectaltname?.split(", ").map((name) => name.replace(/^(?:DNS|IP Address):/, "")) ?? [];
  const [first = subject?.CN ?? "nobody", ...others] = names;
  return printable(others.length === 0 ? String(first) : `${first} and ${others.length} more`);
}
