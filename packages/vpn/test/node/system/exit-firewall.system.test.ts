/** The exit's firewall by the program nft and by the library: the same promises, kept to real packets. */

import { suite } from "node:test";
import { createNative } from "@ropewalk/host/linux/native";
import { createNftLibrary } from "@ropewalk/host/linux/native-nft";
import { createNftCli } from "@ropewalk/host/linux/nft-program";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { inOwnNamespace } from "../../in-own-namespace.ts";
import { exitFirewallContract } from "./exit-firewall.contract.ts";

inOwnNamespace(import.meta.filename, () => {
  const native = createNative();
  suite("cli", () => exitFirewallContract("cli", () => createNftCli(native, createSystemClock())));
  suite("native", () => exitFirewallContract("native", () => createNftLibrary(native)));
});
