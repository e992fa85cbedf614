/** What an uplink is called, and that the name holds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { baseOf, distinctId, identityBase, isSameInterface, placeOf } from "@ropewalk/backhaul/pure/identity";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import fc from "fast-check";
import { deviceFacts, linkFacts, mac } from "./facts-fixture.ts";

const places: readonly (readonly [path: string, place: string])[] = [
  ["pci0000:00/0000:00:1f.6/net/eno1", "pci-0000:00:1f.6"],
  ["pci0000:ae/0000:ae:00.0/0000:af:00.0/0000:b0:02.0/0000:b1:00.0", "pci-0000:b1:00.0"],
  ["pci0000:00/0000:00:14.0/usb1/1-1/1-1.2/1-1.2:1.0/net/wwan0", "usb-1-1.2"],
  ["platform/fc400000.usb/xhci-hcd.0.auto/usb4/4-1/4-1.4/4-1.4.4/4-1.4.4:1.4/net/wwan2", "usb-4-1.4.4"],
  ["pci0000:00/0000:00:03.0/virtio2/net/eth0", "pci-0000:00:03.0"],
  ["virtio-mmio-cmdline/virtio-mmio.0/virtio0", "device-virtio-mmio.0"],
  ["platform/soc/fd580000.ethernet/net/eth0", "device-fd580000.ethernet"],
];

for (const [devicePath, place] of places) {
  test(`the device at ${devicePath} is ${place}`, () => assert.equal(placeOf(deviceFacts({ devicePath })), place));
}

test("without a place the permanent MAC address names an uplink, then the current one, then the interface's name", () => {
  const virtual = deviceFacts({ isVirtual: true, devicePath: "virtual/net/eth2" });
  const link = linkFacts({ mac: mac("02:00:00:00:00:aa"), permanentMac: mac("00:16:3e:00:00:01") });
  assert.equal(identityBase(link, virtual), "mac-00:16:3e:00:00:01");
  assert.equal(identityBase({ ...link, permanentMac: undefined }, virtual), "mac-02:00:00:00:00:aa");
  assert.equal(identityBase({ ...link, mac: undefined, permanentMac: undefined }, virtual), "name-eth2");
  assert.equal(identityBase(link, undefined), "mac-00:16:3e:00:00:01");
});

test("the second uplink with one base has its interface's name in its id, the third a number too", () => {
  const taken = new Set<UplinkId>();
  for (const name of ["a", "b", "b"]) taken.add(distinctId("mac-02:00:00:00:00:01", name, (id) => taken.has(id)));
  assert.deepEqual([...taken], ["mac-02:00:00:00:00:01", "mac-02:00:00:00:00:01@b", "mac-02:00:00:00:00:01@b~2"]);
});

test("ids are distinct, keep their base and hold only plain characters, whatever interfaces are called", () => {
  const names = fc.array(fc.string({ minLength: 1, maxLength: 15, unit: "binary" }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(names, fc.boolean(), (all, isVirtual) => {
      const ids = new Set<UplinkId>();
      for (const name of all) {
        const link = linkFacts({ name, mac: undefined, permanentMac: undefined });
        const base = identityBase(link, deviceFacts({ isVirtual, devicePath: `platform/${name}` }));
        const id = distinctId(base, name, (other) => ids.has(other));
        assert.ok(!ids.has(id));
        assert.equal(baseOf(id), base);
        assert.match(id, /^[A-Za-z0-9._:@~-]+$/);
        ids.add(id);
      }
    }),
  );
});

test("a rename or a new MAC address leaves an interface the same; both at once are another interface", () => {
  const link = linkFacts({ permanentMac: undefined });
  const other = mac("02:00:00:00:00:99");
  assert.equal(isSameInterface(link, { ...link, name: "wan" }), true);
  assert.equal(isSameInterface(link, { ...link, mac: other }), true);
  assert.equal(isSameInterface(link, { ...link, name: "wan", mac: other }), false);
  assert.equal(isSameInterface(link, { ...link, virtualKind: "bridge" }), false);
  assert.equal(isSameInterface(link, { ...link, permanentMac: other }), false);
});
