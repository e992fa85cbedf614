/**
 * Who one end of gRPC is and whom it trusts: both ends show a certificate and demand one of the other. It may be replaced while calls are under
 * way: these go on as they began, and the next connection is made with what is there then.
 */
import { type experimental, logVerbosity, setLogVerbosity } from "@grpc/grpc-js";

type Provider = Parameters<typeof experimental.createCertificateProviderServerCredentials>[0];
type CaListener = Parameters<Provider["addCaCertificateListener"]>[0];
type IdentityListener = Parameters<Provider["addIdentityCertificateListener"]>[0];

/** All PEM. */
export interface GrpcIdentityFiles {
  /** The leaf first, then what leads to the CA. */
  readonly certificate: Uint8Array;
  readonly key: Uint8Array;
  readonly authorities: Uint8Array;
}

export class GrpcIdentity implements Provider {
  readonly #ofCa = new Set<CaListener>();
  readonly #ofIdentity = new Set<IdentityListener>();
  #files: GrpcIdentityFiles;

  static {
    // What the library would print ends a call, or a start, with an error that says it.
    setLogVerbosity(logVerbosity.NONE);
  }

  /** Their owner has checked them. */
  constructor(files: GrpcIdentityFiles) {
    this.#files = files;
  }

  replace(files: GrpcIdentityFiles): void {
    this.#files = files;
    for (const listener of this.#ofCa) this.#tellCa(listener);
    for (const listener of this.#ofIdentity) this.#tellIdentity(listener);
  }

  addCaCertificateListener(listener: CaListener): void {
    this.#ofCa.add(listener);
    queueMicrotask(() => this.#tellCa(listener));
  }

  removeCaCertificateListener(listener: CaListener): void {
    this.#ofCa.delete(listener);
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    this.#ofIdentity.add(listener);
    queueMicrotask(() => this.#tellIdentity(listener));
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.#ofIdentity.delete(listener);
  }

  #tellCa(listener: CaListener): void {
    if (this.#ofCa.has(listener)) listener({ caCertificate: Buffer.from(this.#files.authorities) });
  }

  #tellIdentity(listener: IdentityListener): void {
    const { certificate, key } = this.#files;
    if (this.#ofIdentity.has(listener))
      listener({ certificate: Buffer.from(certificate), privateKey: Buffer.from(key) });
  }
}
