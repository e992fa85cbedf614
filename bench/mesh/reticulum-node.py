"""One node of a chain of Reticulum on TCP: listens, dials the node before it, announces when it is told to, and says what it hears."""
import os
import sys
import time

import RNS

folder, listen_port, dial_port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def say(*words):
    print("node", time.monotonic_ns(), *words, flush=True)


def interface(name, kind, settings):
    lines = [f"  [[{name}]]", f"    type = {kind}", "    enabled = Yes"]
    return "\n".join(lines + [f"    {key} = {value}" for key, value in settings.items()])


def configuration():
    parts = ["[reticulum]\n  enable_transport = Yes\n  share_instance = No", "[logging]\n  loglevel = 0", "[interfaces]"]
    parts.append(interface("listener", "TCPServerInterface", {"listen_ip": "127.0.0.1", "listen_port": listen_port}))
    if dial_port > 0:
        target = {"target_host": "127.0.0.1", "target_port": dial_port}
        parts.append(interface("dialler", "TCPClientInterface", target))
    return "\n".join(parts) + "\n"


class Listener:
    aspect_filter = None

    def received_announce(self, destination_hash, announced_identity, app_data):
        say("heard", destination_hash.hex())


def links():
    """Of both directions: what the listener accepts is a client's interface, too."""
    return sum(1 for one in RNS.Transport.interfaces if type(one).__name__ == "TCPClientInterface" and one.online)


os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "config"), "w", encoding="utf-8") as file:
    file.write(configuration())
RNS.Reticulum(folder)
destination = RNS.Destination(RNS.Identity(), RNS.Destination.IN, RNS.Destination.SINGLE, "ropewalk", "bench")
RNS.Transport.register_announce_handler(Listener())
say("ready", destination.hash.hex())
for order in sys.stdin:
    if order.strip() == "links":
        say("links", links())
    if order.strip() == "announce":
        say("announces")
        destination.announce()
