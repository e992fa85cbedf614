/** A program on the bus that owns a name, takes every call of the members it was given, and keeps what they were called with. */
import { createConnection } from "node:net";
import { parseBusAddress } from "@ropewalk/backhaul/io/bus-address";
import { createClient, type MessageBus } from "dbus-native";

export interface ServedInterface {
  readonly name: string;
  readonly path: string;
  readonly interfaceName: string;
  /** Signatures by member. */
  readonly members: Readonly<Record<string, string>>;
}

export class FakeBusService implements Disposable {
  readonly #bus: MessageBus;
  /** In the order in which they came. */
  readonly calls: (readonly [member: string, ...values: readonly unknown[]])[] = [];

  private constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  static async own(
    busAddress: string,
    { name, path, interfaceName, members }: ServedInterface,
  ): Promise<FakeBusService> {
    const stream = createConnection({ path: parseBusAddress(busAddress) ?? "" });
    const bus = createClient({ stream, authMethods: ["EXTERNAL"] });
    const service = new FakeBusService(bus);
    const methods = Object.entries(members).map(([member, signature]) => [member, [signature, "", [], []]]);
    // The library hands the message itself behind the values.
    const take =
      (member: string) =>
      (...values: readonly unknown[]) =>
        void service.calls.push([member, ...values.slice(0, -1)]);
    const impl = Object.fromEntries(Object.keys(members).map((member) => [member, take(member)]));
    bus.exportInterface(impl, path, {
      name: interfaceName,
      methods: Object.fromEntries(methods),
      signals: {},
      properties: {},
    });
    await bus.requestName(name, 0);
    return service;
  }

  [Symbol.dispose](): void {
    this.#bus.connection.stream.destroy();
  }
}
