/** The `[core]` table: what it says when nothing is given, what it refuses, and the variables of the exit nodes that were there before. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "@ropewalk/ops/config";
import { describeFault } from "@ropewalk/ops/config-fault";
import { capacityOf, coreSection } from "@ropewalk/vpn/node/config";
import { poolCapacity } from "@ropewalk/vpn/node/pure/pools";

const sections = { core: coreSection };

function load(content: string, env: Readonly<Record<string, string>> = {}) {
  return loadConfig({ sections, env, text: { path: "ropewalk.toml", content } });
}

function accepted(content: string, env?: Readonly<Record<string, string>>) {
  const result = load(content, env);
  assert.ok(result.kind === "ok", JSON.stringify(result));
  return result.values.core;
}

function faults(content: string, env?: Readonly<Record<string, string>>): readonly string[] {
  const result = load(content, env);
  return result.kind === "faults" ? result.faults.map(describeFault) : [];
}

test("a machine that is no exit has nothing to set and no fault", () => {
  const core = accepted("");
  assert.equal(core.endpoint, undefined);
  assert.equal(core.interface, "wg0");
  assert.equal(core.driver, "auto");
  assert.equal(accepted("", { ROPEWALK_CORE_DRIVER: "kernel" }).driver, "kernel");
  assert.equal(core.http.listen, "127.0.0.1:7430");
  assert.equal(core.byteCounts, false);
  assert.equal(capacityOf(core), 65_533);
});

test("the room of a pool is without the network, the node and the broadcast address", () => {
  const room = (...addresses: readonly string[]) =>
    poolCapacity(accepted(`[core]\naddresses = ${JSON.stringify(addresses)}`).addresses);
  assert.equal(room("10.0.0.1/30"), 1);
  assert.equal(room("10.0.0.0/31"), 1);
  assert.equal(room("10.0.0.1/24"), 253);
  assert.equal(room("fd00::1/126"), 2);
  assert.equal(room("10.0.0.1/24", "fd00::1/64"), 253);
  assert.equal(room("10.0.0.1/8", "fd00::1/126"), 2);
});

test("a pool without room, twice one family, and an address that is the network's are said with the line", () => {
  const fault = (addresses: string) => faults(`[core]\naddresses = [${addresses}]`);
  assert.match(fault('"10.0.0.1/32"').join(), /ropewalk\.toml:2: core\.addresses.*no room for a peer.*\/30/);
  assert.match(fault('"10.0.0.1/24", "10.1.0.1/24"').join(), /one of each family: IPv4 is there twice/);
  assert.match(fault('"10.0.0.0/24"').join(), /10\.0\.0\.0\/24 is the network's/);
  assert.match(fault('"10.0.0.255/24"').join(), /is the network's/);
  assert.match(fault('"fd00::/64"').join(), /is the network's/);
  assert.match(fault('"10.0.0.1"').join(), /expected an own address with the length of its network/);
});

test("more peers than addresses, and an MTU that IPv6 does not bear, are faults", () => {
  assert.match(
    faults('[core]\naddresses = ["10.0.0.1/24"]\ncapacity = 254').join(),
    /core\.capacity.*254 peers, and the pools have addresses for 253/,
  );
  assert.match(faults("[core]\nmtu = 1200").join(), /core\.mtu.*IPv6 needs 1280/);
  assert.equal(accepted('[core]\naddresses = ["10.0.0.1/24"]\nmtu = 1200').mtu, 1200);
});

test("services and networks are read as they are written, and mistakes say what would be right", () => {
  const core = accepted('[core]\nservices = ["udp/53", "tcp/53"]\nmanagement_prefixes = ["198.51.100.7", "fd12::/16"]');
  assert.deepEqual(core.services, [
    { protocol: "udp", port: 53 },
    { protocol: "tcp", port: 53 },
  ]);
  assert.deepEqual(core.managementPrefixes, [
    { address: "198.51.100.7", length: 32 },
    { address: "fd12::", length: 16 },
  ]);
  assert.match(faults('[core]\nservices = ["53"]').join(), /expected a protocol and a port/);
  assert.match(faults('[core]\nopened_prefixes = ["10.0.0.1/8"]').join(), /write 10\.0\.0\.0\/8 for the whole network/);
  assert.match(faults('[core]\ninterface = "wg*"').join(), /expected the name of an interface/);
  assert.match(faults('[core.http]\nlisten = "0.0.0.0:7430"').join(), /expected a loopback address/);
});

test("the variables of former exit nodes set what they set", () => {
  const core = accepted("", {
    APP_ENV: "production",
    WG_INTERFACE: "exit0",
    WG_INTERFACE_CIDR: "10.90.0.1/24",
    WG_LISTEN_PORT: "51821",
    WG_PRIVATE_KEY_PATH: "/etc/wireguard/private.key",
    WG_NAT_DRIVER: "cli",
    CORE_BIND_ADDR: "0.0.0.0:50051",
    CORE_TLS_CERT_PATH: "/tls/core.crt",
    CORE_TLS_KEY_PATH: "/tls/core.key",
    CORE_TLS_CLIENT_CA_CERT_PATH: "/tls/ca.crt",
  });
  assert.equal(core.environment, "production");
  assert.equal(core.interface, "exit0");
  assert.deepEqual(core.addresses, [{ address: "10.90.0.1", length: 24 }]);
  assert.equal(capacityOf(core), 253);
  assert.equal(core.listenPort, 51_821);
  assert.equal(core.privateKeyFile, "/etc/wireguard/private.key");
  assert.equal(core.natDriver, "cli");
  assert.equal(core.control.listen, "0.0.0.0:50051");
  const { certificate, key, authorities } = core.control;
  assert.deepEqual(
    { certificate, key, authorities },
    {
      certificate: "/tls/core.crt",
      key: "/tls/core.key",
      authorities: ["/tls/ca.crt"],
    },
  );
});

test("those that set nothing any more are refused with the reason, also as files", () => {
  const refused = faults("", {
    CORE_REQUIRE_TLS: "false",
    CORE_DATAPLANE_NOOP: "true",
    WG_EGRESS_IFACE: "eth0",
    WG_SERVER_PUBLIC_KEY_FILE: "/run/secrets/key",
    WG_ENDPOINT_TEMPLATE: "{region}.example:51820",
  });
  assert.equal(refused.length, 5);
  assert.match(refused.join("\n"), /CORE_REQUIRE_TLS: there is nothing to set: both ends always prove themselves/);
  assert.match(refused.join("\n"), /WG_ENDPOINT_TEMPLATE: is now ROPEWALK_CORE_ENDPOINT/);
  assert.match(faults("", { WG_NAT_DRIVER: "iptables" }).join(), /core\.nat_driver/);
});
