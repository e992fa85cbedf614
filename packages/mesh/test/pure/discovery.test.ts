/** What is said on local networks and what is kept of it, whoever shouts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis, seconds } from "@ropewalk/kernel/units";
import { Discovery, decodeDiscovery, discoveryLength, encodeDiscovery } from "@ropewalk/mesh/pure/discovery";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import fc from "fast-check";

const own = "50".repeat(16) as MeshAddress;
const other = "0123456789abcdef".repeat(2) as MeshAddress;
const config = { own, interval: seconds(60), lifetime: seconds(180), most: 3, isLinked: () => false };
const at = (time: number) => millis(time);
const from = (host: string, place = "lan ipv4") => ({ host, place });
const here = { kind: "here", port: 7411, address: other } as const;
const asks = { kind: "asks", port: 7411, address: other } as const;

function opened(places: readonly string[] = ["lan ipv4"]): Discovery {
  const discovery = new Discovery(config);
  discovery.placesAre(at(0), places);
  return discovery;
}

/** When it says something of itself up to `until`, with what chance 0.5 draws. */
function spoken(discovery: Discovery, until: number): readonly string[] {
  const said: string[] = [];
  for (let next = discovery.deadline(); next !== undefined && next <= until; next = discovery.deadline())
    for (const output of discovery.expire(next, 0.5))
      said.push(output.kind === "send" ? `${next} ${output.place} ${output.message}` : `${next} ${output.kind}`);
  return said;
}

test("a message is these octets", () => {
  const octets = encodeDiscovery(here);
  assert.equal(octets.toHex(), `52574d4401011cf3${other}`);
  assert.deepEqual(decodeDiscovery(octets), here);
  assert.deepEqual(decodeDiscovery(Uint8Array.of(...encodeDiscovery(asks), 1, 2)), asks, "more behind it is of later");
});

test("what is no message is none, and none leads to a port of the system's", () => {
  for (const port of [0, 22, 1023]) assert.equal(decodeDiscovery(encodeDiscovery({ ...here, port })), undefined);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (octets) => assert.equal(decodeDiscovery(octets), undefined)),
  );
  const whole = encodeDiscovery(here);
  for (let length = 0; length < discoveryLength; length += 1)
    assert.equal(decodeDiscovery(whole.subarray(0, length)), undefined);
  for (let octet = 0; octet < 6; octet += 1) {
    const changed = whole.slice();
    changed[octet] = 9;
    assert.equal(decodeDiscovery(changed), undefined);
  }
});

test("a new place is asked at once, told twice soon, and each minute from then on", () => {
  const discovery = new Discovery(config);
  assert.deepEqual(discovery.placesAre(at(0), ["a", "b"]), [
    { kind: "send", place: "a", message: "asks" },
    { kind: "send", place: "b", message: "asks" },
  ]);
  assert.deepEqual(discovery.placesAre(at(0), ["b"]), []);
  assert.deepEqual(spoken(discovery, 130_000), ["1000 b here", "4000 b here", "64000 b here", "124000 b here"]);
  assert.deepEqual(discovery.placesAre(at(130_000), ["a", "b"]), [{ kind: "send", place: "a", message: "asks" }]);
});

test("who asks is answered where he asked, all who ask in the same second by one answer", () => {
  const discovery = opened(["lan ipv4", "wlan ipv4"]);
  spoken(discovery, 10_000);
  for (const host of ["10.0.0.1", "10.0.0.2", "10.0.0.3"]) discovery.heard(at(20_000), from(host), asks, 0.5);
  assert.deepEqual(spoken(discovery, 20_100), ["20050 lan ipv4 here"]);
  discovery.heard(at(20_200), from("10.0.0.4"), asks, 0.5);
  assert.deepEqual(spoken(discovery, 21_500), ["21050 lan ipv4 here"]);
});

test("who asks does not put off what was to be said anyway", () => {
  const discovery = opened();
  discovery.heard(at(995), from("10.0.0.1"), asks, 1);
  assert.deepEqual(spoken(discovery, 1_200), ["1000 lan ipv4 here"]);
});

test("a neighbour is told of each time that it is heard, and forgotten when it was not for long", () => {
  const discovery = opened();
  const target = { kind: "discovered", host: "10.0.0.1", port: 7411, expected: other } as const;
  for (const now of [0, 100_000])
    assert.deepEqual(discovery.heard(at(now), from("10.0.0.1"), here, 0), [{ kind: "found", target }]);
  const forgotten = spoken(discovery, 400_000).filter((said) => said.endsWith("forgotten"));
  assert.deepEqual(forgotten, ["280000 forgotten"]);
  assert.equal(discovery.neighbours, 0);
});

test("what a node says of itself anew is said at once at every place, and puts nothing else off", () => {
  const discovery = opened(["a", "b"]);
  const next = discovery.deadline();
  assert.deepEqual(discovery.sayAtOnce(at(500)), [
    { kind: "send", place: "a", message: "here" },
    { kind: "send", place: "b", message: "here" },
  ]);
  assert.equal(discovery.deadline(), next);
});

test("a node does not discover itself", () => {
  assert.deepEqual(opened().heard(at(0), from("10.0.0.1"), { ...here, address: own }, 0), []);
});

test("no more neighbours are kept than may be: the one that was not heard the longest goes", () => {
  const discovery = opened();
  const heard = (host: string) =>
    discovery
      .heard(at(0), from(host), here, 0)
      .map((output) => (output.kind === "forgotten" ? output.key : output.kind));
  for (const host of ["1", "2", "3", "1"]) assert.deepEqual(heard(host), ["found"]);
  assert.deepEqual(heard("4"), ["2 port 7411", "found"]);
  assert.equal(discovery.neighbours, 3);
});

test("who has a link is neither forgotten by time nor driven out by others, however many are said to be there", () => {
  const discovery = new Discovery({ ...config, isLinked: (key) => key === "a port 7411" && isLinked });
  let isLinked = true;
  discovery.placesAre(at(0), ["lan ipv4"]);
  discovery.heard(at(0), from("a"), here, 0.5);
  const gone = Array.from({ length: 10 }, (_, index) => discovery.heard(at(1), from(`b${index}`), here, 0.5))
    .flat()
    .flatMap((output) => (output.kind === "forgotten" ? [output.key] : []));
  assert.deepEqual(
    gone,
    [0, 1, 2, 3, 4, 5, 6, 7].map((index) => `b${index} port 7411`),
  );
  const forgotten = (now: number) =>
    discovery.expire(at(now), 0.5).flatMap((output) => (output.kind === "forgotten" ? [output.key] : []));
  assert.deepEqual(forgotten(200_000), ["b8 port 7411", "b9 port 7411"]);
  assert.equal(discovery.neighbours, 1);
  isLinked = false;
  assert.deepEqual(forgotten(379_999), []);
  assert.deepEqual(forgotten(380_000), ["a port 7411"]);
});

test("one that shouts is not listened to for long, and a thousand of them do not drown another network", () => {
  const discovery = opened(["lan ipv4", "wlan ipv4"]);
  const found = (host: string, place: string, port = 7411) =>
    discovery.heard(at(0), from(host, place), { ...here, port }, 0).some(({ kind }) => kind === "found");
  const shouted = Array.from({ length: 100 }, (_, number) => found("10.0.0.1", "lan ipv4", 2000 + number));
  assert.equal(shouted.filter((each) => each).length, 6);
  const crowd = Array.from({ length: 1000 }, (_, number) => found(`10.0.1.${number}`, "lan ipv4"));
  assert.equal(crowd.filter((each) => each).length, 54);
  assert.ok(found("192.168.0.7", "wlan ipv4"));
  assert.equal(discovery.ignored, 94 + 946);
});
