/**
 * What probing costs: octets of the IP packets of one probe that goes well, there and back, and of a day of them. Headers and
 * our own messages are known; for what servers answer stands what the usual ones do.
 */
import type { Family } from "@ropewalk/kernel/addresses";
import { millis } from "@ropewalk/kernel/units";
import { connectionOctets, datagramOctets, echoOctets, packetsOf } from "../probing/packet-octets.ts";
import type { ProbeConfig } from "./health-config.ts";
import { isOfFamily, type PathSubject } from "./path-health.ts";
import { plannedChecks } from "./planned-checks.ts";
import type { ProbePath, ProbeQuestion, ProbeTraffic } from "./probe.ts";
import { newPulses } from "./pulses.ts";

/** Of an echo request; its reply bears the same. */
const echoPayload = 8;
/** A ClientHello with one group, its server name besides. */
const clientHello = 345;
/** From ServerHello to Finished, most of it certificates: public chains of today take 2.5 to 5 KB. */
const serverHandshake = 4_000;
/** Status line and header fields of an empty answer. */
const httpResponse = 200;
/** What a request has besides its URL. */
const httpRequest = 84;
/** Header, and type and class of the question. Source: RFC 1035 §4.1. */
const dnsMessage = 16;
/** A compressed name and the fixed fields. Source: RFC 1035 §4.1.3, §4.1.4. */
const dnsRecord = 12;
/** Names that are made to be found have two addresses. */
const dnsRecords = 2;

const day = 24 * 60 * 60 * 1_000;

/** What the profile's schedule costs a path in a day when nothing is wrong: both directions, IP packets. */
export function bytesPerDay(subject: Omit<PathSubject, "kind">, probe: ProbeConfig): number {
  const { path, resolvers } = subject;
  const profile = probe[subject.profile];
  const targets = probe.target.filter((target) => isOfFamily(target.address, path));
  const { perInterval } = newPulses(targets, profile, probe.require, millis(0));
  const pulses = perInterval * (day / profile.interval) * 2 * echoOctets(path.family, echoPayload);
  const checks = plannedChecks({ path, targets, resolvers }, probe, profile)
    .filter(({ role }) => role !== "fallback")
    .map(({ question, interval, kind, limit }) => {
      return bytesOf(question, path) * (day / (kind === "echo" ? Math.max(interval, limit) : interval));
    });
  return Math.round(checks.reduce((sum, cost) => sum + cost, pulses));
}

/** There and back, when it goes well. */
export function bytesOf(question: ProbeQuestion, { family, mtu }: Pick<ProbePath, "family" | "mtu">): number {
  switch (question.kind) {
    case "echo":
      return 2 * echoOctets(family, echoPayload);
    case "mtu":
      return 2 * question.size;
    case "tcp":
      return both(connection(family, mtu, 0, 0, "reset"));
    case "dns":
      return dnsBytes(question, family, mtu);
    case "tls":
      return both(connection(family, mtu, clientHello + question.serverName.length, serverHandshake, "reset"));
    case "http": {
      const lookup = question.resolvers.length === 0 ? 0 : lookupBytes(hostOf(question.url), family);
      return lookup + both(connection(family, mtu, httpRequest + question.url.length, httpResponse, "closed"));
    }
  }
}

function dnsBytes(
  { name, transport }: Extract<ProbeQuestion, { readonly kind: "dns" }>,
  family: Family,
  mtu: number,
): number {
  if (transport === "udp") return lookupBytes(name, family);
  // Each message goes behind its length. Source: RFC 1035 §4.2.2.
  return both(connection(family, mtu, 2 + dnsQuery(name), 2 + dnsAnswer(name, family), "reset"));
}

function lookupBytes(name: string, family: Family): number {
  return datagramOctets(family, dnsQuery(name)) + datagramOctets(family, dnsAnswer(name, family));
}

function dnsQuery(name: string): number {
  return dnsMessage + name.length + 2;
}

function dnsAnswer(name: string, family: Family): number {
  return dnsQuery(name) + dnsRecords * (dnsRecord + (family === "ipv4" ? 4 : 16));
}

/** The host of a plain http URL, which the configuration has checked. */
function hostOf(url: string): string {
  return url.slice("http://".length).split(/[/?:]/, 1)[0] ?? "";
}

function connection(
  family: Family,
  mtu: number,
  sent: number,
  received: number,
  end: "closed" | "reset",
): ProbeTraffic {
  const sentPackets = packetsOf(family, mtu, sent);
  const receivedPackets = packetsOf(family, mtu, received);
  return connectionOctets(family, { sent, sentPackets, received, receivedPackets, end });
}

function both({ sent, received }: ProbeTraffic): number {
  return sent + received;
}
