/**
 * What udhcpc runs whenever its lease changes. It keeps the address and writes the lease down, and never a route or a list of
 * resolvers: those are the plan's. It is a script, and no part of the daemon, so that a lease is renewed while the daemon is dead.
 */

/**
 * Arguments and environment: udhcpc(8). Whatever the server said is in quoted variables and evaluated by nobody. A lease bears the
 * process that got it, because a client that begins says `deconfig` too, and must not take away what it was started to take over.
 */
export const leaseScript = `#!/bin/sh
# Written by Ropewalk, for udhcpc: docs/operating/addresses.md says what it does.
PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin:/run/current-system/sw/bin
export PATH
umask 077
file=\${0%/*}/$interface.lease
held=$(sed -n 's/^address=//p' "$file" 2>/dev/null)

write() {
  printf '%s\\n' "client=$PPID" "address=$own" "resolvers=$dns" "routers=$router" "routes=$staticroutes" \\
    "vendor=$opt43" >"$file.draft" && mv -f "$file.draft" "$file"
}

hold() {
  ip -4 address replace "$own" dev "$interface" noprefixroute valid_lft "$lease" preferred_lft "$lease"
}

case $1 in
  bound | renew)
    own=$ip/\${mask:-32}
    case $ip in 0.* | 127.* | 22[4-9].* | 2[345]?.*) exit 1 ;; esac
    # What cannot be written down is held only if it is what is written there already.
    write || [ "$held" = "$own" ] || exit 1
    hold || exit 1
    case $held in "" | "$own") exit 0 ;; esac
    # Of one network the later address goes with the earlier one (promote_secondaries of ip-sysctl.rst), and is set again.
    ip -4 address delete "$held" dev "$interface"
    hold
    ;;
  deconfig)
    grep -qx "client=$PPID" "$file" 2>/dev/null || exit 0
    # Behind the address, which has its routes as long as the lease is written down.
    ip -4 address delete "$held" dev "$interface"
    rm -f "$file"
    ;;
esac
`;
