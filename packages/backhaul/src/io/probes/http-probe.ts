/**
 * A plain GET whose answer is known: whoever answers otherwise stands in between, as portals do. The request is written by
 * hand, the name is asked of the path's own resolvers, and an answer without end is not waited for.
 */
import { familyOf, type IpAddress, parseIpAddress } from "@ropewalk/kernel/addresses";
import { millis, seconds } from "@ropewalk/kernel/units";
import type { ProbeQuestion, ProbeResult, ProbeTraffic } from "../../pure/health/probe.ts";
import { type HttpHead, type HttpReading, HttpResponseReader } from "../../pure/probing/http-response.ts";
import { addTraffic, noTraffic } from "../../pure/probing/packet-octets.ts";
import { printable } from "../../pure/probing/printable.ts";
import { isRefusal } from "./dns-answer.ts";
import { askResolvers, describeRefusal } from "./dns-probe.ts";
import { connectOnPath, type PathConnection, withoutConnection } from "./path-connection.ts";
import { type ProbeFinding, type ProbeGround, whenAborted } from "./probe-ground.ts";

type HttpQuestion = Extract<ProbeQuestion, { kind: "http" }>;

/** After the answer the server may close the connection, as it was asked to, before we reset it. */
const closingTime = seconds(0.5);

export async function probeHttp(question: HttpQuestion, ground: ProbeGround): Promise<ProbeFinding> {
  const url = URL.parse(question.url);
  if (url === null) return { result: { kind: "skipped", detail: `"${question.url}" is no URL` }, traffic: noTraffic };
  const host = await findHost(url.hostname, question.resolvers, ground);
  if (host.kind === "not-found") return host;
  const began = ground.clock.now();
  const attempt = await connectOnPath(ground, { address: host.address, port: Number(url.port || 80) });
  if (attempt.kind === "not-connected") return plus(host.traffic, withoutConnection(attempt));
  const { connection } = attempt;
  connection.send(encodeGet(url));
  const answer = await receiveAnswer(connection, question, ground.signal);
  const rtt = millis(ground.clock.now() - began);
  if (answer === "as-expected") await closed(connection, ground);
  const result: ProbeResult = answer === "as-expected" ? { kind: "answered", rtt } : answer;
  return plus(host.traffic, { result, traffic: await connection.end() });
}

function plus(traffic: ProbeTraffic, finding: ProbeFinding): ProbeFinding {
  return { result: finding.result, traffic: addTraffic(traffic, finding.traffic) };
}

type Host =
  | { readonly kind: "found"; readonly address: IpAddress; readonly traffic: ProbeTraffic }
  | ({ readonly kind: "not-found" } & ProbeFinding);

/** `hostname` as a URL has it: IPv6 addresses in brackets. */
async function findHost(hostname: string, resolvers: readonly IpAddress[], ground: ProbeGround): Promise<Host> {
  const { family } = ground.binding;
  const literal = parseIpAddress(hostname.replace(/^\[(.*)\]$/, "$1"));
  if (literal !== undefined) {
    if (familyOf(literal) === family) return { kind: "found", address: literal, traffic: noTraffic };
    return notFound(`${literal} is no ${family} address`);
  }
  const usable = resolvers.filter((resolver) => familyOf(resolver) === family);
  if (usable.length === 0) return notFound(`no ${family} resolver to ask for ${hostname}`);
  const question = { name: hostname, record: family === "ipv4" ? "A" : "AAAA" } as const;
  const { answer, traffic } = await askResolvers(question, usable, ground);
  if (answer.kind === "unsent") return { kind: "not-found", result: answer, traffic };
  if (answer.kind !== "response")
    return notFound(`${hostname} did not resolve: ${"detail" in answer ? answer.detail : "silence"}`, traffic);
  const [address] = answer.response.addresses;
  if (address !== undefined) return { kind: "found", address, traffic };
  const { response } = answer;
  const why = isRefusal(response) ? describeRefusal(response.rcode) : `it has no ${question.record} record`;
  return notFound(`${hostname} did not resolve: ${why}`, traffic);
}

function notFound(detail: string, traffic: ProbeTraffic = noTraffic): Host {
  return { kind: "not-found", result: { kind: "skipped", detail }, traffic };
}

/** No cache on the way may answer for the server. */
function encodeGet({ host, pathname, search }: URL): Uint8Array {
  const fields = [`Host: ${host}`, "User-Agent: ropewalk", "Cache-Control: no-cache", "Connection: close"];
  return new TextEncoder().encode(`GET ${pathname}${search} HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n`);
}

type Answer = "as-expected" | Extract<ProbeResult, { kind: "intercepted" | "refused" | "silent" }>;

function receiveAnswer(connection: PathConnection, expected: HttpQuestion, signal: AbortSignal): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const reader = new HttpResponseReader();
  const judge = (reading: HttpReading) => {
    const answer = judgeReading(reading, expected);
    if (answer !== "unknown-yet") resolve(answer);
  };
  whenAborted(signal, () => resolve(unfinished(connection)));
  connection.listen({
    onOctets: (octets) => judge(reader.receive(octets)),
    onEnd: () => {
      if (connection.received === 0)
        resolve({ kind: "refused", detail: "the connection was closed without an answer" });
      else judge(reader.end());
    },
  });
  return promise;
}

/** As soon as the status is another, the rest need not be read. */
function judgeReading(reading: HttpReading, expected: HttpQuestion): Answer | "unknown-yet" {
  const { head } = reading;
  if (head !== undefined && head.status !== expected.status) return intercepted(describeHead(head, expected.status));
  switch (reading.kind) {
    case "incomplete":
      return "unknown-yet";
    case "malformed":
      return intercepted(head === undefined ? `no HTTP answer: ${reading.detail}` : `another body: ${reading.detail}`);
    case "complete": {
      const body = new TextDecoder().decode(reading.body).trim();
      if (body === expected.body.trim()) return "as-expected";
      return intercepted(`another body (${reading.body.length} octets) with status ${reading.head.status}`);
    }
  }
}

function describeHead({ status, location }: HttpHead, expected: number): string {
  const target = location === undefined ? "" : ` to ${printable(location)}`;
  return status >= 300 && status < 400 ? `redirected (${status})${target}` : `status ${status} instead of ${expected}`;
}

function intercepted(detail: string): Answer {
  return { kind: "intercepted", detail };
}

/** A server that says something and never ends is not the one that was asked. */
function unfinished({ received }: PathConnection): Answer {
  return received === 0 ? { kind: "silent" } : intercepted("an answer without end");
}

async function closed(connection: PathConnection, { clock, signal }: ProbeGround): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  connection.listen({ onOctets: () => {}, onEnd: resolve });
  whenAborted(signal, resolve);
  using _timer = clock.after("close HTTP connection", closingTime, resolve);
  await promise;
}
