/*
 * Serves downloads: a connection begins with a number of octets, gets as many at a steady pace, and is closed. The kernel
 * paces (SO_MAX_PACING_RATE): what is measured behind it is the line and not the machine.
 */
#include "traffic.h"
#include <netinet/in.h>
#include <pthread.h>

static uint64_t pace;

static void *serve(void *argument) {
  static const char octets[65536];
  int socket = (int)(intptr_t)argument;
  uint64_t left = 0;
  if (recv(socket, &left, sizeof left, MSG_WAITALL) != (ssize_t)sizeof left) left = 0;
  while (left > 0) {
    ssize_t sent = send(socket, octets, left < sizeof octets ? left : sizeof octets, MSG_NOSIGNAL);
    if (sent < 0) break;
    left -= sent;
  }
  close(socket);
  return NULL;
}

static int open_listener(const char *port) {
  int opened = socket(AF_INET6, SOCK_STREAM, 0);
  if (opened < 0) err(1, "socket");
  int off = 0;
  int on = 1;
  int queue = 1 << 18;
  setsockopt(opened, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  setsockopt(opened, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Inherited by what it accepts.
  setsockopt(opened, SOL_SOCKET, SO_SNDBUF, &queue, sizeof queue);
  setsockopt(opened, SOL_SOCKET, SO_MAX_PACING_RATE, &pace, sizeof pace);
  bind_to(opened, "::", port);
  if (listen(opened, 64) != 0) err(1, "listen");
  return opened;
}

int main(int argc, char **argv) {
  static const struct option options[] = {{"port", 1, 0, 'p'}, {"pace", 1, 0, 'r'}, {0}};
  const char *port = NULL;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (option) {
    case 'p': port = optarg; break;
    case 'r': pace = strtoull(optarg, NULL, 10); break;
    default: exit(2);
    }
  }
  if (port == NULL || pace == 0) errx(2, "--port PORT --pace OCTETS_A_SECOND");
  int listener = open_listener(port);
  end_at_sigterm();
  say_ready();
  while (!is_over) {
    int accepted = accept(listener, NULL, NULL);
    pthread_t thread;
    if (accepted >= 0 && pthread_create(&thread, NULL, serve, (void *)(intptr_t)accepted) == 0) pthread_detach(thread);
  }
  printf("{}\n");
  fflush(stdout);
  // Without waiting for those whose far end is silent.
  _exit(0);
}
