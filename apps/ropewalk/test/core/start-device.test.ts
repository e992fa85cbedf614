/** Whether the program of an exit is a service of systemd's, by its control group. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isServiceGroup } from "../../src/compose/core/start-device.ts";

test("a service is one, in whichever slice and hierarchy", () => {
  assert.ok(isServiceGroup("0::/system.slice/ropewalk-core.service\n"));
  assert.ok(isServiceGroup("0::/vpn.slice/ropewalk-core.service\n"));
  assert.ok(isServiceGroup("12:pids:/x\n1:name=systemd:/system.slice/ropewalk-core.service\n"));
});

test("a shell is none, be it of a login, a terminal or a container; nor is what cannot be read", () => {
  assert.ok(!isServiceGroup("0::/user.slice/user-0.slice/session-3.scope\n"));
  assert.ok(!isServiceGroup("0::/user.slice/user-1000.slice/user@1000.service/app.slice/terminal.service\n"));
  assert.ok(!isServiceGroup("0::/\n"));
  assert.ok(!isServiceGroup(""));
});
