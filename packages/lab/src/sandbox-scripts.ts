/**
 * The two shell programs that need no more than a POSIX shell and mount: init, and what sets up one host. They take
 * everything that varies as arguments, so no text is ever spliced into them.
 */

/**
 * Process 1. Arguments: the host program, resolv.conf, hosts. Reads a host a line, its name and settings, and ends with
 * its input. It waits in the foreground, so that orphans of the lab are reaped.
 */
export const initScript = `
exec 3<&0
echo "lab $$"
(
  while read -r name settings <&3; do
    (unshare --net --mount --uts sh -c "$1" lab-host "$name" "$2" "$3" "$settings" 3<&- || echo "$name failed") &
  done
) &
wait $!
`;

/**
 * A host. Arguments: name, resolv.conf, hosts, settings ("path=value" under /proc/sys). Its own /sys shows its own links; /run and the places where DHCP clients
 * and network managers keep leases start empty, so that nothing of the machine shows through and no two daemons collide.
 */
export const hostScript = `
set -e
hostname "$1"
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lab/state /run/lab/runtime /run/lock
chmod 700 /run/lab/state /run/lab/runtime
for place in /var/lib/dhcp /var/lib/dhcpcd /var/lib/misc /var/lib/NetworkManager; do
  if [ -d "$place" ]; then mount -t tmpfs tmpfs "$place"; fi
done
printf '%s' "$2" >/run/lab/resolv.conf
printf '%s' "$3" >/run/lab/hosts
for name in resolv.conf hosts; do
  file=$(readlink -f "/etc/$name")
  if [ ! -e "$file" ]; then mkdir -p "\${file%/*}"; : >"$file"; fi
  mount --bind "/run/lab/$name" "$file"
done
for setting in $4; do echo "\${setting#*=}" >"/proc/sys/\${setting%%=*}"; done
ip link set lo up
echo "$1 $$"
exec sleep infinity
`;
