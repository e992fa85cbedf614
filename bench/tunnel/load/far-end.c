/*
 * What stands behind a tunnel: at one port whatever comes is sent back, at the other it is accepted and never read, with a small
 * buffer, so that whoever sends there soon has to keep it.
 */
#include "load.h"

enum { SMALL_BUFFER = 16384, ROOM = 65536 };
enum about { ECHO_LISTENER, STALL_LISTENER, ECHO_CONNECTION, STALL_CONNECTION };

static uint64_t tagged(enum about about, int socket) { return (uint64_t)about << 32 | (uint32_t)socket; }

static void open_listener(int poll, const char *address, const char *port, enum about about) {
  int opened = new_socket(SOCK_NONBLOCK);
  int on = 1, small = SMALL_BUFFER;
  setsockopt(opened, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (about == STALL_LISTENER) setsockopt(opened, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  struct sockaddr_in at = place(address, port);
  if (bind(opened, (struct sockaddr *)&at, sizeof at) != 0) err(1, "bind to %s, port %s", address, port);
  if (listen(opened, 4096) != 0) err(1, "listen");
  watch(poll, opened, EPOLLIN, tagged(about, opened));
}

static void take_all(int poll, int listener, enum about about) {
  for (int accepted; (accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
    int on = 1;
    setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(poll, accepted, about == ECHO_CONNECTION ? EPOLLIN : EPOLLRDHUP, tagged(about, accepted));
  }
}

/* What does not fit into the way back is dropped: nobody here asks more than he waits for. */
static void answer(int socket) {
  static char octets[ROOM];
  ssize_t length = recv(socket, octets, sizeof octets, MSG_DONTWAIT);
  if (length > 0) send(socket, octets, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR)) close(socket);
}

static void serve(int poll) {
  struct epoll_event events[256];
  int count = epoll_wait(poll, events, 256, 50);
  for (int index = 0; index < count; index += 1) {
    int socket = (int)(uint32_t)events[index].data.u64;
    switch ((enum about)(events[index].data.u64 >> 32)) {
    case ECHO_LISTENER: take_all(poll, socket, ECHO_CONNECTION); break;
    case STALL_LISTENER: take_all(poll, socket, STALL_CONNECTION); break;
    case ECHO_CONNECTION: answer(socket); break;
    case STALL_CONNECTION: close(socket); break;
    }
  }
}

int main(int argc, char **argv) {
  static const struct option options[] = {{"at", 1, 0, 'a'}, {"echo", 1, 0, 'e'}, {"stall", 1, 0, 's'}, {0}};
  const char *at = NULL, *echo = NULL, *stall = NULL;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (option) {
    case 'a': at = optarg; break;
    case 'e': echo = optarg; break;
    case 's': stall = optarg; break;
    default: exit(2);
    }
  }
  if (at == NULL || echo == NULL || stall == NULL) errx(2, "--at ADDRESS --echo PORT --stall PORT");
  raise_file_limit();
  end_at_sigterm();
  int poll = epoll_create1(EPOLL_CLOEXEC);
  open_listener(poll, at, echo, ECHO_LISTENER);
  open_listener(poll, at, stall, STALL_LISTENER);
  be_punctual();
  say_ready();
  while (!is_over) serve(poll);
  return 0;
}
