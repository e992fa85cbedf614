/** A watched descriptor goes on being watched after its socket had an error: an overrun netlink socket must not go deaf. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { AF, createNative, ERRNO, isLittleEndian, type Native, SOCK } from "@ropewalk/host/linux/native";
import { encodeInt, SOL_SOCKET } from "../../src/linux/socket-options.ts";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { holds } from "../ports/kept-state.ts";

/** asm-generic/socket.h, linux/rtnetlink.h */
const SO_RCVBUF = 8;
const RTMGRP_LINK = 1;

/** A socket for link events that can hold hardly any. */
function openTinyNetlink(native: Native): number {
  const fd = native.socket(AF.NETLINK, SOCK.RAW, 0);
  const address = new Uint8Array(12);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF.NETLINK, isLittleEndian);
  view.setUint32(8, RTMGRP_LINK, isLittleEndian);
  assert.equal(native.setOption(fd, SOL_SOCKET, SO_RCVBUF, encodeInt(256)), 0);
  assert.equal(native.bind(fd, address), 0);
  return fd;
}

const setMtu = (mtu: number) => execFileSync("ip", ["link", "set", "lo", "mtu", String(mtu)]);

inOwnNamespace(import.meta.filename, () => {
  test("after ENOBUFS the next message is heard again", async () => {
    const native = createNative();
    const fd = openTinyNetlink(native);
    const errors: number[] = [];
    let messages = 0;
    const buffer = new Uint8Array(65_536);
    const watch = native.watchReadable(fd, () => {
      for (;;) {
        const length = native.receive(fd, buffer);
        if (length === -ERRNO.EAGAIN) return;
        if (length < 0) errors.push(-length);
        else messages += 1;
      }
    });
    try {
      for (let mtu = 1_500; mtu < 1_530; mtu += 1) setMtu(mtu);
      await holds(() => errors.includes(ERRNO.ENOBUFS));
      const before = messages;
      setMtu(1_400);
      await holds(() => messages > before);
    } finally {
      watch[Symbol.dispose]();
      native.close(fd);
    }
  });
});
