/** Everything known of one uplink as text for people. What was not measured is said to be so. */
import type { BackhaulDocument, FamilyDocument, UplinkDocument } from "@ropewalk/api/http";
import { uplinkName } from "./status-view.ts";
import { alignRows, printable } from "./table.ts";

const notMeasured = "not measured";

export function uplinkLines(uplink: UplinkDocument, backhaul: BackhaulDocument): readonly string[] {
  const { counters } = uplink;
  const rows: (readonly [string, string])[] = [
    ["id", uplink.id],
    ["interface", `${uplink.name}, ifindex ${uplink.ifindex}`],
    ["kind", `${uplink.kind}, from ${uplink.kindSource}`],
    ["state", `${uplink.state}: ${uplink.reason.text}`],
    ...familyRows("IPv4", uplink.ipv4),
    ...familyRows("IPv6", uplink.ipv6),
    ["resolvers", resolversText(uplink)],
    ["metered", meteredText(uplink)],
    ["MTU", `${uplink.mtuBytes} bytes`],
    ["speed", uplink.speedMbps === null ? "not stated by its driver" : `${uplink.speedMbps} Mbit/s`],
    [
      "received",
      counters === null ? notMeasured : `${counters.receivedBytes} bytes, ${counters.receivedPackets} packets`,
    ],
    ["sent", counters === null ? notMeasured : `${counters.sentBytes} bytes, ${counters.sentPackets} packets`],
    ["round trip", uplink.rttMs === null ? notMeasured : `${uplink.rttMs} ms`],
    ["loss", uplink.loss === null ? notMeasured : `${(uplink.loss * 100).toFixed(1)} %`],
    ["score", uplink.score === null ? notMeasured : String(uplink.score)],
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

function familyRows(name: string, family: FamilyDocument): readonly (readonly [string, string])[] {
  if (family.addresses.length === 0 && family.gateway === null) return [[name, family.reason.text]];
  const metric = family.metric === null ? "" : `, metric ${family.metric}`;
  return [
    [name, `${family.state}: ${family.reason.text}`],
    [`${name} addresses`, family.addresses.join(", ") || "none"],
    [`${name} gateway`, family.gateway === null ? "none" : `${family.gateway}${metric}`],
  ];
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
