/*
 * Many connections that stay: each has sent one octet and got it back, and is silent from then on; with --fill each sends as much
 * as is taken, for ever. Tells {"open","failed","octets"}: how many were there, never came or ended by themselves, and what was taken.
 */
#include "load.h"

enum { AT_ONCE = 64, CHUNK = 65536, SMALL_BUFFER = 16384 };

struct plan {
  struct sockaddr_in to;
  int count, fills;
};

static int poll_all, begun, there, failed;
static uint64_t octets;
static char *is_there;
static int *sockets;

static void begin(const struct plan *plan) {
  int number = begun++;
  sockets[number] = new_socket(SOCK_NONBLOCK);
  // The tunnel shall hold what is sent, and not the kernel in front of it.
  int small = SMALL_BUFFER;
  if (plan->fills) setsockopt(sockets[number], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  if (connect(sockets[number], (const struct sockaddr *)&plan->to, sizeof plan->to) != 0 && errno != EINPROGRESS) err(1, "connect");
  watch(poll_all, sockets[number], EPOLLOUT, number);
}

static void await(int number, uint32_t what) {
  struct epoll_event event = {.events = what, .data.u64 = number};
  epoll_ctl(poll_all, EPOLL_CTL_MOD, sockets[number], &event);
}

static void leave(int number) {
  if (is_there[number]) there -= 1;
  is_there[number] = 0;
  failed += 1;
  close(sockets[number]);
}

static void come(int number) {
  if (!is_there[number]) there += 1;
  is_there[number] = 1;
}

static void fill(int number) {
  static const char nothing[CHUNK];
  ssize_t length;
  while ((length = send(sockets[number], nothing, sizeof nothing, MSG_NOSIGNAL)) > 0) octets += length;
  if (errno != EAGAIN) leave(number);
  else come(number);
}

static void on_event(const struct plan *plan, int number, uint32_t events) {
  char octet;
  if ((events & EPOLLOUT) != 0 && plan->fills) fill(number);
  else if ((events & EPOLLOUT) != 0) {
    if (send(sockets[number], "x", 1, MSG_NOSIGNAL) == 1) await(number, EPOLLIN);
    else leave(number);
  } else if (recv(sockets[number], &octet, 1, 0) == 1) come(number);
  else leave(number);
}

static void run(const struct plan *plan) {
  int has_said = 0;
  while (!is_over) {
    while (begun < plan->count && begun < there + failed + AT_ONCE) begin(plan);
    if (!has_said && there + failed >= plan->count) say_ready(), has_said = 1;
    struct epoll_event events[256];
    int count = epoll_wait(poll_all, events, 256, 50);
    for (int index = 0; index < count; index += 1) on_event(plan, (int)events[index].data.u64, events[index].events);
  }
}

int main(int argc, char **argv) {
  static const struct option options[] = {
      {"to", 1, 0, 't'}, {"port", 1, 0, 'p'}, {"count", 1, 0, 'n'}, {"fill", 0, 0, 'f'}, {0}};
  struct plan plan = {0};
  const char *to = NULL, *port = NULL;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (option) {
    case 't': to = optarg; break;
    case 'p': port = optarg; break;
    case 'n': plan.count = atoi(optarg); break;
    case 'f': plan.fills = 1; break;
    default: exit(2);
    }
  }
  if (to == NULL || port == NULL || plan.count < 1) errx(2, "--to ADDRESS --port PORT --count N [--fill]");
  plan.to = place(to, port);
  raise_file_limit();
  sockets = calloc(plan.count, sizeof *sockets);
  is_there = calloc(plan.count, 1);
  poll_all = epoll_create1(EPOLL_CLOEXEC);
  if (sockets == NULL || is_there == NULL || poll_all < 0) errx(1, "no room for %d connections", plan.count);
  end_at_sigterm();
  run(&plan);
  printf("{\"open\":%d,\"failed\":%d,\"octets\":%lu}\n", there, failed, octets);
  return 0;
}
