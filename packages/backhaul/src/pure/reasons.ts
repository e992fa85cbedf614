/** Which state each reason belongs to, and which of two families speaks for the uplink. */
import { reasonCodes, type UplinkReasonCode, type UplinkState } from "../status.ts";

const states = new Map<UplinkReasonCode, UplinkState>(
  (Object.entries(reasonCodes) as [UplinkState, readonly UplinkReasonCode[]][]).flatMap(([state, codes]) =>
    codes.map((code) => [code, state] as const),
  ),
);

export function stateOf(code: UplinkReasonCode): UplinkState {
  return states.get(code) ?? "unknown";
}

/** How far a family has come, least first: what it lacks, what is wrong with it, that it is well. */
const progress: readonly UplinkReasonCode[] = [
  "disabled",
  "no-carrier",
  "dormant",
  "no-address",
  "no-route",
  "silent",
  "beyond-gateway",
  "no-target",
  "no-privilege",
  "strict-rp-filter",
  "not-measured",
  "tls-name-mismatch",
  "dns-rewritten",
  "http-intercepted",
  "starting",
  "suppressed",
  "returning",
  "tcp-blocked",
  "dns-blocked",
  "mtu",
  "loss",
  "latency",
  "dns-slow",
  "healthy",
];

/** Negative when `a` has come further. */
export function compareProgress(a: UplinkReasonCode, b: UplinkReasonCode): number {
  return progress.indexOf(b) - progress.indexOf(a);
}
