/*
 * Opens TCP connections and holds them, silent, until SIGTERM. Tells when each ended and why; a server that has closed
 * its end gives "EOF".
 */
#include "traffic.h"
#include <netinet/in.h>
#include <sys/epoll.h>

struct ending {
  int64_t at;
  int reason;
};

enum { END_OF_FILE = -1 };

static struct ending endings[MOST_CONNECTIONS];
static int sockets[MOST_CONNECTIONS];

static void open_all(int count, const char *to, const char *port, const char *from, int poll) {
  socklen_t length;
  struct sockaddr_storage far = endpoint(to, port, &length);
  for (int index = 0; index < count; index += 1) {
    int opened = socket(far.ss_family, SOCK_STREAM, 0);
    if (opened < 0) err(1, "socket %d", index);
    if (from != NULL) bind_to(opened, from, "0");
    if (connect(opened, (struct sockaddr *)&far, length) != 0) err(1, "connection %d to %s", index, to);
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.u32 = index};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, opened, &event) != 0) err(1, "epoll");
    sockets[index] = opened;
  }
}

static void note_end(int index, int64_t at, int poll) {
  int reason = 0;
  socklen_t length = sizeof reason;
  char octet;
  getsockopt(sockets[index], SOL_SOCKET, SO_ERROR, &reason, &length);
  ssize_t read = reason == 0 ? recv(sockets[index], &octet, 1, MSG_DONTWAIT) : -1;
  if (read > 0 || (read < 0 && reason == 0 && errno == EAGAIN)) return;
  if (reason == 0) reason = read == 0 ? END_OF_FILE : errno;
  endings[index] = (struct ending){.at = at, .reason = reason};
  epoll_ctl(poll, EPOLL_CTL_DEL, sockets[index], NULL);
}

static int note_ends(int poll, int patience_ms) {
  struct epoll_event events[64];
  int number = epoll_wait(poll, events, 64, patience_ms);
  int64_t at = now();
  for (int index = 0; index < number; index += 1) note_end(events[index].data.u32, at, poll);
  return number;
}

static void tell_endings(int count) {
  printf("{\"held\":%d,\"ended\":[", count);
  const char *comma = "";
  for (int index = 0; index < count; index += 1) {
    int reason = endings[index].reason;
    if (reason == 0) continue;
    const char *name = reason == END_OF_FILE ? "EOF" : strerrorname_np(reason);
    // Nanoseconds do not fit into the numbers of JSON.
    printf("%s{\"index\":%d,\"at\":\"%ld\",\"reason\":\"%s\"}", comma, index, endings[index].at, name);
    comma = ",";
  }
  printf("]}\n");
}

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
  int poll = epoll_create1(0);
  open_all(count, to, port, from, poll);
  end_at_sigterm();
  be_punctual();
  say_ready();
  while (!is_over) note_ends(poll, 50);
  // What had come before the end counts.
  while (note_ends(poll, 0) > 0) continue;
  tell_endings(count);
  return 0;
}
