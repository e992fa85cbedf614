/** How much each kind of uplink is liked, whatever was measured of it: the policy bias of the score, and the order of equals. */
import type { UplinkKind } from "../status.ts";

/**
 * Ethernet to Bluetooth as in the seed (004 "Interface Scoring"). A virtual link (bridge, bond, VLAN) mostly stands on
 * wired ports; of an unknown one nothing is known, so it ranks behind what is a network of its own and before a phone's
 * battery.
 */
export const kindBias: Readonly<Record<UplinkKind, number>> = {
  ethernet: 100,
  virtual: 90,
  wifi: 80,
  lte: 60,
  unknown: 50,
  "usb-tether": 40,
  "bluetooth-pan": 40,
};

/** What an uplink of the kind is said to be: "wan0 is …". */
export const kindNames: Readonly<Record<UplinkKind, string>> = {
  ethernet: "Ethernet",
  virtual: "a virtual link",
  wifi: "Wi-Fi",
  lte: "LTE",
  unknown: "of unknown kind",
  "usb-tether": "a USB tether",
  "bluetooth-pan": "a Bluetooth tether",
};
