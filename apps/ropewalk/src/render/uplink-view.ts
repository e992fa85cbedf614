/** Everything known of one uplink as text for people. What was not measured is said to be so. */
import type { AddressFamily, BackhaulDocument, FiguresDocument, UplinkDocument } from "@ropewalk/api/http";
import { familyNames } from "./decision-view.ts";
import { roundTripText, shareText, sizeText } from "./quantity.ts";
import { alignRows, printable } from "./table.ts";
import { uplinkName } from "./uplink-table.ts";

const notMeasured = "not measured";

type Row = readonly [name: string, text: string];

export function uplinkLines(uplink: UplinkDocument, backhaul: BackhaulDocument): readonly string[] {
  const { counters } = uplink;
  const rows: Row[] = [
    ["id", uplink.id],
    ["interface", `${uplink.name}, ifindex ${uplink.ifindex}`],
    ["kind", `${uplink.kind}, from ${uplink.kindSource}`],
    ["state", `${uplink.state}: ${uplink.reason.text}`],
    ...familyRows("ipv4", uplink),
    ...familyRows("ipv6", uplink),
    ["probes", probesText(uplink)],
    ["resolvers", resolversText(uplink)],
    ["metered", meteredText(uplink)],
    ["MTU", `${uplink.mtuBytes} bytes`],
    ["speed", uplink.speedMbps === null ? "not stated by its driver" : `${uplink.speedMbps} Mbit/s`],
    [
      "received",
      counters === null ? notMeasured : `${counters.receivedBytes} bytes, ${counters.receivedPackets} packets`,
    ],
    ["sent", counters === null ? notMeasured : `${counters.sentBytes} bytes, ${counters.sentPackets} packets`],
    ["traffic", trafficText(uplink, backhaul)],
  ];
  return [
    uplinkName(uplink),
    ...alignRows(
      rows.map(([name, text]) => [name, printable(text)]),
      "  ",
    ),
  ];
}

function familyRows(key: AddressFamily, uplink: UplinkDocument): readonly Row[] {
  const name = familyNames[key];
  const family = uplink[key];
  if (family.addresses.length === 0 && family.gateway === null) return [[name, family.reason.text]];
  const metric = family.metric === null ? "" : `, metric ${family.metric}`;
  const whose = family.wayOut === "lease" ? ", by Ropewalk's own lease" : metric;
  return [
    [name, `${family.state}: ${family.reason.text}`],
    [`${name} addresses`, family.addresses.join(", ") || "none"],
    [`${name} gateway`, family.gateway === null ? "none" : `${family.gateway}${whose}`],
    [`${name} quality`, qualityText(family.figures)],
    [`${name} score`, scoreText(family.figures)],
  ];
}

/** "RTT 12 ms, jitter 1.1 ms, loss 0 %". */
export function qualityText({ rttMs, jitterMs, loss }: FiguresDocument): string {
  if (rttMs === null && jitterMs === null && loss === null) return notMeasured;
  const each = (name: string, text: string | undefined) => `${name} ${text ?? notMeasured}`;
  return [
    each("RTT", rttMs === null ? undefined : roundTripText(rttMs)),
    each("jitter", jitterMs === null ? undefined : roundTripText(jitterMs)),
    each("loss", loss === null ? undefined : shareText(loss)),
  ].join(", ");
}

/** "1043 = latency 281 + loss 200 + success 462 + kind 100". */
export function scoreText({ score }: FiguresDocument): string {
  if (score === null) return notMeasured;
  const { total, latency, loss, success, bias } = score;
  return `${total} = latency ${latency} + loss ${loss} + success ${success} + kind ${bias}`;
}

function probesText({ probing }: UplinkDocument): string {
  if (probing === null) return "none are sent";
  return `profile ${probing.profile}, ${sizeText(probing.bytesPerDay)} a day while nothing is wrong`;
}

function resolversText({ resolvers }: UplinkDocument): string {
  return resolvers.servers.length === 0 ? resolvers.detail : `${resolvers.servers.join(", ")} (${resolvers.detail})`;
}

function meteredText({ metered }: UplinkDocument): string {
  if (metered.value === null) return "nobody says";
  return `${metered.value ? "yes" : "no"}${metered.source === null ? "" : `, by ${metered.source}`}`;
}

/** Which families the kernel sends this way. */
function trafficText({ id }: UplinkDocument, { decisions }: BackhaulDocument): string {
  const families = [
    ...(decisions.ipv4.kernel?.uplinkId === id ? ["IPv4"] : []),
    ...(decisions.ipv6.kernel?.uplinkId === id ? ["IPv6"] : []),
  ];
  return families.length === 0 ? "none, by the kernel's routes" : `${families.join(" and ")}, by the kernel's routes`;
}
