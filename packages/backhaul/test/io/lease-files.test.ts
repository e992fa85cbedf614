import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readLeases } from "@ropewalk/backhaul/io/lease-files";
import { fixtureBytes, fixtureFolder, fixtureText } from "./fixture.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const wan0 = { ifindex: 2, name: "wan0" };
/** A moment at which every lease of the fixtures is good. */
const now = Date.UTC(2026, 10, 20, 12, 45);
const dhcpcdWroteAt = Date.UTC(2026, 10, 20, 12, 34, 15);

class Machine extends ScratchFolder {
  read(link: { readonly ifindex: number; readonly name: string } = wan0, at: number = now) {
    const ownLeases = this.in("own");
    return readLeases({ run: this.in("run"), varLib: this.in("lib"), etc: this.in("etc"), ownLeases }, link, at);
  }
}

test("a machine without any DHCP client has no lease", () => {
  using machine = new Machine();
  assert.deepEqual(machine.read(), { kind: "none", unreadable: [] });
});

test("the lease of dhclient is found wherever Debian, Red Hat and NetworkManager keep it", () => {
  for (const name of [
    "lib/dhcp/dhclient.leases",
    "lib/dhcp/dhclient.wan0.leases",
    "lib/dhclient/dhclient-0f1e--wan0.lease",
    "lib/NetworkManager/dhclient-8a5f1b0e-6a0c-4e8e-9c0e-5a3f0e1d2c3b-wan0.lease",
  ]) {
    using machine = new Machine();
    const file = machine.write(name, fixtureText("dhclient-4.4.3/dhclient.leases"));
    const lease = machine.read();
    assert.ok(lease.kind === "lease", name);
    assert.deepEqual([lease.program, lease.file, lease.isAndroidMetered], ["dhclient", file, true]);
  }
});

test("a lease of our own comes before whatever others left, has a way out, and ends with its address alone", () => {
  using machine = new Machine();
  machine.write("lib/dhcp/dhclient.leases", fixtureText("dhclient-4.4.3/dhclient.leases"));
  const file = machine.write(
    "own/wan0.lease",
    "client=7\naddress=198.18.8.2/24\nresolvers=192.0.2.53\nrouters=198.18.8.1\nroutes=\nvendor=414e44524f49445f4d455445524544\n",
    // A machine that was switched on without knowing the time.
    0,
  );
  assert.deepEqual(machine.read(), {
    kind: "lease",
    program: "udhcpc",
    address: "198.18.8.2",
    servers: ["192.0.2.53"],
    routers: ["198.18.8.1"],
    wayOut: { gateway: "198.18.8.1" },
    expiresAt: undefined,
    isAndroidMetered: true,
    file,
  });
  machine.write("own/wan0.lease", "client=7\naddress=nonsense\n");
  const left = machine.read();
  assert.equal(left.kind === "lease" ? left.program : left.kind, "dhclient");
});

test("the IPv4 and the IPv6 lease of dhcpcd are told as one, which ends with the first of them", () => {
  using machine = new Machine();
  const file = machine.write("lib/dhcpcd/wan0.lease", fixtureBytes("dhcpcd-9.4.1/wan0.lease"), dhcpcdWroteAt);
  const file6 = machine.write(
    "lib/dhcpcd/wan0.lease6",
    fixtureBytes("dhcpcd-9.4.1/wan0.lease6"),
    dhcpcdWroteAt - 60_000,
  );
  assert.deepEqual(machine.read(), {
    kind: "lease",
    program: "dhcpcd",
    address: "192.0.2.91",
    servers: ["192.0.2.53", "198.51.100.53", "2001:db8:1::53"],
    routers: ["192.0.2.1"],
    expiresAt: dhcpcdWroteAt - 60_000 + 43_200_000,
    isAndroidMetered: true,
    file: `${file} and ${file6}`,
  });
});

test("of two programs the one whose lease is newer wins", () => {
  using machine = new Machine();
  machine.write("lib/dhcp/dhclient.wan0.leases", fixtureText("dhclient-4.4.3/dhclient.wan0.leases"));
  const file = machine.write("lib/dhcpcd/wan0.lease", fixtureBytes("dhcpcd-9.4.1/wan0.lease"), dhcpcdWroteAt);
  const newer = machine.read();
  assert.equal(newer.kind === "lease" && newer.file, file);
  machine.write("lib/dhcpcd/wan0.lease", fixtureBytes("dhcpcd-9.4.1/wan0.lease"), dhcpcdWroteAt - 600_000);
  const older = machine.read();
  assert.equal(older.kind === "lease" && older.program, "dhclient");
});

test("a lease that has ended is told as ended, to the millisecond", () => {
  using machine = new Machine();
  const file = machine.write("lib/dhcp/dhclient.wan0.leases", fixtureText("dhclient-4.4.3/dhclient.wan0.leases"));
  const end = Date.UTC(2026, 10, 21, 0, 34, 2);
  assert.equal(machine.read(wan0, end - 1).kind, "lease");
  assert.deepEqual(machine.read(wan0, end), { kind: "expired", program: "dhclient", file, expiredAt: end });
});

test("a clock that runs before the lease began does not end it", () => {
  using machine = new Machine();
  machine.write("lib/dhcp/dhclient.wan0.leases", fixtureText("dhclient-4.4.3/dhclient.wan0.leases"));
  assert.equal(machine.read(wan0, 0).kind, "lease");
});

test("the lease of NetworkManager is found by interface number", () => {
  using machine = new Machine();
  machine.write("run/NetworkManager/devices/2", fixtureText("network-manager-1.42.4/device"));
  const lease = machine.read();
  assert.equal(lease.kind === "lease" && lease.program, "NetworkManager");
  assert.equal(machine.read({ ifindex: 3, name: "wan0" }).kind, "none");
});

test("a wireless lease is found by its network, and never taken for that of a link with a longer name", () => {
  using machine = new Machine();
  machine.write("lib/dhcpcd/wlan0-Caf%e9.lease", fixtureBytes("dhcpcd-9.4.1/wan0.lease"), dhcpcdWroteAt);
  machine.write("lib/dhcpcd/wan0.lease", fixtureBytes("dhcpcd-9.4.1/wan0.lease"), dhcpcdWroteAt - 3_600_000);
  machine.write("lib/dhcpcd/wan0-5.lease", fixtureBytes("dhcpcd-9.4.1/wan0.lease"), dhcpcdWroteAt);
  assert.equal(machine.read({ ifindex: 4, name: "wlan0" }).kind, "lease");
  assert.equal(machine.read({ ifindex: 5, name: "wlan" }).kind, "none");
  const lease = machine.read();
  assert.equal(lease.kind === "lease" && lease.file, machine.in("lib/dhcpcd/wan0.lease"));
});

test("what cannot be read is named, and does not hide what can", () => {
  using machine = new Machine();
  machine.write("lib/dhcp/dhclient.leases", "x".repeat(300_000));
  mkdirSync(machine.in("lib/dhcpcd/wan0.lease"), { recursive: true });
  const none = machine.read();
  assert.deepEqual(none, {
    kind: "none",
    unreadable: [
      `${machine.in("lib/dhcp/dhclient.leases")}: it has more than 262144 bytes`,
      `${machine.in("lib/dhcpcd/wan0.lease")}: it is not a regular file`,
    ],
  });
  machine.write("run/NetworkManager/devices/2", fixtureText("network-manager-1.42.4/device"));
  assert.equal(machine.read().kind, "lease");
});

test("a folder that this user may not open is named with the system's reason", () => {
  using machine = new Machine();
  mkdirSync(machine.in("lib/NetworkManager"), { recursive: true });
  chmodSync(machine.path, 0o755);
  chmodSync(machine.in("lib/NetworkManager"), 0o700);
  const asNobody = (read: () => unknown) => {
    if (process.getuid?.() !== 0) {
      chmodSync(machine.in("lib/NetworkManager"), 0);
      return read();
    }
    process.seteuid?.(65534);
    try {
      return read();
    } finally {
      process.seteuid?.(0);
    }
  };
  assert.deepEqual(
    asNobody(() => machine.read()),
    {
      kind: "none",
      unreadable: [`${machine.in("lib/NetworkManager")}: EACCES`],
    },
  );
});

test("files that another program writes, replaces and removes meanwhile give a whole lease or none", () => {
  using machine = new Machine();
  const file = machine.write("lib/dhcp/dhclient.wan0.leases", "");
  const source = join(fixtureFolder, "dhclient-4.4.3/dhclient.wan0.leases");
  const script = 'while :; do cp "$1" "$2"; mv "$2" "$2.leases"; rm "$2.leases"; done';
  const writer = spawn("sh", ["-c", script, "sh", source, file], { stdio: "ignore" });
  try {
    const seen = new Set<string>();
    const deadline = performance.now() + 30_000;
    while (seen.size < 2 && performance.now() < deadline) {
      const lease = machine.read();
      seen.add(lease.kind);
      if (lease.kind === "lease") assert.deepEqual(lease.servers, ["192.0.2.53", "198.51.100.53"]);
    }
    assert.deepEqual([...seen].sort(), ["lease", "none"]);
  } finally {
    writer.kill("SIGKILL");
  }
});
