import assert from "node:assert/strict";
import { test } from "node:test";
import { type BusCall, type BusReply, type BusSignal, busName } from "@ropewalk/backhaul/io/message-bus";
import { managerName, networkManagerFacts } from "@ropewalk/backhaul/io/network-manager-objects";
import { NetworkManagerSession, type NetworkManagerState } from "@ropewalk/backhaul/io/network-manager-session";

const device = "org.freedesktop.NetworkManager.Device";
const devicePath = "/org/freedesktop/NetworkManager/Devices/2";
const wan0 = { ifindex: 2, name: "wan0" };
const managed = { [devicePath]: { [device]: { IpInterface: "wan0", Managed: true, Metered: 2 } } };

/** A bus whose answers the test gives, in the order it likes. */
class ScriptedBus {
  readonly calls: { readonly call: BusCall; readonly reply: (reply: BusReply) => void }[] = [];
  readonly states: NetworkManagerState[] = [];
  readonly failures: string[] = [];
  #listener: (signal: BusSignal) => void = () => {};

  constructor() {
    const bus = {
      call: (call: BusCall, onReply: (reply: BusReply) => void) => void this.calls.push({ call, reply: onReply }),
      onSignal: (listener: (signal: BusSignal) => void) => {
        this.#listener = listener;
      },
    };
    const effects = {
      enter: (state: NetworkManagerState) => void this.states.push(state),
      fail: (reason: string) => void this.failures.push(reason),
    };
    new NetworkManagerSession(bus, effects).begin();
  }

  answer(member: string, reply: BusReply): void {
    const index = this.calls.findIndex(({ call }) => call.member === member);
    assert.notEqual(index, -1, `${member} was not called`);
    this.calls.splice(index, 1)[0]?.reply(reply);
  }

  signal(sender: string, interfaceName: string, member: string, body: readonly unknown[], path = devicePath): void {
    this.#listener({ sender, path, interfaceName, member, body });
  }

  ownerChanged(to: string): void {
    this.signal(busName, busName, "NameOwnerChanged", [managerName, "", to]);
  }

  changed(sender: string, properties: unknown, invalidated: readonly string[] = []): void {
    this.signal(sender, "org.freedesktop.DBus.Properties", "PropertiesChanged", [device, properties, invalidated]);
  }

  /** What the newest state says of wan0's cost. */
  get metered(): boolean | undefined | "not managed" {
    const state = this.states.at(-1);
    const facts = state?.kind === "present" ? networkManagerFacts(state.objects, wan0) : undefined;
    return facts?.kind === "managed" ? facts.metered : "not managed";
  }
}

/** A session that has learnt of one managed device from the owner `:1.5`. */
function knowing(): ScriptedBus {
  const bus = new ScriptedBus();
  bus.answer("GetNameOwner", { kind: "value", value: ":1.5" });
  bus.answer("GetManagedObjects", { kind: "value", value: managed });
  return bus;
}

test("a bus on which nobody owns the name has no NetworkManager, until somebody takes it", () => {
  const bus = new ScriptedBus();
  bus.answer("GetNameOwner", { kind: "refused", reason: "no such name" });
  assert.deepEqual(bus.states.at(-1), {
    kind: "absent",
    reason: "nobody owns org.freedesktop.NetworkManager on the system bus",
  });
  bus.ownerChanged(":1.9");
  bus.answer("GetManagedObjects", { kind: "value", value: managed });
  assert.equal(bus.metered, false);
});

test("the subscriptions are made before the first question, so that no change is missed", () => {
  const members = new ScriptedBus().calls.map(({ call }) => call.member);
  assert.deepEqual(members, ["AddMatch", "AddMatch", "AddMatch", "AddMatch", "AddMatch", "GetNameOwner"]);
});

test("changes of NetworkManager are followed", () => {
  const bus = knowing();
  bus.changed(":1.5", { Metered: 1 });
  assert.equal(bus.metered, true);
  const manager = "org.freedesktop.DBus.ObjectManager";
  bus.signal(":1.5", manager, "InterfacesRemoved", [devicePath, [device]], "/org/freedesktop");
  assert.equal(bus.metered, "not managed");
  bus.signal(":1.5", manager, "InterfacesAdded", [devicePath, managed[devicePath]], "/org/freedesktop");
  assert.equal(bus.metered, false);
});

test("a signal from anybody else is not believed", () => {
  const bus = knowing();
  bus.changed(":1.66", { Metered: 1 });
  bus.signal(":1.66", busName, "NameOwnerChanged", [managerName, ":1.5", ":1.66"]);
  assert.equal(bus.metered, false);
  assert.equal(
    bus.calls.some(({ call }) => call.destination === ":1.66"),
    false,
  );
});

test("a signal before the first answer is part of it", () => {
  const bus = new ScriptedBus();
  bus.answer("GetNameOwner", { kind: "value", value: ":1.5" });
  bus.changed(":1.5", { Metered: 1 });
  assert.deepEqual(bus.states, []);
  bus.answer("GetManagedObjects", { kind: "value", value: managed });
  assert.equal(bus.metered, false);
});

test("a property that changed without a value is asked for", () => {
  const bus = knowing();
  bus.changed(":1.5", {}, ["Metered"]);
  bus.answer("GetManagedObjects", {
    kind: "value",
    value: { [devicePath]: { [device]: { IpInterface: "wan0", Managed: true, Metered: 1 } } },
  });
  assert.equal(bus.metered, true);
});

test("a restarted NetworkManager is asked anew, and a late answer of the old one is not taken", () => {
  const bus = new ScriptedBus();
  bus.answer("GetNameOwner", { kind: "value", value: ":1.5" });
  bus.ownerChanged("");
  assert.equal(bus.states.at(-1)?.kind, "absent");
  bus.ownerChanged(":1.9");
  bus.answer("GetManagedObjects", { kind: "value", value: managed });
  assert.equal(bus.states.at(-1)?.kind, "absent");
  bus.answer("GetManagedObjects", { kind: "value", value: managed });
  assert.equal(bus.metered, false);
});

test("a refusal is told with its reason, and a lost answer ends the connection", () => {
  const refused = new ScriptedBus();
  refused.answer("GetNameOwner", { kind: "value", value: ":1.5" });
  refused.answer("GetManagedObjects", { kind: "refused", reason: "AccessDenied" });
  assert.deepEqual(refused.states.at(-1), { kind: "absent", reason: "NetworkManager refused to answer: AccessDenied" });
  const lost = new ScriptedBus();
  lost.answer("GetNameOwner", { kind: "lost", reason: "no reply within 5000 ms" });
  assert.deepEqual(lost.failures, ["no reply within 5000 ms"]);
});

test("a bus that refuses a subscription cannot be followed", () => {
  const bus = new ScriptedBus();
  bus.answer("AddMatch", { kind: "refused", reason: "limits exceeded" });
  assert.deepEqual(bus.failures, ["the bus refused a match rule: limits exceeded"]);
});
