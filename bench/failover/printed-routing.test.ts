/** How what iproute2 prints becomes what it is told, by lines that iproute2 6.1 printed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deletion, isRopewalks, type PrintedObject } from "./printed-routing.ts";

const route: PrintedObject = {
  ...{ kind: "route", family: "-6" },
  text: "unicast default via 2001:db8:a0::1 dev wan0 table 100 proto 201 scope global metric 1 pref medium",
};
const rule: PrintedObject = { kind: "rule", family: "-4", text: "10001: from 198.18.0.2 lookup 100 proto 201" };

test("a route is deleted by all that it is, and a rule by its priority and all else", () => {
  assert.equal(deletion(route).join(" "), `-6 route del ${route.text}`);
  assert.equal(deletion(rule).join(" "), "-4 rule del priority 10001 from 198.18.0.2 lookup 100 proto 201");
});

test("Ropewalk's is what bears its protocol", () => {
  assert.ok(isRopewalks(route) && isRopewalks(rule));
  assert.ok(!isRopewalks({ ...rule, text: "10001: from 198.18.0.2 lookup 100" }));
});
