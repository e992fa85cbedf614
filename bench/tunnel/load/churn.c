/*
 * Opens and closes connections, some at a time: each sends 64 octets, gets them back, and closes. Tells {"done","failed","nanos"}.
 */
#include "load.h"

struct plan {
  struct sockaddr_in to;
  long count;
  int at_once;
};

static int poll_all;
static long begun, done, failed;

static void begin(const struct plan *plan) {
  begun += 1;
  int opened = new_socket(SOCK_NONBLOCK);
  if (connect(opened, (const struct sockaddr *)&plan->to, sizeof plan->to) == 0 || errno == EINPROGRESS) {
    watch(poll_all, opened, EPOLLOUT, opened);
    return;
  }
  close(opened);
  failed += 1;
}

static void end(int socket, long *counter) {
  close(socket);
  *counter += 1;
}

static void on_event(int socket, uint32_t events) {
  char octets[MESSAGE] = {0};
  if ((events & EPOLLOUT) != 0) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = socket};
    epoll_ctl(poll_all, EPOLL_CTL_MOD, socket, &event);
    if (send(socket, octets, sizeof octets, MSG_NOSIGNAL) != MESSAGE) end(socket, &failed);
    return;
  }
  // What comes in two pieces is waited for.
  ssize_t length = recv(socket, octets, sizeof octets, MSG_PEEK);
  if (length == MESSAGE) end(socket, &done);
  else if (length <= 0) end(socket, &failed);
}

int main(int argc, char **argv) {
  static const struct option options[] = {
      {"to", 1, 0, 't'}, {"port", 1, 0, 'p'}, {"count", 1, 0, 'n'}, {"at-once", 1, 0, 'a'}, {0}};
  struct plan plan = {.at_once = 16};
  const char *to = NULL, *port = NULL;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (option) {
    case 't': to = optarg; break;
    case 'p': port = optarg; break;
    case 'n': plan.count = atol(optarg); break;
    case 'a': plan.at_once = atoi(optarg); break;
    default: exit(2);
    }
  }
  if (to == NULL || port == NULL || plan.count < 1) errx(2, "--to ADDRESS --port PORT --count N [--at-once N]");
  plan.to = place(to, port);
  raise_file_limit();
  end_at_sigterm();
  poll_all = epoll_create1(EPOLL_CLOEXEC);
  int64_t began = now();
  while (done + failed < plan.count && !is_over) {
    while (begun < plan.count && begun < done + failed + plan.at_once) begin(&plan);
    struct epoll_event events[64];
    int count = epoll_wait(poll_all, events, 64, 50);
    for (int index = 0; index < count; index += 1) on_event((int)events[index].data.u64, events[index].events);
  }
  printf("{\"done\":%ld,\"failed\":%ld,\"nanos\":%ld}\n", done, failed, now() - began);
  return 0;
}
