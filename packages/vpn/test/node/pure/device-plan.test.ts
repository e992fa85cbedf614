/** Of which WireGuard an exit's device is made, and which it keeps. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type KernelTrial, planDevice } from "@ropewalk/vpn/node/pure/device-plan";

const works = (): KernelTrial => ({ kind: "works" });
const lacks = (): KernelTrial => ({ kind: "lacks", why: "there is none" });
const untried = (): KernelTrial => assert.fail("the kernel need not be tried");

test("a device that is there is kept where nobody asks for another: to change it cuts every tunnel", () => {
  for (const driver of ["kernel", "wireguard-go"] as const) {
    assert.deepEqual(planDevice("auto", driver, untried), { kind: "keep", driver });
    assert.deepEqual(planDevice(driver, driver, untried), { kind: "keep", driver });
  }
});

test("where there is none the kernel makes it if it can, and wireguard-go with the reason if not", () => {
  assert.deepEqual(planDevice("auto", undefined, works), { kind: "make", driver: "kernel", why: undefined });
  assert.deepEqual(planDevice("auto", undefined, lacks), {
    kind: "make",
    driver: "wireguard-go",
    why: "there is none",
  });
  const named = { kind: "make", driver: "wireguard-go", why: undefined };
  assert.deepEqual(planDevice("wireguard-go", undefined, untried), named);
});

test("the operator's word replaces another driver's device", () => {
  assert.deepEqual(planDevice("kernel", "wireguard-go", works), { kind: "replace", driver: "kernel" });
  assert.deepEqual(planDevice("wireguard-go", "kernel", untried), { kind: "replace", driver: "wireguard-go" });
});

test("a kernel that is asked for and has no WireGuard is a refusal, and what is there stays", () => {
  assert.deepEqual(planDevice("kernel", undefined, lacks), { kind: "refuse", why: "there is none" });
  assert.deepEqual(planDevice("kernel", "wireguard-go", lacks), { kind: "refuse", why: "there is none" });
});
