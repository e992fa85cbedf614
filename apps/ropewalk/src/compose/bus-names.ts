/** Which of the network managers' names have an owner on the system bus. Asking starts none of them. */
import { parseBusAddress } from "@ropewalk/backhaul/io/bus-address";
import { BusConnection, type BusReply, busName } from "@ropewalk/backhaul/io/message-bus";
import { defaultSystemBus } from "@ropewalk/backhaul/io/resolver-sources";
import type { CommandContext } from "../command-context.ts";
import { managerBusNames } from "../doctor/managers.ts";

/** A bus on the same machine answers in milliseconds. */
const busLimitMs = 2_000;

/** Undefined when there is no bus that answers. */
export async function ownedBusNames({ environment }: CommandContext): Promise<ReadonlySet<string> | undefined> {
  const path = parseBusAddress(environment["DBUS_SYSTEM_BUS_ADDRESS"] ?? defaultSystemBus);
  if (path === undefined) return undefined;
  try {
    await using bus = await BusConnection.open(path, AbortSignal.timeout(busLimitMs));
    const answers = await Promise.all(managerBusNames.map(async (name) => [name, await hasOwner(bus, name)] as const));
    return new Set(answers.filter(([, reply]) => reply.kind === "value" && reply.value === true).map(([name]) => name));
  } catch {
    return undefined;
  }
}

/** D-Bus Specification 0.42, "org.freedesktop.DBus.NameHasOwner". */
function hasOwner(bus: BusConnection, name: string): Promise<BusReply> {
  const call = { destination: busName, path: "/org/freedesktop/DBus", interfaceName: busName };
  return new Promise((resolve) => bus.call({ ...call, member: "NameHasOwner", argument: name }, resolve));
}
