/** The uplinks as tables: how they are (`status`, the board) and where they are (`uplink list`). One row an uplink. */
import type { BackhaulDocument, FamilyDocument, ReasonCodeName, UplinkDocument } from "@ropewalk/api/http";
import type { Paint } from "./paint.ts";
import { roundTripText, shareText, sizeText } from "./quantity.ts";
import { statePaint } from "./state-paint.ts";
import { type Cell, printable, tableLines } from "./table.ts";

export interface View {
  readonly paint: Paint;
  /** Width of the terminal; undefined when there is none. */
  readonly columns: number | undefined;
}

const none = ["No uplink: no interface has a gateway or a default route. One that gets one is seen at once."];
const notMeasured = "-";
/** Of an uplink that does not reach the internet, figures are of before; `uplink explain` still shows them. */
const noFigures = { rttMs: null, loss: null, score: null };

/** State, figures and what probing costs; a sentence when there is no uplink. */
export function healthTable(backhaul: BackhaulDocument, { paint, columns }: View): readonly string[] {
  if (backhaul.uplinks.length === 0) return none;
  const headings = ["UPLINK", "KIND", "STATE", "WHY", "RTT", "LOSS", "SCORE", "IPV4", "IPV6", "PROBES A DAY"];
  const rows = backhaul.uplinks.map((uplink): readonly Cell[] => {
    const isAnswering = uplink.state !== "down" && uplink.state !== "portal";
    const { rttMs, loss, score } = isAnswering ? uplink : noFigures;
    return [
      ...headCells(uplink, backhaul, paint),
      { text: rttMs === null ? notMeasured : roundTripText(rttMs) },
      { text: loss === null ? notMeasured : shareText(loss) },
      { text: score === null ? notMeasured : String(Math.round(score)) },
      familyCell(uplink.ipv4, paint),
      familyCell(uplink.ipv6, paint),
      { text: probesText(uplink) },
    ];
  });
  return tableLines({ headings, rows, spare: ["KIND", "PROBES A DAY"] }, columns, paint.dim);
}

/** State, addresses and gateways; a sentence when there is no uplink. */
export function addressTable(backhaul: BackhaulDocument, { paint, columns }: View): readonly string[] {
  if (backhaul.uplinks.length === 0) return none;
  const headings = ["UPLINK", "KIND", "STATE", "WHY", "IPV4", "GATEWAY", "IPV6"];
  const rows = backhaul.uplinks.map((uplink): readonly Cell[] => [
    ...headCells(uplink, backhaul, paint),
    { text: addressText(uplink.ipv4) },
    { text: uplink.ipv4.gateway ?? "-" },
    { text: addressText(uplink.ipv6) },
  ]);
  return tableLines({ headings, rows, spare: ["KIND"] }, columns, paint.dim);
}

/** Name, kind, state and reason; the name stands out where the kernel sends traffic. */
function headCells(uplink: UplinkDocument, backhaul: BackhaulDocument, paint: Paint): readonly Cell[] {
  const isUsed = backhaul.decisions.overall.kernel?.uplinkId === uplink.id;
  return [
    { text: uplinkName(uplink), ...(isUsed ? { paint: paint.strong } : {}) },
    { text: uplink.kind },
    { text: uplink.state, paint: statePaint(uplink.state, paint) },
    { text: reasonWords[uplink.reason.code] },
  ];
}

/** "eth0", or "eth0 (harbour)" with the operator's own name. */
export function uplinkName(uplink: Pick<UplinkDocument, "name" | "label">): string {
  return printable(uplink.label === null ? uplink.name : `${uplink.name} (${uplink.label})`);
}

/** The reason in a word or two; `uplink show` has the sentence. */
export const reasonWords: Readonly<Record<ReasonCodeName, string>> = {
  healthy: "healthy",
  "tcp-blocked": "TCP blocked",
  "dns-blocked": "DNS blocked",
  mtu: "MTU",
  loss: "loss",
  latency: "latency",
  "dns-slow": "DNS slow",
  starting: "starting",
  returning: "returning",
  suppressed: "flapped",
  "http-intercepted": "HTTP replaced",
  "tls-name-mismatch": "TLS mismatch",
  "dns-rewritten": "DNS rewritten",
  disabled: "switched off",
  "no-carrier": "no carrier",
  dormant: "authenticating",
  "no-address": "no address",
  "beyond-gateway": "beyond gateway",
  silent: "silent",
  "no-route": "no route",
  "strict-rp-filter": "rp_filter",
  "no-privilege": "no privilege",
  "no-target": "no target",
  "not-measured": "not measured",
};

/** A family that the uplink does not have is not a fault of it. */
function familyCell(family: FamilyDocument, paint: Paint): Cell {
  if (family.addresses.length === 0 && family.gateway === null) return { text: "-" };
  return { text: family.state, paint: statePaint(family.state, paint) };
}

function probesText({ probing }: UplinkDocument): string {
  return probing === null ? "none" : `${probing.profile}, ${sizeText(probing.bytesPerDay)}`;
}

/** The address in use and how many more there are. */
function addressText(family: FamilyDocument): string {
  const [first, ...more] = [...family.addresses].sort(
    (a, b) => Number(isSource(b, family.source)) - Number(isSource(a, family.source)),
  );
  if (first === undefined) return "-";
  return more.length === 0 ? first : `${first} +${more.length}`;
}

function isSource(prefix: string, source: string | null): boolean {
  return source !== null && prefix.startsWith(`${source}/`);
}
