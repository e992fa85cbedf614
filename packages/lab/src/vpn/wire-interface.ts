/** A customer's own device: an interface of wireguard-go on a host of the lab, set up as `wg-quick` would. */
import type { LabHost } from "../lab-host.ts";
import type { LabProcess } from "../lab-process.ts";

export interface WirePlace {
  readonly endpoint: string;
  /** In base64. */
  readonly publicKey: string;
  readonly presharedKey?: string;
  readonly addresses: readonly string[];
  /** What goes through the tunnel. */
  readonly routes: readonly string[];
}

const name = "wg0";

export class WireInterface implements AsyncDisposable {
  /** In base64. */
  readonly publicKey: string;
  readonly #host: LabHost;
  readonly #process: LabProcess;
  readonly #privateKey: string;

  /** It is up when this resolves, with a key that was drawn for it. Throws LAB_COMMAND_FAILED. */
  static async open(host: LabHost): Promise<WireInterface> {
    const { stdout: privateKey } = await host.exec("wg", ["genkey"]);
    const { stdout: publicKey } = await host.exec("wg", ["pubkey"], { input: privateKey });
    const device = host.spawn("wireguard-go", ["--foreground", name]);
    device.stdout.resume();
    device.stderr.resume();
    await host.exec("sh", [
      "-c",
      `i=0; until ip link set ${name} up 2>/dev/null; do i=$((i+1)); [ $i -lt 500 ]; sleep 0.01; done`,
    ]);
    return new WireInterface(host, device, { privateKey: privateKey.trim(), publicKey: publicKey.trim() });
  }

  private constructor(
    host: LabHost,
    device: LabProcess,
    { privateKey, publicKey }: { readonly privateKey: string; readonly publicKey: string },
  ) {
    this.#host = host;
    this.#process = device;
    this.#privateKey = privateKey;
    this.publicKey = publicKey;
  }

  /** Where the session says. Throws LAB_COMMAND_FAILED. */
  async place({ endpoint, publicKey, presharedKey, addresses, routes }: WirePlace): Promise<void> {
    const peer = [`PublicKey = ${publicKey}`, `Endpoint = ${endpoint}`, "AllowedIPs = 0.0.0.0/0, ::/0"];
    const shared = presharedKey === undefined ? [] : [`PresharedKey = ${presharedKey}`];
    const text = ["[Interface]", `PrivateKey = ${this.#privateKey}`, "[Peer]", ...peer, ...shared, ""].join("\n");
    const given = addresses.map((address) => `ip address add ${address} dev ${name}`);
    const led = routes.map((route) => `ip route replace ${route} dev ${name}`);
    const steps = [`cat >/run/${name}.conf`, `wg setconf ${name} /run/${name}.conf`, ...given, ...led];
    await this.#host.exec("sh", ["-ec", steps.join("\n")], { input: text });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
