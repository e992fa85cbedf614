/**
 * What is said between us and NetworkManager over one bus connection. Replies and signals are taken in the bus's order,
 * so a signal that comes before the first full answer is part of that answer, and one that comes later changes it.
 */
import { type BusCall, type BusReply, type BusSignal, busName } from "./message-bus.ts";
import {
  deviceInterface,
  ip4ConfigInterface,
  ip6ConfigInterface,
  managerName,
  type NetworkManagerObjects,
  readManagedObjects,
  withInterfaces,
  withoutInterfaces,
} from "./network-manager-objects.ts";

export type NetworkManagerState =
  | { readonly kind: "absent"; readonly reason: string }
  | { readonly kind: "present"; readonly objects: NetworkManagerObjects };

/** The part of a bus connection that is used; a real one is in `message-bus.ts`. */
export interface Bus {
  call(call: BusCall, onReply: (reply: BusReply) => void): void;
  onSignal(listener: (signal: BusSignal) => void): void;
}

export interface SessionEffects {
  readonly enter: (state: NetworkManagerState) => void;
  /** The connection is of no more use, for this reason. */
  readonly fail: (reason: string) => void;
}

const objectManager = "org.freedesktop.DBus.ObjectManager";
const propertiesInterface = "org.freedesktop.DBus.Properties";

/** The rules let through what is used and nothing else: Wi-Fi signal strengths and traffic counters never wake us. */
const matchRules: readonly string[] = [
  `type='signal',sender='${busName}',member='NameOwnerChanged',arg0='${managerName}'`,
  `type='signal',sender='${managerName}',interface='${objectManager}'`,
  ...[deviceInterface, ip4ConfigInterface, ip6ConfigInterface].map(
    (name) => `type='signal',sender='${managerName}',interface='${propertiesInterface}',arg0='${name}'`,
  ),
];

export class NetworkManagerSession {
  readonly #bus: Bus;
  readonly #effects: SessionEffects;
  /** Unique name of the connection that is NetworkManager now. */
  #owner: string | undefined;
  #objects: NetworkManagerObjects | undefined;

  constructor(bus: Bus, effects: SessionEffects) {
    this.#bus = bus;
    this.#effects = effects;
  }

  begin(): void {
    this.#bus.onSignal((signal) => this.#hear(signal));
    for (const rule of matchRules) {
      this.#ask(busCall("AddMatch", rule), (reply) => {
        if (reply.kind === "refused") this.#effects.fail(`the bus refused a match rule: ${reply.reason}`);
      });
    }
    this.#ask(busCall("GetNameOwner", managerName), (reply) => {
      if (reply.kind === "value" && typeof reply.value === "string") this.#adopt(reply.value);
      else this.#adopt("");
    });
  }

  /** Learns everything from the new owner of the name; an empty name means that nobody owns it. */
  #adopt(owner: string): void {
    this.#owner = owner === "" ? undefined : owner;
    if (this.#owner === undefined) {
      this.#objects = undefined;
      this.#effects.enter({ kind: "absent", reason: `nobody owns ${managerName} on the system bus` });
      return;
    }
    const everything = { path: "/org/freedesktop", interfaceName: objectManager, member: "GetManagedObjects" };
    this.#ask({ destination: owner, ...everything }, (reply) => {
      if (this.#owner !== owner) return;
      if (reply.kind === "value") this.#know(readManagedObjects(reply.value));
      else this.#effects.enter({ kind: "absent", reason: `NetworkManager refused to answer: ${reply.reason}` });
    });
  }

  #hear({ sender, path, interfaceName, member, body }: BusSignal): void {
    const [first, second, third] = body;
    if (sender === busName && member === "NameOwnerChanged" && first === managerName) {
      this.#adopt(typeof third === "string" ? third : "");
      return;
    }
    // Anybody on the bus may send us a signal that looks like NetworkManager's; the sender's name is the bus's own word.
    if (sender !== this.#owner || this.#objects === undefined) return;
    if (interfaceName === objectManager && member === "InterfacesAdded" && typeof first === "string") {
      this.#know(withInterfaces(this.#objects, first, second));
    } else if (interfaceName === objectManager && member === "InterfacesRemoved" && typeof first === "string") {
      this.#know(withoutInterfaces(this.#objects, first, second));
    } else if (interfaceName === propertiesInterface && member === "PropertiesChanged" && typeof first === "string") {
      this.#know(withInterfaces(this.#objects, path, { [first]: second }));
      // Named without a value: it changed, and has to be asked for. Source: D-Bus Specification, "org.freedesktop.DBus.Properties".
      if (Array.isArray(third) && third.length > 0) this.#adopt(sender);
    }
  }

  #know(objects: NetworkManagerObjects): void {
    this.#objects = objects;
    this.#effects.enter({ kind: "present", objects });
  }

  #ask(call: BusCall, onReply: (reply: Exclude<BusReply, { readonly kind: "lost" }>) => void): void {
    this.#bus.call(call, (reply) => {
      if (reply.kind === "lost") this.#effects.fail(reply.reason);
      else onReply(reply);
    });
  }
}

function busCall(member: string, argument: string): BusCall {
  return { destination: busName, path: "/org/freedesktop/DBus", interfaceName: busName, member, argument };
}
