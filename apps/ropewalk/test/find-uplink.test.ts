import assert from "node:assert/strict";
import { test } from "node:test";
import { findUplink } from "../src/local-api/find-uplink.ts";
import { wan0, wan1 } from "./picture.ts";

test("an uplink is found by its id, its interface and its label", () => {
  for (const name of ["usb-1", "wan1", "spare"]) assert.equal(findUplink(name, [wan0, wan1]), wan1);
});

test("a label that two uplinks share is refused with their ids", () => {
  const twins = [{ ...wan0, label: "spare" }, wan1];
  assert.throws(() => findUplink("spare", twins), { code: "APP_USAGE", message: /pci-0000:00:03\.0, usb-1/ });
});

test("an unknown name is answered with the nearest, else with all there are, else with none", () => {
  assert.throws(() => findUplink("wan2", [wan0]), { code: "APP_NOT_FOUND", message: /Did you mean "wan0"\?/ });
  assert.throws(() => findUplink("x", [wan0, wan1]), { message: /There are: wan0, wan1, spare\./ });
  assert.throws(() => findUplink("x", []), { message: /There are no uplinks\./ });
});
