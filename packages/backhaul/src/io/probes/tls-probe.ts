/**
 * A TLS handshake that must prove a name, as far as the client's proof of the server: then the connection is reset, before
 * the server is told so. Somebody who accepts every connection can accept; the name he cannot prove.
 */
import { duplexPair } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { connect, createSecureContext, rootCertificates, type SecureContext, type TLSSocket } from "node:tls";
import { parseIpAddress } from "@ropewalk/kernel/addresses";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { ProbeQuestion, ProbeResult } from "../../pure/health/probe.ts";
import { judgeCertificate } from "./certificate-verdict.ts";
import { connectOnPath, type PathConnection, withoutConnection } from "./path-connection.ts";
import { type ProbeFinding, type ProbeGround, whenAborted } from "./probe-ground.ts";

type TlsQuestion = Extract<ProbeQuestion, { kind: "tls" }>;
export type ProbeTls = (question: TlsQuestion, ground: ProbeGround) => Promise<ProbeFinding>;

/** No handshake is longer; chains of certificates take 2 to 10 KB. */
const longestHandshake = 65_536;

/** `authorities` is PEM text of those trusted besides the usual ones. They are read for the first probe: 7 ms, 3 MB. */
export function createTlsProbe(authorities: string | undefined): ProbeTls {
  let context: SecureContext | undefined;
  return async (question, ground) => {
    context ??= createContext(authorities);
    const began = ground.clock.now();
    const attempt = await connectOnPath(ground, { address: question.target, port: question.port });
    if (attempt.kind === "not-connected") return withoutConnection(attempt);
    const result = await shakeHands(attempt.connection, { question, context, ground, began });
    return { result, traffic: await attempt.connection.end() };
  };
}

/** One group that every server of today has, so that the first packet stays small: hybrid ones take 1.2 KB more. */
function createContext(authorities: string | undefined): SecureContext {
  const ca = authorities === undefined ? undefined : [...rootCertificates, authorities];
  return createSecureContext({ minVersion: "TLSv1.2", ecdhCurve: "X25519:prime256v1", ...(ca && { ca }) });
}

interface Handshake {
  readonly question: TlsQuestion;
  readonly context: SecureContext;
  readonly ground: ProbeGround;
  readonly began: Millis;
}

async function shakeHands(connection: PathConnection, handshake: Handshake): Promise<ProbeResult> {
  const { question, context, ground, began } = handshake;
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  // Node ties the lives of a socket and of TLS on it together so that ending one in the other's callbacks crashes the
  // process (26.10). A pair of streams in between keeps the two apart.
  const [inner, outer] = duplexPair();
  let isOver = false;
  const settle = (result: ProbeResult) => {
    isOver = true;
    resolve(result);
  };
  const serverName = parseIpAddress(question.serverName) === undefined ? question.serverName : "";
  const secure = connect({ socket: inner, servername: serverName, secureContext: context, rejectUnauthorized: false });
  secure.once("secureConnect", () => settle(verdictOf(secure, question.serverName, ground, began)));
  secure.on("error", (error: NodeJS.ErrnoException) => settle(faultOf(error)));
  outer.on("data", (octets: Uint8Array) => {
    if (!isOver) connection.send(octets);
  });
  whenAborted(ground.signal, () => settle({ kind: "silent" }));
  connection.listen({
    onOctets: (octets) => {
      if (connection.received > longestHandshake) settle({ kind: "intercepted", detail: "a handshake without end" });
      else if (!isOver) outer.write(octets);
    },
    onEnd: () => settle({ kind: "refused", detail: "the connection was closed before a name was proven" }),
  });
  const result = await promise;
  // Out of all callbacks of TLS.
  await setImmediate();
  for (const stream of [secure, inner, outer]) stream.destroy();
  return result;
}

function verdictOf(secure: TLSSocket, serverName: string, { clock }: ProbeGround, began: Millis): ProbeResult {
  const verdict = judgeCertificate(secure, serverName, clock.wall());
  return verdict.kind === "proven" ? { kind: "answered", rtt: millis(clock.now() - began) } : verdict;
}

/** What OpenSSL names alerts that it received. Source: sslerr.h, reasons from 1000 on. */
const alert = /^ERR_SSL_(?:SSLV3_ALERT|TLSV1|TLSV13)_/;

/** An alert is said by somebody who speaks TLS; all else is no TLS. Source: RFC 8446 §6.2. */
function faultOf({ code, message }: NodeJS.ErrnoException): ProbeResult {
  if (code !== undefined && alert.test(code)) return { kind: "refused", detail: `TLS alert: ${code}` };
  return { kind: "intercepted", detail: `no TLS: ${code ?? message}` };
}
