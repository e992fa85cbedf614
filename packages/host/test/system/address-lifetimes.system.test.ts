/** Lifetimes on the real kernel: what iproute2 then says of the address, its routes and its siblings. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { OwnAddress } from "@ropewalk/host/address-lifetimes";
import { createAddressLifetimes } from "@ropewalk/host/linux/address-lifetimes";
import { createNative } from "@ropewalk/host/linux/native";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { millis, seconds } from "@ropewalk/kernel/units";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { ipLinks } from "./ip-facts.ts";
import { ipBatch } from "./namespace-world.ts";

type Row = Readonly<Record<string, unknown>>;

function ip(...words: readonly string[]): string {
  return execFileSync("ip", words, { encoding: "utf8" });
}

function addressesOf(name: string): readonly Row[] {
  const [link] = JSON.parse(ip("-j", "-6", "address", "show", "dev", name)) as { readonly addr_info: readonly Row[] }[];
  return link?.addr_info ?? [];
}

function addressOf(name: string, local: string): Row | undefined {
  return addressesOf(name).find((row) => row["local"] === local);
}

/** Without how much is left of what runs out. */
function routes(): string {
  return ip("-6", "route", "show", "table", "all").replaceAll(/ expires \d+sec/g, "");
}

/** The kernel makes an address's own routes a moment after the address. */
async function untilLocal(): Promise<void> {
  const end = performance.now() + 30_000;
  const isThere = (prefix: number) => routes().includes(`local 2001:db8:${prefix}::2 dev wan0`);
  while (![1, 2, 3, 4, 5, 7].every(isThere)) {
    if (performance.now() > end) assert.fail(`addresses without routes after 5 s:\n${routes()}`);
    await delay(10);
  }
}

inOwnNamespace(import.meta.filename, () => {
  const lifetimes = createAddressLifetimes(createNative());
  let ifindex = 0;
  const own = (text: string): OwnAddress => ({ ifindex, address: ipAddress(text) });

  before(async () => {
    writeFileSync("/proc/sys/net/ipv6/conf/default/use_tempaddr", "2");
    ipBatch([
      "link add wan0 type veth peer name isp0",
      "link set isp0 up",
      "link set wan0 up",
      "addr add 2001:db8:1::2/64 dev wan0 nodad",
      "addr add 2001:db8:2::2/64 dev wan0 nodad noprefixroute",
      "addr add 2001:db8:3::2/64 dev wan0 nodad home valid_lft 4000 preferred_lft 3000",
      "addr add 2001:db8:4::2/64 dev wan0 nodad mngtmpaddr valid_lft 4000 preferred_lft 3000",
      "addr add 2001:db8:5::2 peer 2001:db8:6::9 dev wan0 nodad",
      "addr add 2001:db8:7::2/64 dev wan0 nodad metric 42",
    ]);
    ifindex = ipLinks().find(({ name }) => name === "wan0")?.ifindex ?? assert.fail();
    await untilLocal();
  });

  after(() => lifetimes[Symbol.dispose]());

  test("an address is read with what is left of its lifetimes, and one that is not there is none", () => {
    assert.deepEqual(lifetimes.read(own("2001:db8:1::2")), {
      ...own("2001:db8:1::2"),
      preferred: "forever",
      valid: "forever",
    });
    const { preferred, valid } = lifetimes.read(own("2001:db8:3::2")) ?? assert.fail();
    assert.ok(preferred !== "forever" && preferred > seconds(2_900) && preferred <= seconds(3_000), `${preferred}`);
    assert.ok(valid !== "forever" && valid > seconds(3_900) && valid <= seconds(4_000), `${valid}`);
    assert.equal(lifetimes.read(own("2001:db8::99")), undefined);
    assert.equal(lifetimes.read({ ifindex: 9_999, address: ipAddress("2001:db8:1::2") }), undefined);
    assert.match(lifetimes.prefer(own("2001:db8::99"), millis(0)) ?? "", /no such address/);
    assert.equal(addressOf("wan0", "2001:db8::99"), undefined, "nothing is made");
  });

  for (const prefix of [1, 2, 3, 4, 5, 7]) {
    test(`address ${prefix} is deprecated and preferred again, and nothing else about it or its routes changes`, () => {
      const text = `2001:db8:${prefix}::2`;
      const [row, before, untouched] = [addressOf("wan0", text), lifetimes.read(own(text)), routes()];
      assert.ok(before !== undefined && row !== undefined);
      assert.equal(lifetimes.prefer(own(text), millis(0)), undefined);
      const deprecated = addressOf("wan0", text);
      assert.deepEqual(alike(deprecated), { ...alike(row), deprecated: true });
      assert.equal(deprecated?.["preferred_life_time"], 0);
      assert.ok(Math.abs(Number(deprecated?.["valid_life_time"]) - Number(row["valid_life_time"])) <= 2);
      assert.equal(routes(), untouched);
      assert.equal(lifetimes.prefer(own(text), before.preferred), undefined);
      const restored = addressOf("wan0", text);
      assert.deepEqual(alike(restored), alike(row));
      assert.ok(Math.abs(Number(restored?.["preferred_life_time"]) - Number(row["preferred_life_time"])) <= 2);
      assert.equal(routes(), untouched);
    });
  }

  test("what iproute2 makes of an address is what we make of it", () => {
    ipBatch([
      "link add wan1 type veth peer name isp1",
      "link set isp1 up",
      "link set wan1 up",
      "addr add 2001:db8:3::3/64 dev wan1 nodad home valid_lft 4000 preferred_lft 3000",
      "-6 addr change 2001:db8:3::3/64 dev wan1 nodad home valid_lft 4000 preferred_lft 0",
    ]);
    lifetimes.prefer(own("2001:db8:3::2"), millis(0));
    const [theirs, ours] = [addressOf("wan1", "2001:db8:3::3"), addressOf("wan0", "2001:db8:3::2")];
    assert.deepEqual({ ...alike(ours), local: "" }, { ...alike(theirs), local: "" });
    lifetimes.prefer(own("2001:db8:3::2"), seconds(3_000));
  });

  test("temporary addresses are deprecated and preferred with the one that they were made from", () => {
    const temporary = () => addressesOf("wan0").filter((row) => row["temporary"] === true);
    assert.equal(temporary().length, 1);
    lifetimes.prefer(own("2001:db8:4::2"), millis(0));
    assert.deepEqual(
      temporary().map((row) => row["deprecated"]),
      [true],
    );
    lifetimes.prefer(own("2001:db8:4::2"), seconds(2_000));
    assert.deepEqual(
      temporary().map((row) => [row["deprecated"], Number(row["preferred_life_time"]) > 1_900]),
      [[undefined, true]],
    );
  });

  test("a route of the prefix that was taken away on purpose stays away, whatever becomes of the address", () => {
    ipBatch([
      "addr add 2001:db8:8::2/64 dev wan0 nodad",
      "addr add 2001:db8:9::2/64 dev wan0 nodad valid_lft 4000 preferred_lft 3000",
      "-6 route del 2001:db8:8::/64 dev wan0",
      "-6 route del 2001:db8:9::/64 dev wan0",
    ]);
    const untouched = routes();
    for (const [text, preferred] of [
      ["2001:db8:8::2", "forever"],
      ["2001:db8:9::2", seconds(3_000)],
    ] as const) {
      assert.equal(lifetimes.prefer(own(text), millis(0)), undefined);
      assert.equal(routes(), untouched);
      assert.equal(lifetimes.prefer(own(text), preferred), undefined);
      assert.equal(routes(), untouched);
    }
  });

  test("without a carrier the routes of prefixes stay too", () => {
    writeFileSync("/proc/sys/net/ipv6/conf/wan0/ignore_routes_with_linkdown", "1");
    ipBatch(["link set isp0 down"]);
    const untouched = routes();
    assert.match(untouched, /2001:db8:1::\/64 dev wan0 .*linkdown/);
    lifetimes.prefer(own("2001:db8:1::2"), millis(0));
    lifetimes.prefer(own("2001:db8:1::2"), "forever");
    assert.equal(routes(), untouched);
    assert.equal(addressOf("wan0", "2001:db8:1::2")?.["noprefixroute"], undefined);
    ipBatch(["link set isp0 up"]);
  });

  test("its socket is closed with it", () => {
    const open = () => readdirSync("/proc/self/fd").length;
    const before = open();
    const other = createAddressLifetimes(createNative());
    assert.equal(open(), before + 1);
    other[Symbol.dispose]();
    assert.equal(open(), before);
  });
});

/** What does not run out. */
function alike(row: Row | undefined): Row {
  const { valid_life_time: _valid, preferred_life_time: _preferred, ...rest } = row ?? {};
  return rest;
}
