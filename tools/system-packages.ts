/**
 * Brings the programs that the tests race and check against. What is safe to install is installed by apt; what would
 * start a service on a developer's machine is only unpacked below `build/borrowed/NAME`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

interface Program {
  readonly command: string;
  readonly debian: readonly string[];
  readonly use: string;
}

const installed: readonly Program[] = [
  { command: "ip", debian: ["iproute2"], use: "the lab's links and routes" },
  { command: "nft", debian: ["nftables"], use: "the lab's filters and counters, and the marks of forwarded flows" },
  { command: "unshare", debian: ["util-linux"], use: "the lab's namespaces" },
  { command: "mount", debian: ["mount"], use: "the lab's namespaces" },
  { command: "hostname", debian: ["hostname"], use: "the lab's hosts" },
  { command: "dnsmasq", debian: ["dnsmasq-base"], use: "the lab's resolvers and leases" },
  { command: "dhclient", debian: ["isc-dhcp-client"], use: "the lab's uplinks by DHCP" },
  { command: "udhcpc", debian: ["udhcpc"], use: "the leases that Ropewalk gets itself" },
  { command: "wireguard-go", debian: ["wireguard-go"], use: "WireGuard devices where the kernel has none" },
  { command: "wg", debian: ["wireguard-tools"], use: "checking what WireGuard devices have" },
  { command: "openssl", debian: ["openssl"], use: "the lab's certificates" },
  { command: "cc", debian: ["gcc", "libc6-dev"], use: "the lab's traffic" },
  { command: "pgrep", debian: ["procps"], use: "tests' looks for processes" },
  { command: "ping", debian: ["iputils-ping"], use: "the lab's reachability checks" },
  { command: "systemd-analyze", debian: ["systemd"], use: "checking the systemd unit" },
];

interface Borrowed {
  readonly name: string;
  /** A file that is there once the packages are unpacked. */
  readonly proof: string;
  readonly debian: readonly string[];
  /** Of these packages those that they depend on, whose names are other ones in each version. */
  readonly newest?: readonly string[];
  readonly use: string;
}

const openssh: Borrowed = {
  name: "openssh",
  proof: "usr/sbin/sshd",
  debian: [
    ...["openssh-server", "openssh-client", "libaudit1", "libcap-ng0", "libcap2", "libcbor0.8", "libcom-err2"],
    ...["libcrypt1", "libedit2", "libfido2-1", "libgcrypt20", "libgpg-error0", "libgssapi-krb5-2", "libk5crypto3"],
    ...["libkeyutils1", "libkrb5-3", "libkrb5support0", "liblz4-1", "liblzma5", "libnsl2", "libpam0g", "libpcre2-8-0"],
    ...["libselinux1", "libssl3", "libsystemd0", "libtirpc3", "libudev1", "libwrap0", "libzstd1", "zlib1g"],
  ],
  use: "the race of tunnels, and the login of the tunnel's demo in the lab",
};

const borrowed: readonly Borrowed[] = [
  openssh,
  { name: "prometheus", proof: "usr/bin/promtool", debian: ["prometheus"], use: "checking the metrics page" },
  {
    name: "network-manager",
    proof: "usr/sbin/NetworkManager",
    // With the libraries it needs, whatever of them the machine has: unpacked, it is run with its own.
    debian: [
      ...[
        "network-manager",
        "dbus-daemon",
        "libapparmor1",
        "libaudit1",
        "libblkid1",
        "libbrotli1",
        "libcap-ng0",
        "libcap2",
      ],
      ...[
        "libcom-err2",
        "libcurl3-gnutls",
        "libdbus-1-3",
        "libexpat1",
        "libffi8",
        "libgcrypt20",
        "libglib2.0-0",
        "libgmp10",
      ],
      ...[
        "libgnutls30",
        "libgpg-error0",
        "libgssapi-krb5-2",
        "libhogweed6",
        "libidn2-0",
        "libk5crypto3",
        "libkeyutils1",
      ],
      ...[
        "libkrb5-3",
        "libkrb5support0",
        "libldap-2.5-0",
        "liblz4-1",
        "liblzma5",
        "libmount1",
        "libndp0",
        "libnettle8",
      ],
      ...[
        "libnghttp2-14",
        "libnm0",
        "libp11-kit0",
        "libpcre2-8-0",
        "libpsl5",
        "libreadline8",
        "librtmp1",
        "libsasl2-2",
      ],
      ...["libselinux1", "libssh2-1", "libssl3", "libsystemd0", "libtasn1-6", "libtinfo6", "libudev1", "libunistring2"],
      ...["libzstd1", "zlib1g"],
    ],
    use: "the test that reads a real NetworkManager",
  },
  {
    name: "systemd-resolved",
    proof: "lib/systemd/systemd-resolved",
    // The library is of exactly its version; what both need besides is there wherever systemd is.
    debian: ["systemd-resolved", "libsystemd-shared"],
    use: "the test that asks a real systemd-resolved",
  },
];

/** Programs of others that a race of `npm run bench` runs; fetched when it runs, and by nothing else. */
const raced = {
  keepalived: {
    name: "keepalived",
    proof: "usr/sbin/keepalived",
    debian: [
      ...["keepalived", "libblkid1", "libcap2", "libcom-err2", "libcrypt1", "libffi8", "libgcrypt20", "libglib2.0-0"],
      ...["libgpg-error0", "libgssapi-krb5-2", "libk5crypto3", "libkeyutils1", "libkrb5-3", "libkrb5support0"],
      ...["liblz4-1", "liblzma5", "libmnl0", "libmount1", "libnftnl11", "libnl-3-200", "libnl-genl-3-200", "libnsl2"],
      ...["libpci3", "libpcre2-8-0", "libperl5.36", "libselinux1", "libsensors5", "libsnmp40", "libssl3"],
      ...["libsystemd0", "libtirpc3", "libudev1", "libwrap0", "libzstd1", "zlib1g"],
    ],
    use: "the race of monitors",
  },
  frr: {
    name: "frr",
    proof: "usr/lib/frr/bfdd",
    debian: ["frr", "libcap2", "libcrypt1", "libjson-c5", "libpcre2-8-0", "libyang2"],
    use: "the race of monitors",
  },
  stunnel: {
    name: "stunnel",
    proof: "usr/bin/stunnel4",
    debian: [
      ...["stunnel4", "libssl3", "libsystemd0", "libwrap0", "libcap2", "libgcrypt20", "libgpg-error0", "liblz4-1"],
      ...["liblzma5", "libzstd1", "libnsl2", "libtirpc3", "libgssapi-krb5-2", "libk5crypto3", "libkeyutils1"],
      ...["libkrb5-3", "libkrb5support0", "libcom-err2"],
    ],
    use: "the races of handshakes and tunnels",
  },
  openssh,
  spiped: {
    name: "spiped",
    proof: "usr/bin/spiped",
    debian: ["spiped", "libssl3"],
    use: "the race of tunnels",
  },
  iperf3: {
    name: "iperf3",
    proof: "usr/bin/iperf3",
    debian: ["iperf3", "libiperf0", "libsctp1", "libssl3"],
    use: "the race of tunnels",
  },
  guest: {
    name: "guest",
    proof: "usr/bin/qemu-system-x86_64",
    debian: [
      ...["qemu-system-x86", "qemu-system-common", "qemu-system-data", "seabios", "ipxe-qemu", "kmod", "libaio1"],
      ...["libbrlapi0.8", "libcacard0", "libcapstone4", "libdaxctl1", "libepoxy0", "libexecs0", "libfdt1"],
      ...["libfuse3-3", "liborc-0.4-0", "libgstreamer-plugins-base1.0-0", "libnl-3-200", "libnl-route-3-200"],
      ...["libibverbs1", "libndctl6", "libopus0", "libpmem1", "librdmacm1", "libslirp0", "libsndio7.0"],
      ...["libspice-server1", "liburing2", "libusb-1.0-0", "libusbredirparser1", "libvdeplug2"],
    ],
    newest: ["linux-image-6.12-amd64"],
    use: "the virtual machine with another kernel",
  },
} as const satisfies Readonly<Record<string, Borrowed>>;

export function isRaced(name: string): name is keyof typeof raced {
  return Object.hasOwn(raced, name);
}

/** The folder in which the packages of `name` are unpacked, or why they are not. */
export function borrowRaced(name: keyof typeof raced): { readonly folder: string } | { readonly lacking: string } {
  const set = raced[name];
  const folder = resolve("build/borrowed", set.name);
  const isThere = () => existsSync(join(folder, set.proof));
  if (isThere()) return { folder };
  if (!hasCommand("apt-get")) return { lacking: "this machine has no apt-get" };
  if (process.getuid?.() !== 0) return { lacking: "only root may fetch packages: run it once as root" };
  apt(["update", "-qq"]);
  borrow(set);
  return isThere() ? { folder } : { lacking: "apt-get did not bring it" };
}

/** Installs and unpacks what is missing. Returns one sentence for each thing that could not be had. */
export function provideSystemPackages(): readonly string[] {
  const missing = installed.filter(({ command }) => !hasCommand(command));
  const unborrowed = borrowed.filter(({ name, proof }) => !existsSync(join("build/borrowed", name, proof)));
  if (missing.length + unborrowed.length === 0) return [];
  if (!hasCommand("apt-get")) return lacks(missing, unborrowed, "this machine has no apt-get");
  if (process.getuid?.() !== 0) return lacks(missing, unborrowed, "only root may install");
  apt(["update", "-qq"]);
  if (missing.length > 0)
    apt(["install", "-y", "-qq", "--no-install-recommends", ...missing.flatMap(({ debian }) => debian)]);
  for (const set of unborrowed) borrow(set);
  return lacks(
    missing.filter(({ command }) => !hasCommand(command)),
    unborrowed.filter(({ name, proof }) => !existsSync(join("build/borrowed", name, proof))),
    "apt-get did not bring it",
  );
}

function lacks(programs: readonly Program[], sets: readonly Borrowed[], why: string): readonly string[] {
  return [
    ...programs.map(
      ({ command, debian, use }) => `${command} (Debian packages ${debian.join(", ")}), for ${use}: ${why}`,
    ),
    ...sets.map(({ name, debian, use }) => `${name} (Debian packages ${debian.join(", ")}), for ${use}: ${why}`),
  ];
}

/** Unpacks into a folder beside the final one, then renames: a cut leaves nothing half there. */
function borrow({ name, debian, newest = [] }: Borrowed): void {
  mkdirSync("build/borrowed", { recursive: true });
  const staging = mkdtempSync(resolve("build/borrowed", `.${name}-`));
  try {
    apt(["download", "-qq", ...debian, ...newest.flatMap(dependedOn)], staging);
    for (const file of readdirSync(staging).filter((entry) => entry.endsWith(".deb"))) {
      spawnSync("dpkg-deb", ["-x", file, "."], { cwd: staging, stdio: ["ignore", "ignore", "inherit"] });
      rmSync(join(staging, file));
    }
    rmSync(join("build/borrowed", name), { recursive: true, force: true });
    renameSync(staging, join("build/borrowed", name));
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function dependedOn(name: string): readonly string[] {
  const { stdout } = spawnSync("apt-cache", ["depends", name], { encoding: "utf8" });
  return [...stdout.matchAll(/^ {2}Depends: (\S+)$/gm)].flatMap(([, found]) => found ?? []);
}

function apt(args: readonly string[], cwd?: string): void {
  spawnSync("apt-get", ["-o", "APT::Sandbox::User=root", "-o", "DPkg::Lock::Timeout=120", ...args], {
    cwd,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
}

function hasCommand(command: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.some((folder) => existsSync(join(folder, command)));
}
