/** The picture of a node as text for people. Pure: a status in, lines out. */
import type {
  BackhaulDocument,
  DecisionDocument,
  FamilyDocument,
  NodeStatus,
  ReasonDocument,
  UplinkDocument,
} from "@ropewalk/api/http";
import type { Paint } from "./paint.ts";
import { type Cell, printable, tableLines } from "./table.ts";

export interface View {
  readonly paint: Paint;
  /** Width of the terminal; undefined when there is none. */
  readonly columns: number | undefined;
}

/** The whole answer of `ropewalk status`. */
export function statusLines(status: NodeStatus, view: View): readonly string[] {
  const { backhaul, health } = status;
  return [
    ...uplinkTable(backhaul, view),
    "",
    ...decisionLines(backhaul),
    ...(health.state === "healthy" ? [] : ["", ...healthLines(status, view.paint)]),
  ];
}

/** One row an uplink; a sentence when there is none. */
export function uplinkTable(backhaul: BackhaulDocument, { paint, columns }: View): readonly string[] {
  if (backhaul.uplinks.length === 0) {
    return ["No uplink: no interface has a gateway or a default route. One that gets one is seen at once."];
  }
  const headings = ["UPLINK", "KIND", "STATE", "WHY", "IPV4", "GATEWAY", "IPV6"];
  const rows = backhaul.uplinks.map((uplink) => uplinkRow(uplink, backhaul, paint));
  return tableLines({ headings, rows }, columns, paint.dim);
}

/** The reason in a word or two; `uplink show` has the sentence. */
const reasonWords: Readonly<Record<ReasonDocument["code"], string>> = {
  disabled: "switched off",
  "no-carrier": "no carrier",
  dormant: "not authenticated",
  "no-address": "no address",
  "no-gateway": "no gateway",
  "not-measured": "not measured",
};

function uplinkRow(uplink: UplinkDocument, backhaul: BackhaulDocument, paint: Paint): readonly Cell[] {
  const isUsed = backhaul.decisions.overall.kernel?.uplinkId === uplink.id;
  return [
    { text: uplinkName(uplink), ...(isUsed ? { paint: paint.strong } : {}) },
    { text: uplink.kind },
    { text: uplink.state, paint: uplink.state === "down" ? paint.bad : paint.unsure },
    { text: reasonWords[uplink.reason.code] },
    { text: addressText(uplink.ipv4) },
    { text: uplink.ipv4.gateway ?? "-" },
    { text: addressText(uplink.ipv6) },
  ];
}

/** "eth0", or "eth0 (harbour)" with the operator's own name. */
export function uplinkName(uplink: Pick<UplinkDocument, "name" | "label">): string {
  return printable(uplink.label === null ? uplink.name : `${uplink.name} (${uplink.label})`);
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

/** What traffic uses now, by family, and what Ropewalk would use. */
export function decisionLines(backhaul: BackhaulDocument): readonly string[] {
  const { decisions, uplinks } = backhaul;
  const used = (family: string, { kernel }: DecisionDocument) => {
    if (kernel === null) return `${family} traffic has no way out by any uplink.`;
    const uplink = uplinks.find(({ id }) => id === kernel.uplinkId);
    const name = uplink === undefined ? printable(kernel.name) : uplinkName(uplink);
    return kernel.isDeadEnd
      ? `${family} traffic is lost: the kernel's own routes send it by ${name}, which has no carrier.`
      : `${family} traffic goes by ${name}, by the kernel's own routes.`;
  };
  const choice = decisions.overall;
  const best = choice.name === null ? "Ropewalk would choose none" : `Ropewalk would choose ${printable(choice.name)}`;
  const watching = backhaul.monitorOnly ? ["Ropewalk only watches: it changes no route."] : [];
  return [
    used("IPv4", decisions.ipv4),
    used("IPv6", decisions.ipv6),
    `${best}: ${printable(choice.reason)}`,
    ...rejectedLines(choice),
    ...watching,
  ];
}

const mostRejected = 5;

function rejectedLines({ rejected }: DecisionDocument): readonly string[] {
  const lines = rejected
    .slice(0, mostRejected)
    .map(({ name, reason }) => `  not ${printable(name)}: ${printable(reason)}`);
  const more = rejected.length - lines.length;
  return more === 0 ? lines : [...lines, `  nor ${more} more; --json lists them`];
}

export function healthLines({ health }: Pick<NodeStatus, "health">, paint: Paint): readonly string[] {
  const ill = health.subsystems.filter((subsystem) => subsystem.state !== "healthy");
  return [
    paint.bad(`The node itself is ${health.state}:`),
    ...ill.map(({ name, state, reason }) => {
      return `  ${name} ${state === null ? "has not reported yet" : `is ${state}`}${reason === null ? "" : `: ${printable(reason)}`}`;
    }),
  ];
}
