/** What must hold in every world: the invariant of docs/protocols/vpn-control.md, law by law. */
import type { PlacementRole } from "@ropewalk/entry/pure/vpn-placement";
import { isOver, type VpnSession } from "@ropewalk/entry/pure/vpn-session";
import { forwarding, reserved, type World } from "./placement-world.ts";

/** The laws that a world breaks, in words. */
export function broken(world: World): readonly string[] {
  return [...faultsOfExits(world), ...world.sessions.flatMap((session) => faultsOfSession(session, world))];
}

function faultsOfExits(world: World): readonly string[] {
  const faults: string[] = [];
  const owned = reserved(world);
  const addresses = new Set<string>();
  for (const { node, publicKey, address } of forwarding(world)) {
    const place = `${address} of ${node}`;
    if (addresses.has(place)) faults.push("an address carries two peers");
    addresses.add(place);
    const owner = owned.find((one) => (one.node as string) === node && one.addresses[0] === address);
    if (owner === undefined) faults.push("an exit carries whom entry has released");
    else if (owner.session.publicKey !== publicKey) faults.push("an exit carries one customer on another's address");
    else if (owner.mayLastUntil <= world.now) faults.push("an exit carries somebody longer than he may last");
  }
  return faults;
}

function faultsOfSession(session: VpnSession, { taken }: World): readonly string[] {
  const count = (role: PlacementRole) => session.placements.filter((placement) => placement.role === role).length;
  const faults: string[] = [];
  for (const role of ["coming", "current", "draining"] as const)
    if (count(role) > 1) faults.push(`a session has two that are ${role}`);
  if (session.state === "active" && count("current") === 0) faults.push("an active session has no place");
  if (isOver(session) && count("current") + count("coming") > 0) faults.push("a session that is over has a place");
  if (isOver(session) && count("draining") > 0) faults.push("a session is told to be over while a node is waited for");
  if (session.placements.some(({ id, role }) => role === "current" && !taken.includes(id)))
    faults.push("a place is current that its node never took");
  return faults;
}
