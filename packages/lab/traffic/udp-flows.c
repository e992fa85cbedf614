/*
 * Opens many UDP flows, each from a port of its own, and holds their sockets until SIGTERM. Each sends a datagram with the
 * flow's number, and with --every one more each so many milliseconds. With --connect each socket keeps its first source.
 */
#include "traffic.h"

static void open_flows(int *flows, int count, const struct sockaddr_storage *far, socklen_t length, const char *from, int is_connected) {
  for (int index = 0; index < count; index += 1) {
    flows[index] = socket(far->ss_family, SOCK_DGRAM, 0);
    if (flows[index] < 0) err(1, "socket %d", index);
    if (from != NULL) bind_to(flows[index], from, "0");
    if (is_connected && connect(flows[index], (const struct sockaddr *)far, length) != 0) err(1, "connect %d", index);
  }
}

int main(int argc, char **argv) {
  static const struct option options[] = {{"to", 1, 0, 't'},    {"port", 1, 0, 'p'},    {"from", 1, 0, 'f'}, {"count", 1, 0, 'n'},
                                          {"every", 1, 0, 'e'}, {"connect", 0, 0, 'c'}, {0}};
  const char *to = NULL, *port = NULL, *from = NULL;
  int count = 1, every = 0, is_connected = 0;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (option) {
    case 't': to = optarg; break;
    case 'p': port = optarg; break;
    case 'f': from = optarg; break;
    case 'n': count = atoi(optarg); break;
    case 'e': every = atoi(optarg); break;
    case 'c': is_connected = 1; break;
    default: exit(2);
    }
  }
  if (to == NULL || port == NULL || count < 1 || count > MOST_CONNECTIONS)
    errx(2, "--to ADDRESS --port PORT [--from ADDRESS] [--count 1...%d] [--every MILLISECONDS] [--connect]", MOST_CONNECTIONS);
  raise_file_limit();
  socklen_t length;
  struct sockaddr_storage far = endpoint(to, port, &length);
  static int flows[MOST_CONNECTIONS];
  open_flows(flows, count, &far, length, from, is_connected);
  end_at_sigterm();
  int64_t next = now();
  for (int round = 0; !is_over; round += 1) {
    for (int index = 0; index < count && (round == 0 || every > 0); index += 1) {
      struct question question = {.sequence = index, .sent = now()};
      const struct sockaddr *where = is_connected ? NULL : (struct sockaddr *)&far;
      ssize_t sent = sendto(flows[index], &question, sizeof question, 0, where, is_connected ? 0 : length);
      // Later rounds go on whatever happens to the line.
      if (sent < 0 && round == 0) err(1, "flow %d to %s", index, to);
    }
    if (round == 0) say_ready();
    next += (int64_t)(every > 0 ? every : 10) * 1000000;
    sleep_until(next);
  }
  printf("{\"held\":%d}\n", count);
  return 0;
}
