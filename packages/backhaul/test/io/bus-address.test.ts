import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBusAddress } from "@ropewalk/backhaul/io/bus-address";

for (const [address, socket] of [
  ["unix:path=/run/dbus/system_bus_socket", "/run/dbus/system_bus_socket"],
  ["unix:path=/run/a%20b,guid=00ff", "/run/a b"],
  ["unix:guid=00ff,path=/run/bus", "/run/bus"],
  ["unix:abstract=/tmp/dbus-x", "\0/tmp/dbus-x"],
  ["tcp:host=192.0.2.1,port=1;unix:path=/run/bus", "/run/bus"],
  ["unixexec:path=/bin/sh;unix:path=/run/bus", "/run/bus"],
  ["unixexec:path=/bin/sh", undefined],
  ["tcp:host=192.0.2.1,port=1", undefined],
  ["autolaunch:", undefined],
  ["unix:path=%ff", undefined],
  ["unix:path=/run/bus%00x", undefined],
  ["unix:path=", undefined],
  ["", undefined],
] as const) {
  test(`"${address}" ${socket === undefined ? "names no socket" : "names its socket"}`, () => {
    assert.equal(parseBusAddress(address), socket);
  });
}
