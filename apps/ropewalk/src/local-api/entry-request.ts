/**
 * One request to the entry of this machine, by HTTP or by its own TLS. Over TLS it is entry who shows the very certificate that the configuration
 * names, whatever name and CA that has: nobody else is sent the admin key.
 */
import { X509Certificate } from "node:crypto";
import { type IncomingMessage, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import type { Millis } from "@ropewalk/kernel/units";
import { readPublicFile } from "@ropewalk/ops/secret-file";

export interface EntryRequest {
  readonly host: string;
  readonly port: number;
  /** Path of the PEM file that entry shows; undefined: plain HTTP. */
  readonly certificate: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly within: Millis;
}

export interface EntryReply {
  readonly status: number;
  /** Undefined: it is no JSON. */
  readonly document: unknown;
}

const largestReply = 32 * 1024 * 1024;

/** Rejects with what keeps it from being asked, and throws OPS_FILE_* for the certificate. */
export async function requestEntry({ certificate, body, within, ...asked }: EntryRequest): Promise<EntryReply> {
  const tls = certificate === undefined ? undefined : trusting(certificate);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options = { ...asked, signal: AbortSignal.timeout(within), agent: false as const };
  const request = tls === undefined ? plainRequest(options, resolve) : tlsRequest({ ...options, ...tls }, resolve);
  request.once("error", reject).end(body);
  const answer = await promise;
  return { status: answer.statusCode ?? 0, document: parsed(await textOf(answer)) };
}

function trusting(path: string) {
  const pem = Buffer.from(readPublicFile(path));
  const own = new X509Certificate(pem);
  return {
    ca: pem,
    // It need not be a CA's, nor lead to one.
    allowPartialTrustChain: true,
    checkServerIdentity: (_name: string, { raw }: { readonly raw: Buffer }) =>
      raw.equals(own.raw) ? undefined : new Error(`whoever answers there shows another certificate than ${path}`),
  };
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of answer.setEncoding("utf8")) {
    text += chunk;
    if (text.length > largestReply) throw new Error("the answer is longer than any of entry's");
  }
  return text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
