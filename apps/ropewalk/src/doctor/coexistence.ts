/**
 * Who else manages the interfaces that Ropewalk is to move traffic by, and what must be set so that neither undoes what the other does.
 * Judged only where traffic is to be moved: who watches disturbs nobody.
 */
import { routingProtocol, routingTables, rulePriorities, uplinkMarkMask } from "@ropewalk/host/allocations";
import type { RouteFacts, RuleFacts } from "@ropewalk/host/facts";
import { families } from "@ropewalk/kernel/addresses";
import { type Finding, good, lack, note } from "./finding.ts";

export type LinkOwner = "NetworkManager" | "systemd-networkd" | "dhcpcd";

export interface CoexistenceFacts {
  /** Of the interfaces with default routes, those that somebody manages. */
  readonly owned: readonly { readonly interfaceName: string; readonly owner: LinkOwner }[];
  /** Keys by which networkd would remove what is not its own; see `foreignKeysOf`. */
  readonly networkdForeignKeys: readonly string[];
  readonly rules: readonly RuleFacts[];
  readonly defaultRoutes: readonly RouteFacts[];
}

export function coexistenceFindings(facts: CoexistenceFacts): readonly Finding[] {
  const others = facts.rules.filter(({ protocol }) => protocol !== routingProtocol);
  return [
    ...(["NetworkManager", "systemd-networkd", "dhcpcd"] as const).flatMap((owner) => ownerFinding(owner, facts)),
    ...markFinding(others),
    ...priorityFinding(others),
    ...behindFinding(facts.rules),
    ...tableFinding(facts.defaultRoutes),
  ];
}

const meaning: Readonly<Record<Exclude<LinkOwner, "systemd-networkd">, string>> = {
  NetworkManager: "its addresses are read, and it leaves the rules and tables of others alone: nothing is to be set",
  dhcpcd: "its addresses are read, and it leaves the rules and tables of others alone: nothing is to be set",
};

function ownerFinding(owner: LinkOwner, { owned, networkdForeignKeys }: CoexistenceFacts): readonly Finding[] {
  const names = owned.filter((each) => each.owner === owner).map(({ interfaceName }) => interfaceName);
  if (names.length === 0) return [];
  const title = `uplinks of ${owner}`;
  if (owner !== "systemd-networkd") return [good("manager", title, `${names.join(", ")}: ${meaning[owner]}`)];
  if (networkdForeignKeys.length === 0) {
    return [
      good("manager", title, `${names.join(", ")}: its configuration leaves the rules and routes of others alone`),
    ];
  }
  const settings = networkdForeignKeys.map((key) => `${key}=no`).join(", ");
  return [
    lack(
      "manager",
      title,
      `${names.join(", ")}: whenever it configures a link anew it removes rules and routes that are not its own`,
      "traffic leaves by its default route until Ropewalk has put back what was removed",
      `in /etc/systemd/networkd.conf.d/ropewalk.conf, under [Network]: ${settings}; then systemctl restart systemd-networkd`,
    ),
  ];
}

/** A mask of all bits is an exact mark, of wg-quick for one, which is none of ours. */
const exactMask = 0xffff_ffff;

function markFinding(rules: readonly RuleFacts[]): readonly Finding[] {
  const rule = rules.find(({ mark }) => mark && mark.mask >>> 0 !== exactMask && (mark.mask & uplinkMarkMask) !== 0);
  if (rule?.mark === undefined) return [];
  return [
    lack(
      "manager",
      "marks",
      `rule ${rule.priority} looks at bits 8 to 15 of marks (mask 0x${(rule.mark.mask >>> 0).toString(16)}), as mwan3's do`,
      "both write these bits: connections would leave by the wrong uplink",
      "stop that program, or leave monitor_only = true: two that move traffic cannot share a machine",
    ),
  ];
}

function priorityFinding(rules: readonly RuleFacts[]): readonly Finding[] {
  // Of ordinary traffic's the order tells; see `behindFinding`.
  const own: readonly number[] = Object.values(rulePriorities).filter((one) => one !== rulePriorities.ordinary);
  const taken = [...new Set(rules.map(({ priority }) => priority).filter((priority) => own.includes(priority)))];
  if (taken.length === 0) return [];
  const cost = "which of two rules of one priority counts is up to the order in which they were made";
  return [
    lack(
      "manager",
      "priorities",
      `others have rules of priority ${taken.join(", ")}`,
      cost,
      "give those another priority",
    ),
  ];
}

/** Of two rules with one priority the kernel asks the older first: a VPN's must be older than ours. `rules` are in its order. */
function behindFinding(rules: readonly RuleFacts[]): readonly Finding[] {
  const { ordinary } = rulePriorities;
  const atOurs = rules.filter(({ priority }) => priority === ordinary);
  return families.flatMap((family) => {
    const own = atOurs.filter((rule) => rule.family === family);
    const first = own.slice(own.findIndex(isOurs) + 1).find((rule) => !isOurs(rule));
    if (first === undefined || !own.some(isOurs)) return [];
    return [
      lack(
        "manager",
        "rules behind Ropewalk's",
        `rule ${first.priority} leads to table ${first.table}, behind ordinary traffic's`,
        "what it should take, a VPN's traffic for one, leaves by an uplink instead",
        "begin that VPN anew: its rules then come first",
      ),
    ];
  });
}

function isOurs({ protocol }: RuleFacts): boolean {
  return protocol === routingProtocol;
}

function tableFinding(routes: readonly RouteFacts[]): readonly Finding[] {
  const { first, last } = routingTables;
  const isOthers = ({ table, protocol }: RouteFacts) => table >= first && table <= last && protocol !== routingProtocol;
  const tables = [...new Set(routes.filter(isOthers).map(({ table }) => table))].toSorted((a, b) => a - b);
  if (tables.length === 0) return [];
  return [
    note("manager", "tables", `others have default routes in ${tables.join(", ")}`, "Ropewalk passes these over"),
  ];
}
