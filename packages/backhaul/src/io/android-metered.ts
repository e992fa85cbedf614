/**
 * The hint that an Android phone gives when it shares its mobile data: its DHCP server puts the text ANDROID_METERED
 * into option 43, and a client takes the link as metered. Source: NetworkManager nm-dhcp-nettools.c lease_parse_metered.
 */

const hint = "ANDROID_METERED";
const hintHex = Array.from(hint, (letter) => letter.charCodeAt(0).toString(16)).join("");

/** Whether option 43, as text or as raw bytes read as Latin-1, contains the hint. */
export function isAndroidMeteredText(option: string): boolean {
  return option.includes(hint);
}

/** The same for an option written in hexadecimal digits, with or without colons between the octets. */
export function isAndroidMeteredHex(option: string): boolean {
  return option.replaceAll(":", "").toLowerCase().includes(hintHex);
}
