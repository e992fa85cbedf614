/** What a resolver of the path answers to one question. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { ProbeQuestion, ProbeResult } from "../../pure/health/probe.ts";
import type { DnsQuestion } from "../../pure/probing/dns-message.ts";
import { addTraffic } from "../../pure/probing/packet-octets.ts";
import { type DnsAnswer, type DnsFinding, isRefusal } from "./dns-answer.ts";
import { askOverTcp } from "./dns-over-tcp.ts";
import { askOverUdp } from "./dns-over-udp.ts";
import type { ProbeFinding, ProbeGround } from "./probe-ground.ts";

export async function probeDns(
  { resolver, transport, name, record }: Extract<ProbeQuestion, { kind: "dns" }>,
  ground: ProbeGround,
): Promise<ProbeFinding> {
  const asked = { name, record };
  const asking = transport === "udp" ? askResolvers(asked, [resolver], ground) : askOverTcp(asked, resolver, ground);
  const { answer, traffic } = await asking;
  return { result: resultOf(answer), traffic };
}

/** As a stub resolver does: over UDP, and over TCP when the answer did not fit into a datagram (RFC 7766 §5). */
export async function askResolvers(
  question: DnsQuestion,
  resolvers: readonly IpAddress[],
  ground: ProbeGround,
): Promise<DnsFinding> {
  const { answer, traffic } = await askOverUdp(question, resolvers, ground);
  const isCut = answer.kind === "response" && answer.response.isTruncated && answer.response.addresses.length === 0;
  if (!isCut) return { answer, traffic };
  const whole = await askOverTcp(question, answer.resolver, ground);
  return { answer: whole.answer, traffic: addTraffic(traffic, whole.traffic) };
}

function resultOf(answer: DnsAnswer): ProbeResult {
  if (answer.kind !== "response") return answer;
  const { response, rtt } = answer;
  if (isRefusal(response)) return { kind: "refused", detail: describeRefusal(response.rcode) };
  return { kind: "resolved", rtt, rcode: response.rcode, addresses: response.addresses };
}

/** Source: RFC 1035 §4.1.1. */
const refusals: Readonly<Record<number, string>> = { 1: "FORMERR", 2: "SERVFAIL", 4: "NOTIMP", 5: "REFUSED" };

export function describeRefusal(rcode: number): string {
  return `the resolver will not answer: ${refusals[rcode] ?? `rcode ${rcode}`}`;
}
