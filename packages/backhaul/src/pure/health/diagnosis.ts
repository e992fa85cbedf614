/**
 * What the evidence of one path says, in one finding: the worst that is believed, with its reason. Each rule is a cause that a
 * person would name; the first that holds is told.
 */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { familyOf } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import type { UplinkReasonCode } from "../../status.ts";
import { type Check, type Checks, interception, isBelieved, isGood } from "./checks.ts";
import type { DnsCheck, QualityConfig } from "./health-config.ts";
import type { LossEstimate } from "./quality-window.ts";
import type { RttEstimate } from "./rtt.ts";
import type { Finding } from "./settling.ts";

export interface Evidence {
  /** "eth0"; opens every sentence. */
  readonly name: string;
  readonly checks: Checks;
  /** The silence detector's verdict. */
  readonly life: "alive" | "silent" | "unheard";
  readonly heardAt: Millis;
  readonly rtt: RttEstimate | undefined;
  readonly loss: LossEstimate | undefined;
  /** ICMP passes: what lives is not only somebody who accepts connections. */
  readonly answersEcho: boolean;
  readonly isRoundComplete: boolean;
  /** The reason that is told now. */
  readonly told: UplinkReasonCode;
}

export interface DiagnosisConfig {
  readonly quality: QualityConfig;
  readonly dns: DnsCheck | undefined;
}

type Rule = (evidence: Evidence, config: DiagnosisConfig) => Finding | undefined;

/** What is wrong and does not pass by itself comes before what may. */
const rules: readonly Rule[] = [
  forbidden,
  dnsRewritten,
  tlsMismatch,
  httpIntercepted,
  silent,
  tcpBlocked,
  dnsBlocked,
  packetsTooBig,
  lossy,
  slow,
  dnsSlow,
];

/** "none" while nothing is known that would bear a verdict. */
export function diagnose(evidence: Evidence, config: DiagnosisConfig): Finding {
  for (const rule of rules) {
    const finding = rule(evidence, config);
    if (finding !== undefined) return finding;
  }
  const isKnown = evidence.life === "alive" && evidence.isRoundComplete;
  return { kind: isKnown ? "up" : "none", reason: { code: "healthy", text: `${evidence.name} is well` } };
}

/** Nothing could even be sent: that is no fault of the uplink. */
function forbidden({ name, checks, life }: Evidence): Finding | undefined {
  const asked = checks.flatMap(({ last }) => (last === undefined ? [] : [last.result]));
  const isRefused = asked.every((result) => result.kind === "unsent" && result.cause === "no-privilege");
  const [first] = asked;
  if (life === "alive" || first?.kind !== "unsent" || !isRefused) return undefined;
  const text = `${name} cannot be measured: this process may open no socket on it (${first.detail})`;
  return { kind: "unknown", reason: { code: "no-privilege", text } };
}

/** Where other names lead to the right page only this one is answered otherwise: filters that forbid foreign resolvers do so. */
function dnsRewritten({ name, checks }: Evidence, { dns }: DiagnosisConfig): Finding | undefined {
  if (ofKind(checks, "http").some((page) => isGood(page) && isFoundByName(page))) return undefined;
  const check = ofKind(checks, "dns").find(
    (candidate) => isGood(candidate) && isRewritten(candidate, dns?.addresses ?? []),
  );
  if (check?.last?.result.kind !== "resolved" || dns === undefined) return undefined;
  const text = `DNS rewritten: asked for ${dns.name} by ${name}, the ${check.plan.label} answers ${check.last.result.addresses.join(", ")}`;
  return { kind: "portal", reason: { code: "dns-rewritten", text } };
}

function isFoundByName({ plan: { question } }: Check): boolean {
  return question.kind === "http" && question.resolvers.length > 0;
}

/** An answer without one of the right addresses; where we know none of that family, every answer is right. */
function isRewritten({ last }: Check, right: readonly IpAddress[]): boolean {
  if (last?.result.kind !== "resolved" || last.result.addresses.length === 0) return false;
  const { addresses } = last.result;
  const comparable = right.filter((address) => addresses.some((other) => familyOf(other) === familyOf(address)));
  return comparable.length > 0 && !addresses.some((address) => comparable.includes(address));
}

function tlsMismatch({ name, checks, life, answersEcho }: Evidence): Finding | undefined {
  const tls = ofKind(checks, "tls");
  if (tls.some(isGood)) return undefined;
  // Connections come about, nothing else is answered, and nobody proves a name: whoever accepts them is not who was asked.
  const isHollow = life === "alive" && !answersEcho && tls.length > 0 && tls.every(isBelieved);
  const hollow =
    isHollow && !ofKind(checks, "http").some(isGood)
      ? "connections are accepted by nobody that can prove its name"
      : undefined;
  const seen = tls.map(interception).find((detail) => detail !== undefined) ?? hollow;
  if (seen === undefined) return undefined;
  const text = `TLS name mismatch: by ${name} somebody else answers in the place of the targets (${seen})`;
  return { kind: "portal", reason: { code: "tls-name-mismatch", text } };
}

function httpIntercepted({ name, checks }: Evidence): Finding | undefined {
  const page = ofKind(checks, "http").map(interception);
  const seen = page.find((detail) => detail !== undefined);
  if (seen === undefined) return undefined;
  const text = `by ${name} the check page is not the right one (${seen}): a captive portal; sign in with a browser`;
  return { kind: "portal", reason: { code: "http-intercepted", text } };
}

function silent({ name, checks, life, heardAt }: Evidence): Finding | undefined {
  if (life !== "silent") return undefined;
  const gateway = checks.find(({ plan }) => plan.role === "gateway");
  if (gateway?.last !== undefined && isGood(gateway) && gateway.last.at > heardAt) {
    const text = `beyond the gateway: by ${name} the ${gateway.plan.label} answers and no target on the internet does`;
    return { kind: "down", reason: { code: "beyond-gateway", text } };
  }
  const text = `by ${name} no target on the internet answers`;
  return { kind: "down", reason: { code: "silent", text } };
}

/** ICMP passes and no TCP connection comes about: all that people use is dead. */
function tcpBlocked({ name, checks, life }: Evidence): Finding | undefined {
  const tcp = [...ofKind(checks, "tcp"), ...ofKind(checks, "tls"), ...ofKind(checks, "http")];
  const judged = tcp.filter(({ plan, failures }) => plan.role !== "fallback" || failures > 0);
  const connects = judged.filter(({ plan }) => plan.kind === "tcp");
  if (life !== "alive" || connects.length === 0 || !connects.every(isBelieved) || judged.some(isGood)) return undefined;
  const text = `TCP blocked: by ${name} packets are answered, but no connection comes about (${labels(connects)})`;
  return { kind: "degraded", reason: { code: "tcp-blocked", text } };
}

function dnsBlocked({ name, checks, life }: Evidence): Finding | undefined {
  const asked = ofKind(checks, "dns").filter(({ plan }) => plan.role === "resolver");
  if (life !== "alive" || asked.length === 0 || !asked.every(isBelieved)) return undefined;
  const byTcp = ofKind(checks, "dns").find(({ plan }) => plan.role === "fallback");
  const text = `DNS blocked: by ${name} its resolvers do not answer (${labels(asked)}); ${tcpAnswer(byTcp)}`;
  return { kind: "degraded", reason: { code: "dns-blocked", text } };
}

function tcpAnswer(byTcp: Check | undefined): string {
  if (byTcp?.last === undefined) return "over TCP they are being asked";
  return isGood(byTcp) ? "over TCP they do: UDP is blocked" : "over TCP neither";
}

function packetsTooBig({ name, checks, life }: Evidence): Finding | undefined {
  const check = ofKind(checks, "mtu").find(isBelieved);
  if (life !== "alive" || check?.last?.result.kind !== "limited" || check.plan.question.kind !== "mtu")
    return undefined;
  const { size } = check.last.result;
  const text = `MTU: by ${name} packets above ${size} bytes vanish without a word, though its MTU is ${check.plan.question.size} or more`;
  return { kind: "degraded", reason: { code: "mtu", text } };
}

/** Fewer pulses say nothing. */
const enoughSamples = 12;

/** It begins when the loss is surely above the threshold, and ends when it no longer seems to be. */
function lossy({ name, loss, life, told }: Evidence, { quality }: DiagnosisConfig): Finding | undefined {
  if (life !== "alive" || loss === undefined || loss.samples < enoughSamples) return undefined;
  if ((told === "loss" ? loss.loss : loss.low) <= quality.lossAbove) return undefined;
  const text = `${name} loses packets: more than ${percent(quality.lossAbove)} there and back (backhaul.quality.loss_above)`;
  return { kind: "degraded", reason: { code: "loss", text } };
}

/** It ends a fifth below where it begins. */
function slow({ name, rtt, life, told }: Evidence, { quality }: DiagnosisConfig): Finding | undefined {
  const threshold = told === "latency" ? quality.rttAbove * 0.8 : quality.rttAbove;
  if (life !== "alive" || rtt === undefined || rtt.isFirst || rtt.smoothed <= threshold) return undefined;
  const isQueue = rtt.base < quality.rttAbove / 2;
  const why = isQueue ? "; its shortest does not, so that a queue on the way is full" : "";
  const text = `by ${name} a round trip takes more than ${quality.rttAbove} ms (backhaul.quality.rtt_above)${why}`;
  return { kind: "degraded", reason: { code: "latency", text } };
}

function dnsSlow({ name, checks, rtt }: Evidence, { quality }: DiagnosisConfig): Finding | undefined {
  const [first] = ofKind(checks, "dns").filter(({ plan }) => plan.role === "resolver");
  if (first === undefined || resolveTime(first) - (rtt?.smoothed ?? 0) <= quality.dnsAbove) return undefined;
  const text = `DNS slow: by ${name} the ${first.plan.label} takes more than ${quality.dnsAbove} ms (backhaul.quality.dns_above)`;
  return { kind: "degraded", reason: { code: "dns-slow", text } };
}

/** One answer that took long may have been lost once on its way. */
function resolveTime({ last, slowAnswers }: Check): number {
  return last?.result.kind === "resolved" && slowAnswers !== 1 ? last.result.rtt : 0;
}

function ofKind(checks: Checks, kind: Check["plan"]["kind"]): Checks {
  return checks.filter(({ plan }) => plan.kind === kind);
}

function labels(checks: Checks): string {
  return checks.map(({ plan }) => plan.label).join(", ");
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** The share of probe kinds that succeed: the seed's success rate. Undefined before the first result. */
export function successShare(checks: Checks, life: Evidence["life"]): number | undefined {
  const kinds = new Map<string, boolean>();
  if (life !== "unheard") kinds.set("life", life === "alive");
  for (const check of checks) {
    const { plan, last, failures } = check;
    if (plan.role === "gateway" || plan.role === "fallback" || last === undefined) continue;
    if (!isGood(check) && failures === 0) continue;
    kinds.set(plan.kind, (kinds.get(plan.kind) ?? false) || !isBelieved(check));
  }
  if (kinds.size === 0) return undefined;
  return [...kinds.values()].filter((isWell) => isWell).length / kinds.size;
}
