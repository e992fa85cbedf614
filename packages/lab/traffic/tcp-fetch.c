/*
 * Downloads without end from tcp-source, in pieces, each by a connection of its own. When a connection breaks, or is silent
 * for longer than the patience, the rest of its piece comes by the next one. It tells as it goes: "octets TOTAL TIME" at most
 * each 20 ms, "pause FROM TO" behind each time without an octet, "broken REASON TIME" at each connection that failed.
 */
#include "traffic.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>

enum { TELL_EVERY = NANOS / 50, PAUSE = NANOS / 50, REST = NANOS / 100, LOOK_EVERY_MS = 20 };

struct plan {
  const char *to, *port;
  uint64_t piece;
  int64_t patience;
};

static uint64_t octets, connections, broken;
static int64_t last_octet, last_told;
static uint8_t last_address[16];

static void tell_octets(int64_t at) {
  printf("octets %lu %ld\n", octets, at);
  fflush(stdout);
  last_told = at;
}

static void tell_pause(int64_t at) {
  if (last_octet == 0 || at - last_octet < PAUSE) return;
  printf("pause %ld %ld\n", last_octet, at);
  fflush(stdout);
}

/* At the first octet of a connection: by which address of this host it came. */
static void tell_way(int socket, int64_t at) {
  struct sockaddr_storage local;
  socklen_t length = sizeof local;
  uint8_t address[16];
  if (getsockname(socket, (struct sockaddr *)&local, &length) != 0) return;
  if (local.ss_family == AF_INET) mapped(((struct sockaddr_in *)&local)->sin_addr, address);
  else memcpy(address, &((struct sockaddr_in6 *)&local)->sin6_addr, 16);
  if (memcmp(address, last_address, sizeof address) != 0) say_address(address, at);
  memcpy(last_address, address, sizeof address);
}

/* 0 while nothing is wrong. */
static int wait_for(int socket, short events, int64_t patience, int64_t since) {
  struct pollfd wait = {.fd = socket, .events = events};
  while (!is_over) {
    if (poll(&wait, 1, LOOK_EVERY_MS) > 0) {
      int failure = 0;
      socklen_t length = sizeof failure;
      getsockopt(socket, SOL_SOCKET, SO_ERROR, &failure, &length);
      return failure;
    }
    if (now() - since > patience) return ETIMEDOUT;
  }
  return ECANCELED;
}

static int begin(int socket, const struct sockaddr_storage *far, socklen_t length, uint64_t want, int64_t patience) {
  connections += 1;
  if (connect(socket, (const struct sockaddr *)far, length) != 0 && errno != EINPROGRESS) return errno;
  int failure = wait_for(socket, POLLOUT, patience, now());
  if (failure != 0) return failure;
  return send(socket, &want, sizeof want, MSG_NOSIGNAL) == (ssize_t)sizeof want ? 0 : errno;
}

/* Takes what is left of the piece; returns why it did not come whole, or 0. */
static int take(int socket, uint64_t *left, int64_t patience) {
  static char room[65536];
  int is_first = 1;
  int64_t since = now();
  while (*left > 0) {
    int failure = wait_for(socket, POLLIN, patience, since);
    if (failure != 0) return failure;
    ssize_t length = recv(socket, room, sizeof room, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (length < 0) return errno;
    if (length == 0) return ECONNRESET;
    since = now();
    if (is_first) tell_way(socket, since);
    is_first = 0;
    tell_pause(since);
    last_octet = since;
    octets += length;
    *left -= (uint64_t)length < *left ? (uint64_t)length : *left;
    if (since - last_told >= TELL_EVERY) tell_octets(since);
  }
  return 0;
}

static void run(const struct plan *plan) {
  socklen_t length;
  struct sockaddr_storage far = endpoint(plan->to, plan->port, &length);
  int in_a_row = 0;
  for (uint64_t left = plan->piece; !is_over; left = left == 0 ? plan->piece : left) {
    int opened = socket(far.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (opened < 0) err(1, "socket");
    int failure = begin(opened, &far, length, left, plan->patience);
    if (failure == 0) failure = take(opened, &left, plan->patience);
    close(opened);
    in_a_row = failure == 0 ? 0 : in_a_row + 1;
    if (failure == 0 || is_over) continue;
    broken += 1;
    const char *name = strerrorname_np(failure);
    printf("broken %s %ld\n", name == NULL ? "other" : name, now());
    fflush(stdout);
    // The first new attempt is at once; who is refused again does not ask without rest.
    if (in_a_row > 1) sleep_until(now() + REST);
  }
}

int main(int argc, char **argv) {
  static const struct option options[] = {
      {"to", 1, 0, 't'}, {"port", 1, 0, 'p'}, {"piece", 1, 0, 's'}, {"patience", 1, 0, 'w'}, {0}};
  struct plan plan = {.piece = 4 << 20, .patience = 5 * (int64_t)NANOS};
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (option) {
    case 't': plan.to = optarg; break;
    case 'p': plan.port = optarg; break;
    case 's': plan.piece = strtoull(optarg, NULL, 10); break;
    case 'w': plan.patience = atoll(optarg) * (NANOS / 1000); break;
    default: exit(2);
    }
  }
  if (plan.to == NULL || plan.port == NULL || plan.piece == 0)
    errx(2, "--to ADDRESS --port PORT [--piece OCTETS] [--patience MILLISECONDS]");
  end_at_sigterm();
  be_punctual();
  say_ready();
  run(&plan);
  printf("{\"octets\":%lu,\"connections\":%lu,\"broken\":%lu}\n", octets, connections, broken);
  return 0;
}
