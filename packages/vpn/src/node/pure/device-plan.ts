/**
 * Of which WireGuard an exit's device is to be, the kernel's or wireguard-go's: as configured, or what is there already, or the kernel's where it
 * has one. Who changes from one to the other ends every tunnel for a moment, so nothing but the operator's word does.
 */

export type DeviceDriver = "kernel" | "wireguard-go";

export type DriverWish = "auto" | DeviceDriver;

/** What the kernel says when it is asked for a device. */
export type KernelTrial = { readonly kind: "works" } | { readonly kind: "lacks"; readonly why: string };

export type DevicePlan =
  | { readonly kind: "keep"; readonly driver: DeviceDriver }
  | { readonly kind: "make"; readonly driver: DeviceDriver; readonly why: string | undefined }
  /** Another driver's device of the same name goes first. */
  | { readonly kind: "replace"; readonly driver: DeviceDriver }
  | { readonly kind: "refuse"; readonly why: string };

/** `present`: whose device of the name is there. The kernel is tried where the answer counts. */
export function planDevice(
  wish: DriverWish,
  present: DeviceDriver | undefined,
  tryKernel: () => KernelTrial,
): DevicePlan {
  if (present !== undefined && (wish === "auto" || wish === present)) return { kind: "keep", driver: present };
  if (wish !== "wireguard-go") {
    const trial = tryKernel();
    if (trial.kind === "lacks") {
      if (wish === "kernel") return { kind: "refuse", why: trial.why };
      return { kind: "make", driver: "wireguard-go", why: trial.why };
    }
  }
  const driver = wish === "wireguard-go" ? wish : "kernel";
  return present === undefined ? { kind: "make", driver, why: undefined } : { kind: "replace", driver };
}
