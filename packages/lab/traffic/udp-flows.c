/*
 * Opens many UDP flows, one datagram each from a port of its own, and holds their sockets until SIGTERM: what a table of
 * tracked flows is filled with.
 */
#include "traffic.h"

int main(int argc, char **argv) {
  static const struct option options[] = {
      {"to", 1, 0, 't'}, {"port", 1, 0, 'p'}, {"from", 1, 0, 'f'}, {"count", 1, 0, 'n'}, {0}};
  const char *to = NULL, *port = NULL, *from = NULL;
  int count = 1;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (option) {
    case 't': to = optarg; break;
    case 'p': port = optarg; break;
    case 'f': from = optarg; break;
    case 'n': count = atoi(optarg); break;
    default: exit(2);
    }
  }
  if (to == NULL || port == NULL || count < 1 || count > MOST_CONNECTIONS)
    errx(2, "--to ADDRESS --port PORT [--from ADDRESS] [--count 1...%d]", MOST_CONNECTIONS);
  raise_file_limit();
  socklen_t length;
  struct sockaddr_storage far = endpoint(to, port, &length);
  for (int index = 0; index < count; index += 1) {
    int opened = socket(far.ss_family, SOCK_DGRAM, 0);
    if (opened < 0) err(1, "socket %d", index);
    if (from != NULL) bind_to(opened, from, "0");
    struct question question = {.sequence = index, .sent = now()};
    if (sendto(opened, &question, sizeof question, 0, (struct sockaddr *)&far, length) < 0) err(1, "flow %d to %s", index, to);
  }
  end_at_sigterm();
  say_ready();
  while (!is_over) usleep(10000);
  printf("{\"held\":%d}\n", count);
  return 0;
}
