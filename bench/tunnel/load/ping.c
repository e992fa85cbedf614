/*
 * How long 64 octets take there and back. On one connection: one after another, or with --every by a clock that does not wait for
 * answers, so that a stall is seen by all that it delays. With --connect each has a connection of its own, and its time begins
 * before that. Tells {"began","sent","failed","broken","nanos":[...]}, of which the first is when message 0 was due on
 * CLOCK_MONOTONIC; the first --warm are not told.
 */
#include "load.h"

enum { PATIENCE_MS = 10000 };

struct plan {
  struct sockaddr_in to;
  long count, warm;
  int64_t every;
  int connects;
};

static int64_t *nanos, first;
static long sent, failed, kept;
static int broken;

static int opened_to(const struct sockaddr_in *to) {
  int opened = new_socket(0);
  struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
  setsockopt(opened, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(opened, (const struct sockaddr *)to, sizeof *to) == 0) return opened;
  close(opened);
  return -1;
}

static void keep(const struct plan *plan, long number, int64_t took) {
  if (number >= plan->warm) nanos[kept++] = took;
}

static int ask(int socket) {
  char octets[MESSAGE] = {0};
  return send(socket, octets, sizeof octets, MSG_NOSIGNAL) == MESSAGE &&
         recv(socket, octets, sizeof octets, MSG_WAITALL) == MESSAGE;
}

static void one_after_another(const struct plan *plan, int socket) {
  for (; sent < plan->count && !is_over && !broken; sent += 1) {
    int64_t began = now();
    if (ask(socket)) keep(plan, sent, now() - began);
    else broken = 1, failed += 1;
  }
}

static void each_connecting(const struct plan *plan) {
  for (; sent < plan->count && !is_over; sent += 1) {
    int64_t began = now();
    int socket = opened_to(&plan->to);
    if (socket >= 0 && ask(socket)) keep(plan, sent, now() - began);
    else failed += 1;
    if (socket >= 0) close(socket);
  }
}

/* Message N was due at first + N x every: that is when its time begins. */
static void by_clock(const struct plan *plan, int socket) {
  char octets[MESSAGE];
  first = now();
  long answered = 0;
  size_t filled = 0;
  while ((answered < sent || sent < plan->count) && !broken) {
    int64_t due = first + sent * plan->every, moment = now();
    int may_send = sent < plan->count && !is_over;
    if (may_send && moment >= due) {
      memset(octets, 0, sizeof octets);
      if (send(socket, octets, sizeof octets, MSG_NOSIGNAL) != MESSAGE) broken = 1;
      sent += 1;
      continue;
    }
    if (!may_send && answered == sent) break;
    int64_t left = may_send ? due - moment : (int64_t)PATIENCE_MS * MICRO * 1000;
    struct timespec wait = {.tv_sec = left / NANOS, .tv_nsec = left % NANOS};
    struct pollfd readable = {.fd = socket, .events = POLLIN};
    int count = ppoll(&readable, 1, &wait, NULL);
    if (count == 0 && !may_send) break;
    if (count <= 0) continue;
    ssize_t length = recv(socket, octets, sizeof octets - filled, MSG_DONTWAIT);
    if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR)) broken = 1;
    filled += length > 0 ? (size_t)length : 0;
    if (filled < MESSAGE) continue;
    filled = 0;
    keep(plan, answered, now() - (first + answered * plan->every));
    answered += 1;
  }
  failed = sent - answered;
}

static void tell(void) {
  printf("{\"began\":\"%ld\",\"sent\":%ld,\"failed\":%ld,\"broken\":%d,\"nanos\":[", first, sent, failed, broken);
  for (long index = 0; index < kept; index += 1) printf(index == 0 ? "%ld" : ",%ld", nanos[index]);
  printf("]}\n");
}

int main(int argc, char **argv) {
  static const struct option options[] = {{"to", 1, 0, 't'},   {"port", 1, 0, 'p'},  {"count", 1, 0, 'n'}, {"warm", 1, 0, 'w'},
                                          {"every", 1, 0, 'e'}, {"connect", 0, 0, 'c'}, {0}};
  struct plan plan = {.count = 1};
  const char *to = NULL, *port = NULL;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (option) {
    case 't': to = optarg; break;
    case 'p': port = optarg; break;
    case 'n': plan.count = atol(optarg); break;
    case 'w': plan.warm = atol(optarg); break;
    case 'e': plan.every = atol(optarg) * (int64_t)MICRO; break;
    case 'c': plan.connects = 1; break;
    default: exit(2);
    }
  }
  if (to == NULL || port == NULL) errx(2, "--to ADDRESS --port PORT [--count N] [--warm N] [--every MICROSECONDS] [--connect]");
  plan.to = place(to, port);
  nanos = calloc(plan.count, sizeof *nanos);
  if (nanos == NULL) errx(1, "no memory for %ld times", plan.count);
  end_at_sigterm();
  be_punctual();
  int socket = plan.connects ? -1 : opened_to(&plan.to);
  if (plan.connects) each_connecting(&plan);
  else if (socket < 0) broken = 1;
  else if (plan.every > 0) by_clock(&plan, socket);
  else one_after_another(&plan, socket);
  tell();
  return 0;
}
