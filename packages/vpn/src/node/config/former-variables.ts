/** The variables by which the exit nodes were set that Ropewalk takes the place of: each with the key that it sets, or why there is none. */

export const formerVariables: Readonly<Record<string, string>> = {
  APP_ENV: "environment",
  WG_INTERFACE: "interface",
  WG_INTERFACE_CIDR: "addresses",
  WG_LISTEN_PORT: "listen_port",
  WG_PRIVATE_KEY_PATH: "private_key_file",
  WG_NAT_DRIVER: "nat_driver",
  CORE_BIND_ADDR: "control.listen",
  CORE_TLS_CERT_PATH: "control.certificate",
  CORE_TLS_KEY_PATH: "control.key",
  CORE_TLS_CLIENT_CA_CERT_PATH: "control.authorities",
};

const always = "there is nothing to set: both ends always prove themselves by certificates";

export const refusedVariables: Readonly<Record<string, string>> = {
  CORE_REQUIRE_TLS: always,
  CORE_DATAPLANE_NOOP: "there is nothing to set: an exit node always carries traffic, or does not start",
  WG_EGRESS_IFACE:
    "there is nothing to set: what peers send leaves as this machine's routes say, and is translated whichever way that is",
  WG_SERVER_PUBLIC_KEY:
    "there is nothing to set: the public key is that of core.private_key_file, and entry is told it",
  WG_ENDPOINT_TEMPLATE: 'is now ROPEWALK_CORE_ENDPOINT, "exit.example:51820"; a node has one, whatever its region',
};
