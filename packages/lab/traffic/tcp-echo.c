/*
 * Accepts TCP connections of both families and sends back whatever comes; one that says nothing is held for ever.
 */
#include "traffic.h"
#include <netinet/in.h>
#include <sys/epoll.h>

static void watch(int poll, int socket) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = socket};
  if (epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event) != 0) err(1, "epoll");
}

static int open_listener(const char *port) {
  int opened = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (opened < 0) err(1, "socket");
  int off = 0;
  int on = 1;
  setsockopt(opened, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  setsockopt(opened, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  bind_to(opened, "::", port);
  if (listen(opened, 4096) != 0) err(1, "listen");
  return opened;
}

/* What does not fit into the way back is dropped: whoever asks so much does not wait for answers. */
static void answer(int socket) {
  char octets[4096];
  ssize_t length = recv(socket, octets, sizeof octets, MSG_DONTWAIT);
  if (length > 0) send(socket, octets, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR)) close(socket);
}

int main(int argc, char **argv) {
  static const struct option options[] = {{"port", 1, 0, 'p'}, {0}};
  const char *port = NULL;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (option != 'p') exit(2);
    port = optarg;
  }
  if (port == NULL) errx(2, "--port PORT");
  raise_file_limit();
  int listener = open_listener(port);
  int poll = epoll_create1(0);
  watch(poll, listener);
  end_at_sigterm();
  say_ready();
  while (!is_over) {
    struct epoll_event events[64];
    int count = epoll_wait(poll, events, 64, 50);
    for (int index = 0; index < count; index += 1) {
      if (events[index].data.fd != listener) {
        answer(events[index].data.fd);
        continue;
      }
      int accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
      if (accepted >= 0) watch(poll, accepted);
    }
  }
  printf("{}\n");
  return 0;
}
